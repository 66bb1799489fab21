package sinks

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestOCSFSaysWhatTheRecordSays(t *testing.T) {
	r, err := events.Parse([]byte(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA:alice",
		"arn":"arn:aws:sts::111122223333:assumed-role/Admin/alice","accountId":"111122223333","accessKeyId":"ASIAEXAMPLE",
		"sessionContext":{"sessionIssuer":{"type":"Role","arn":"arn:aws:iam::111122223333:role/Admin"},
		"attributes":{"creationDate":"2024-01-02T03:00:00Z","mfaAuthenticated":"true"}}},
		"eventTime":"2024-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","awsRegion":"us-east-1",
		"sourceIPAddress":"192.0.2.1","userAgent":"cli <b>","errorCode":"AccessDenied","errorMessage":"no","requestParameters":{"bucketName":"b"},
		"responseElements":null,"requestID":"R1","eventID":"E1","readOnly":false,"resources":[{"ARN":"arn:aws:s3:::b","accountId":"1","type":"AWS::S3::Bucket"}],
		"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := APIActivity(&r)
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, append(got, '\n'), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden := "testdata/apiactivity.json"
	want, err := os.ReadFile(golden)
	if *update {
		err = os.WriteFile(golden, indented.Bytes(), 0o644)
		want = indented.Bytes()
	}
	if err != nil || !bytes.Equal(want, indented.Bytes()) {
		t.Errorf("%s differs (%v):\n%s", golden, err, indented.Bytes())
	}
}

func TestActivitiesFollowReadOnlyThenTheVerb(t *testing.T) {
	for raw, want := range map[string]string{
		`{"eventName":"DeleteBucket","readOnly":false}`: "Delete", `{"eventName":"DeleteBucket","readOnly":true}`: "Read",
		`{"eventName":"RunInstances"}`: "Create", `{"eventName":"AttachUserPolicy"}`: "Update",
		`{"eventName":"ListBuckets"}`: "Read", `{"eventName":"AssumeRole"}`: "Other", `{}`: "Other",
	} {
		r, err := events.Parse([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		if _, got := activityOf(r.Decode()); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
