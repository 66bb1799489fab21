package sinks

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

// required are the attributes that OCSF 1.3 asks of an API Activity event and
// of the objects in it; of names with a bar between them one must be there.
//
// https://schema.ocsf.io/1.3.0/classes/api_activity?profiles=cloud
func required() []string {
	return []string{
		"activity_id", "actor", "api", "category_uid", "class_uid", "cloud", "metadata", "severity_id", "src_endpoint", "time", "type_uid",
		"status_id", "metadata.version", "metadata.product", "metadata.product.vendor_name", "metadata.product.name", "cloud.provider",
		"api.operation", "api.service.name", "api.request.uid",
		"actor.user|actor.session|actor.invoked_by", "actor.user.name|actor.user.uid|actor.user.account", "src_endpoint.ip|src_endpoint.svc_name",
	}
}

// has says whether there is something at a path, other than an empty text.
func has(event map[string]any, path string) bool {
	var at any = event
	for name := range strings.SplitSeq(path, ".") {
		object, _ := at.(map[string]any)
		if at = object[name]; at == nil || at == "" {
			return false
		}
	}
	return true
}

func TestOCSFHasWhatTheClassAsksForOfEveryKindOfRecord(t *testing.T) {
	const common = `"eventVersion":"1.11","eventTime":"2026-03-02T10:00:00Z","awsRegion":"eu-west-1","recipientAccountId":"111122223333",`
	tests := map[string]struct {
		record   string
		activity float64
		status   float64
	}{
		"a call":                           {`{` + common + `"eventSource":"s3.amazonaws.com","eventName":"CreateBucket","requestID":"R","sourceIPAddress":"192.0.2.1","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::1:user/a"}}`, 1, 1},
		"a read":                           {`{` + common + `"eventSource":"s3.amazonaws.com","eventName":"GetObject","readOnly":true,"userIdentity":{"principalId":"p"}}`, 2, 1},
		"a failed update":                  {`{` + common + `"eventSource":"iam.amazonaws.com","eventName":"UpdateUser","errorCode":"AccessDenied"}`, 3, 2},
		"a deletion":                       {`{` + common + `"eventSource":"iam.amazonaws.com","eventName":"DeleteUser","userIdentity":{"accountId":"111122223333"}}`, 4, 1},
		"a call of an AWS service":         {`{` + common + `"eventSource":"kms.amazonaws.com","eventName":"Foo","sourceIPAddress":"ec2.amazonaws.com","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}}`, 99, 1},
		"an Insight event, of no caller":   {`{` + common + `"eventType":"AwsCloudTrailInsight","eventCategory":"Insight","insightDetails":{"state":"Start","eventSource":"ssm.amazonaws.com","eventName":"UpdateInstance","insightType":"ApiCallRateInsight"}}`, 99, 1},
		"a record without any known field": {`{}`, 99, 1},
		"a record with fields of odd type": {`{"eventName":7,"userIdentity":"x","sourceIPAddress":[],"requestID":null}`, 99, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r, err := events.Parse([]byte(test.record))
			if err != nil {
				t.Fatal(err)
			}
			line, err := APIActivity(&r)
			var event map[string]any
			if err == nil {
				err = json.Unmarshal(line, &event)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, paths := range required() {
				found := false
				for path := range strings.SplitSeq(paths, "|") {
					found = found || has(event, path)
				}
				if !found {
					t.Errorf("there is no %s in %s", paths, line)
				}
			}
			for field, want := range map[string]float64{
				"class_uid": 6003, "category_uid": 6, "activity_id": test.activity, "type_uid": 600300 + test.activity, "severity_id": 1, "status_id": test.status,
			} {
				if event[field] != want {
					t.Errorf("%s is %v, want %v", field, event[field], want)
				}
			}
			if test.record != "{}" && strings.Contains(test.record, "eu-west-1") && (!has(event, "cloud.region") || !has(event, "cloud.account.uid")) {
				t.Errorf("no Region or no account in %s", line)
			}
		})
	}
}
