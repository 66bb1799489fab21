package buckets

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/tokens"
)

// terraformBucket is a log bucket as people write it.
const terraformBucket = `
terraform {
  required_providers { aws = { source = "hashicorp/aws" } }
}
provider "aws" {
  region            = "eu-west-1"
  access_key        = "test"
  secret_key        = "test"
  s3_use_path_style = true
  endpoints {
    s3  = "URL"
    sts = "URL"
  }
}
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "logs" {
  bucket        = "logs-${data.aws_caller_identity.me.account_id}"
  force_destroy = true
  tags          = { team = "audit" }
}
resource "aws_s3_bucket_versioning" "logs" {
  bucket = aws_s3_bucket.logs.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket                  = aws_s3_bucket.logs.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_acl" "logs" {
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
  depends_on = [aws_s3_bucket_ownership_controls.logs]
}
resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "AWSLogs/" }
    expiration { days = 90 }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
  }
}
resource "aws_s3_bucket_notification" "logs" {
  bucket      = aws_s3_bucket.logs.id
  eventbridge = true
}
resource "aws_s3_bucket_policy" "logs" {
  bucket = aws_s3_bucket.logs.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "s3:GetBucketAcl"
      Resource  = aws_s3_bucket.logs.arn
    }]
  })
}
resource "aws_s3_object" "note" {
  bucket  = aws_s3_bucket.logs.id
  key     = "notes/a+b ü"
  content = "hello"
}
`

// TestTerraformIsServed applies a log bucket, finds nothing to change, and destroys it.
func TestTerraformIsServed(t *testing.T) {
	plugins := os.Getenv("TRAILHAND_TERRAFORM_PLUGINS")
	if plugins == "" {
		t.Skip("TRAILHAND_TERRAFORM_PLUGINS names no folder with terraform's AWS provider: what it expects of S3 goes unchecked here")
	}
	f := start(t)
	known := tokens.New(tokens.Config{AccountID: testAccount, Now: time.Now})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if scope, _ := sigv4.Parse(r); scope.Service == "sts" {
			known.Serve(w, r, known.Caller(r, scope))
			return
		}
		f.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	dir, err := os.MkdirTemp("", "terraform")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(strings.ReplaceAll(terraformBucket, "URL", server.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	terraform := func(args ...string) string {
		t.Helper()
		return f.tool(t, "terraform", append([]string{"-chdir=" + dir}, args...)...)
	}
	terraform("init", "-no-color", "-input=false", "-plugin-dir="+plugins)
	terraform("apply", "-no-color", "-input=false", "-auto-approve")
	if out := terraform("plan", "-no-color", "-input=false", "-detailed-exitcode"); !strings.Contains(out, "No changes") {
		t.Errorf("after apply, plan says %s", out)
	}
	terraform("destroy", "-no-color", "-input=false", "-auto-approve")
	if f.Exists(bkt) {
		t.Error("the bucket is still there")
	}
}
