package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// terraformTrail is a trail as people write it.
const terraformTrail = `
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  s3_use_path_style = true
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:GetBucketAcl", Resource = aws_s3_bucket.logs.arn },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = "s3:PutObject", Resource = "${aws_s3_bucket.logs.arn}/*",
        Condition = { StringEquals = { "s3:x-amz-acl" = "bucket-owner-full-control" } } },
    ]
  })
}
resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.logs.id
  is_multi_region_trail      = true
  enable_log_file_validation = true
  tags                       = { team = "audit" }
  insight_selector { insight_type = "ApiCallRateInsight" }
  advanced_event_selector {
    name = "management"
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }
  advanced_event_selector {
    name = "objects"
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
  depends_on = [aws_s3_bucket_policy.logs]
}
resource "aws_cloudtrail" "basic" {
  name           = "basic"
  s3_bucket_name = aws_s3_bucket.logs.id
  s3_key_prefix  = "basic"
  event_selector {
    read_write_type = "WriteOnly"
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:aws:s3:::terraform-logs/"]
    }
  }
  depends_on = [aws_s3_bucket_policy.logs]
}
resource "aws_cloudwatch_event_rule" "stops" {
  name          = "stops"
  event_pattern = jsonencode({ source = ["aws.cloudtrail"], detail = { eventName = ["StopLogging"] } })
}
resource "aws_cloudwatch_event_target" "heard" {
  rule = aws_cloudwatch_event_rule.stops.name
  arn  = aws_sqs_queue.heard.arn
}
resource "aws_sqs_queue" "dead" {
  name = "heard-dead"
}
resource "aws_sqs_queue" "heard" {
  name                       = "heard"
  visibility_timeout_seconds = 0
  tags                       = { team = "audit" }
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
}
resource "aws_sqs_queue" "ordered" {
  name                        = "ordered.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
}
resource "aws_sqs_queue_policy" "heard" {
  queue_url = aws_sqs_queue.heard.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sqs:SendMessage", Resource = aws_sqs_queue.heard.arn },
    ]
  })
}
`

// providers is a folder with terraform's AWS provider, so that the test needs no
// network: TRAILHAND_TF_PLUGINS, or a mirror where packages are installed by hand.
func providers(t *testing.T) string {
	t.Helper()
	mirrors, err := filepath.Glob("/opt/*/registry.terraform.io/hashicorp/aws")
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("TRAILHAND_TF_PLUGINS"); dir != "" {
		return dir
	}
	if len(mirrors) == 0 {
		t.Skip("TRAILHAND_TF_PLUGINS names no folder with terraform's AWS provider: what it expects of the account goes unchecked here")
	}
	return filepath.Join(mirrors[0], "..", "..", "..")
}

// workspace writes terraform's files, and gives how to run it there.
func workspace(t *testing.T, l *local) func(args ...string) (string, error) {
	t.Helper()
	dir, plugins := t.TempDir(), providers(t)
	settings := filepath.Join(dir, "terraform.rc")
	mirror := fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", plugins)
	for path, text := range map[string]string{settings: mirror, filepath.Join(dir, "main.tf"): terraformTrail} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("TF_CLI_CONFIG_FILE", settings)
	t.Setenv("TF_INPUT", "0")
	return func(args ...string) (string, error) {
		t.Helper()
		return l.try(t, "terraform", append([]string{"-chdir=" + dir}, args...)...)
	}
}

func TestTerraformIsServed(t *testing.T) {
	l := startLocal(t, "--delivery-interval", "1h") // no log file comes while terraform empties the bucket
	try := workspace(t, l)
	must := func(args ...string) {
		t.Helper()
		if out, err := try(args...); err != nil {
			t.Fatalf("terraform %s: %v\n%s\nstderr of local: %s", strings.Join(args, " "), err, out, l.stderr(t))
		}
	}
	// plan has exit code 0 for no difference, and 2 for some.
	plan := func(when string, want int, of string) {
		t.Helper()
		out, err := try("plan", "-no-color", "-detailed-exitcode")
		if code := exitCode(err); code != want || !strings.Contains(out, of) {
			t.Fatalf("%s: plan exits with %d, want %d and %q:\n%s", when, code, want, of, out)
		}
	}
	must("init", "-no-color")
	must("apply", "-auto-approve", "-no-color")
	plan("after apply", 0, "No changes")
	state, err := try("show", "-json")
	if err != nil {
		t.Fatalf("terraform show: %v", err)
	}
	exportsAsDesired(t, l, state)
	l.tool(t, "aws", "cloudtrail", "stop-logging", "--name", "audit")
	url := l.tool(t, "aws", "sqs", "get-queue-url", "--queue-name", "heard", "--output", "text")
	l.tool(t, "aws", "sqs", "untag-queue", "--queue-url", url, "--tag-keys", "team")
	l.tool(t, "aws", "cloudtrail", "put-event-selectors", "--trail-name", "basic", "--event-selectors", `[{"ReadWriteType":"ReadOnly"}]`)
	plan("after somebody stopped it", 2, "enable_logging")
	must("apply", "-auto-approve", "-no-color")
	plan("after the repair", 0, "No changes")
	if got := l.tool(t, "aws", "cloudtrail", "get-trail-status", "--name", "audit", "--query", "IsLogging"); got != "true" {
		t.Errorf("the repaired trail is logging: %s", got)
	}
	must("state", "rm", "aws_cloudtrail.audit")
	must("import", "-no-color", "aws_cloudtrail.audit", "arn:aws:cloudtrail:us-east-1:123456789012:trail/audit")
	plan("after import", 0, "No changes")
	must("destroy", "-auto-approve", "-no-color")
	l.undeliverable = true
	if got := l.tool(t, "aws", "cloudtrail", "describe-trails", "--query", "trailList[].Name", "--output", "text"); got != "" {
		t.Errorf("after destroy there are %s", got)
	}
}

func exitCode(err error) int {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
