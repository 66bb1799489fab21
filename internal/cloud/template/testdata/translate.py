"""Transforms a SAM template as CloudFormation does, and prints the types it gives."""

import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

with open(sys.argv[1]) as f:
    template = yaml_parse(f.read())
# The translator takes code that was uploaded, not a folder.
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
out = Translator({}, Parser()).translate(template, {})
json.dump(out["Resources"], sys.stdout)
