package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestARepairIsALineOnStderr(t *testing.T) {
	desired := write(t, "desired.yaml", "mode: repair\ntrails:\n  - TrailName: watched\n    S3BucketName: watched-logs\n    IsLogging: true\n")
	l := startLocal(t, "--desired", desired)
	l.makeTrail(t, "watched")
	l.tool(t, "aws", "cloudtrail", "start-logging", "--name", "watched")
	l.tool(t, "aws", "cloudtrail", "stop-logging", "--name", "watched")
	const want = "trail watched in us-east-1: put back: IsLogging (was false, is to be true); StopLogging by arn:aws:iam::123456789012:user/"
	waitUntil(t, func() error {
		if said := l.stderr(t); !strings.Contains(said, want) {
			return fmt.Errorf("stderr says %q, want %q", said, want)
		}
		return nil
	})
}
