package trails

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/pkg/events"
)

const bucketType = "AWS::S3::Bucket"

// resourcesOf gives the resources that LookupEvents shows of an event, and by
// which it is found: those of the record, and those that its request and its
// answer name. A bucket is named by its name.
// Source: CloudTrail User Guide, "Resource types supported by CloudTrail Event history".
func resourcesOf(r *events.Record, names []naming, members map[string]json.RawMessage) []types.Resource {
	found := []types.Resource{}
	add := func(kind, name string) {
		same := func(f types.Resource) bool { return *f.ResourceType == kind && *f.ResourceName == name }
		if kind != "" && name != "" && !slices.ContainsFunc(found, same) {
			found = append(found, types.Resource{ResourceType: &kind, ResourceName: &name})
		}
	}
	r.EachResource(func(kind, arn []byte) bool {
		name := string(arn)
		if string(kind) == bucketType {
			name = name[strings.LastIndexByte(name, ':')+1:]
		}
		add(string(kind), name)
		return true
	})
	var request, answer map[string]json.RawMessage
	_ = json.Unmarshal(members["requestParameters"], &request) // what is no object names nothing
	_ = json.Unmarshal(members["responseElements"], &answer)
	for _, n := range names {
		add(n.kind, textOf(request[n.member]))
		add(n.kind, textOf(answer[n.member]))
	}
	return found
}

// naming says what type of resource a member names.
type naming struct{ member, kind string }

func namings(eventSource string) []naming {
	const trail = "AWS::CloudTrail::Trail"
	switch eventSource {
	case source:
		return []naming{{"name", trail}, {"trailName", trail}, {"resourceId", trail}, {"trailARN", trail}, {"s3BucketName", bucketType}}
	case "iam.amazonaws.com":
		return []naming{
			{"userName", "AWS::IAM::User"}, {"groupName", "AWS::IAM::Group"}, {"roleName", "AWS::IAM::Role"},
			{"policyArn", "AWS::IAM::Policy"}, {"accessKeyId", "AWS::IAM::AccessKey"}, {"instanceProfileName", "AWS::IAM::InstanceProfile"},
		}
	}
	return nil
}
