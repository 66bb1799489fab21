package operations

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB) *Table {
	t.Helper()
	table, err := Open()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestRequestsAreNamed(t *testing.T) {
	table := open(t)
	for _, c := range []struct {
		name, service string
		method, uri   string
		target, form  string
		source, event string // empty: not known
		access        Access
		labels        map[string]string
	}{
		{name: "JSON by its target", service: "dynamodb", method: "POST", uri: "/", target: "DynamoDB_20120810.CreateTable", source: "dynamodb", event: "CreateTable", access: Write},
		{name: "the model says what reads", service: "logs", method: "POST", uri: "/", target: "Logs_20140328.DescribeLogGroups", source: "logs", event: "DescribeLogGroups", access: Read},
		{name: "two services with one target", service: "timestream", method: "POST", uri: "/", target: "Timestream_20181101.WriteRecords", source: "timestream", event: "WriteRecords", access: Write},
		{name: "an endpoint that is not the source", service: "ecr", method: "POST", uri: "/", target: "AmazonEC2ContainerRegistry_V20150921.PutImage", source: "ecr", event: "PutImage", access: Write},
		{name: "query by its action", service: "ec2", method: "POST", uri: "/", form: "Action=RunInstances&Version=2016-11-15", source: "ec2", event: "RunInstances", access: Write},
		{name: "query that reads", service: "iam", method: "POST", uri: "/", form: "Action=ListUsers&Version=2010-05-08", source: "iam", event: "ListUsers", access: Read},
		{name: "query of two versions under one signing name", service: "elasticloadbalancing", method: "POST", uri: "/", form: "Action=DescribeTags&Version=2015-12-01", source: "elasticloadbalancing", event: "DescribeTags", access: Read},
		{name: "SES", service: "ses", method: "POST", uri: "/", form: "Action=SendEmail&Version=2010-12-01", source: "ses", event: "SendEmail", access: Write},
		{name: "REST by method and path", service: "lambda", method: "POST", uri: "/2015-03-31/functions/my-fn/invocations", source: "lambda", event: "Invoke", access: Unknown, labels: map[string]string{"FunctionName": "my-fn"}},
		{name: "REST with an encoded label", service: "lambda", method: "GET", uri: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A1%3Afunction%3Af", source: "lambda", event: "GetFunction20150331v2", access: Read, labels: map[string]string{"FunctionName": "arn:aws:lambda:us-east-1:1:function:f"}},
		{name: "REST of a text before REST of a label", service: "apigateway", method: "POST", uri: "/restapis", source: "apigateway", event: "CreateRestApi", access: Write, labels: map[string]string{}},
		{name: "REST with a query that decides", service: "apigateway", method: "POST", uri: "/restapis?mode=import", source: "apigateway", event: "ImportRestApi", access: Write, labels: map[string]string{}},
		{name: "REST of a second service of a signing name", service: "ses", method: "POST", uri: "/v2/email/outbound-emails", source: "ses", event: "SendEmail", access: Write, labels: map[string]string{}},
		{name: "RPC v2 CBOR by its path", service: "monitoring", method: "POST", uri: "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm", source: "monitoring", event: "PutMetricAlarm", access: Write},
		{name: "a write by its verb that AWS calls a read", service: "logs", method: "POST", uri: "/", target: "Logs_20140328.StartQuery", source: "logs", event: "StartQuery", access: Read},
		{name: "a read that no verb shows", service: "athena", method: "POST", uri: "/", target: "AmazonAthena.BatchGetNamedQuery", source: "athena", event: "BatchGetNamedQuery", access: Read},
		{name: "a target that nobody has", service: "dynamodb", method: "POST", uri: "/", target: "DynamoDB_20120810.Nothing"},
		{name: "a target of an unknown service", service: "dynamodb", method: "POST", uri: "/", target: "Nobody.CreateTable"},
		{name: "a target without a dot", service: "dynamodb", method: "POST", uri: "/", target: "CreateTable"},
		{name: "an action of another service", service: "iam", method: "POST", uri: "/", form: "Action=RunInstances&Version=2016-11-15"},
		{name: "a path that nobody has", service: "lambda", method: "GET", uri: "/2015-03-31/nothing"},
		{name: "a service that nobody has", service: "nobody", method: "GET", uri: "/"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.uri, nil)
			if c.target != "" {
				r.Header.Set("X-Amz-Target", c.target)
			}
			if strings.HasPrefix(c.uri, "/service/") {
				r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
			}
			form, err := url.ParseQuery(c.form)
			if err != nil {
				t.Fatal(err)
			}
			op, ok := table.Name(r, c.service, form)
			if ok != (c.event != "") || op.Name != c.event || ok && op.Source != c.source+".amazonaws.com" || op.Access != c.access {
				t.Errorf("got %+v, %v", op, ok)
			}
			if diff := cmp.Diff(c.labels, op.Labels); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTheTableIsWhole holds facts that a wrong generator would lose.
func TestTheTableIsWhole(t *testing.T) {
	table := open(t)
	services, operations, unknown := 0, 0, 0
	for _, list := range table.bySigningName {
		for _, s := range list {
			services++
			for _, op := range s.operations {
				operations++
				if op.Access == Unknown {
					unknown++
				}
			}
		}
	}
	if services < 400 || operations < 18000 || len(compressed) > 400<<10 {
		t.Errorf("%d services, %d operations in %d bytes", services, operations, len(compressed))
	}
	if unknown*200 > operations {
		t.Errorf("of %d operations %d are not known to read or to write", operations, unknown)
	}
	t.Logf("%d services, %d operations, %d of unknown access, %d bytes", services, operations, unknown, len(compressed))
	op, _ := table.ofAction("iam", "CreateAccessKey", "2010-05-08")
	if !slices.Contains(op.Sensitive, "SecretAccessKey") {
		t.Errorf("of IAM %q are sensitive", op.Sensitive)
	}
}

// FuzzName holds that a request is named after an operation of the table, or not at all.
func FuzzName(f *testing.F) {
	table := open(f)
	f.Add("lambda", "GET", "/2015-03-31/functions/f", "", "")
	f.Add("ec2", "POST", "/", "", "Action=RunInstances")
	f.Add("dynamodb", "POST", "//%2F", ".", "")
	f.Fuzz(func(t *testing.T, service, method, path, target, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		u, err := url.Parse(path)
		if err != nil {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{"X-Amz-Target": {target}}}
		op, ok := table.Name(r, service, form)
		if ok != (op.Name != "") || ok != strings.HasSuffix(op.Source, ".amazonaws.com") {
			t.Fatalf("named %+v, %v", op, ok)
		}
	})
}
