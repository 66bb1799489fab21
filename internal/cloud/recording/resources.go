package recording

import (
	"net/url"
	"reflect"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	objectType = "AWS::S3::Object"
	bucketType = "AWS::S3::Bucket"
	queueType  = "AWS::SQS::Queue"
)

// resource is an element of a record's resources. Calls that list objects
// name them by the beginning of their ARNs.
type resource struct {
	AccountID string `json:"accountId,omitempty"`
	Type      string `json:"type"`
	ARN       string `json:"ARN,omitempty"`
	ARNPrefix string `json:"ARNPrefix,omitempty"`
}

// resourcesOf gives the resources that a call concerned: those that it names
// itself, and what its data events are about.
func resourcesOf(call wire.Call, op Operation) []resource {
	var out []resource
	objects := false
	for _, r := range call.Resources {
		out = append(out, resource{AccountID: r.AccountID, Type: r.Type, ARN: r.ARN})
		objects = objects || r.Type == objectType
	}
	switch {
	case op.resourceType == objectType && !objects && len(out) > 0 && out[0].Type == bucketType:
		all := resource{Type: objectType, ARNPrefix: out[0].ARN + "/"}
		return append([]resource{all}, out...)
	case op.resourceType == queueType && len(out) == 0:
		if r, ok := queue(call); ok {
			return []resource{r}
		}
	}
	return out
}

// queue gives the queue that a request to SQS names by its URL.
func queue(call wire.Call) (resource, bool) {
	v := reflect.Indirect(reflect.ValueOf(call.Request))
	if v.Kind() != reflect.Struct {
		return resource{}, false
	}
	address := reflect.Indirect(v.FieldByName("QueueUrl"))
	if address.Kind() != reflect.String {
		return resource{}, false
	}
	u, err := url.Parse(address.String())
	if err != nil {
		return resource{}, false
	}
	account, name, found := strings.Cut(strings.Trim(u.Path, "/"), "/")
	if !found {
		return resource{}, false
	}
	return resource{AccountID: account, Type: queueType, ARN: "arn:aws:sqs:" + call.Caller.Region + ":" + account + ":" + name}, true
}
