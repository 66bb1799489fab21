package flows

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/template"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// use is a permission that a call needed.
type use struct{ role, action, resource string }

// uses collects what the functions' roles needed.
type uses struct {
	mu  sync.Mutex
	all map[use]bool
}

// see notes a call, with the permissions that AWS asks for it.
func (u *uses) see(call wire.Call) {
	_, role, isRole := strings.Cut(call.Caller.ARN, ":assumed-role/trailhand-")
	if !isRole {
		return
	}
	role, _, _ = strings.Cut(role, "/")
	for _, needed := range neededBy(call) {
		u.note(use{role, needed[0], needed[1]})
	}
}

func (u *uses) note(needed use) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.all[needed] = true
}

// neededBy gives the actions of a call, each with its resource.
//
// https://docs.aws.amazon.com/service-authorization/latest/reference/
func neededBy(call wire.Call) [][2]string {
	if call.EventSource == "s3.amazonaws.com" {
		return neededByS3(call)
	}
	service, _, _ := strings.Cut(call.EventSource, ".")
	var in struct{ Name, TrailName, ResourceId, QueueUrl string }
	raw, err := json.Marshal(call.Request)
	if err == nil {
		_ = json.Unmarshal(raw, &in) // the fields of other requests are of other types, and not needed
	}
	switch service {
	case "sqs":
		name := in.QueueUrl[strings.LastIndexByte(in.QueueUrl, '/')+1:]
		return [][2]string{{"sqs:" + strings.TrimSuffix(call.EventName, "Batch"), "arn:aws:sqs:" + region + ":" + accountID + ":" + name}}
	case "events":
		return [][2]string{{"events:" + call.EventName, "arn:aws:events:" + region + ":" + accountID + ":event-bus/default"}}
	}
	trail := in.Name + in.TrailName + in.ResourceId
	if !strings.HasPrefix(trail, "arn:") {
		trail = "arn:aws:cloudtrail:" + region + ":" + accountID + ":trail/" + trail
	}
	return [][2]string{{service + ":" + call.EventName, trail}}
}

// neededByS3: an object that is not there is answered 404 only to those who may
// list its bucket.
func neededByS3(call wire.Call) [][2]string {
	resource, bucket := call.Resources[0].ARN, call.Resources[len(call.Resources)-1].ARN
	request, _ := call.Request.(map[string]any)
	switch call.EventName {
	case "GetObject":
		if call.Fault != nil && call.Fault.Status == 404 {
			return [][2]string{{"s3:GetObject", resource}, {"s3:ListBucket", bucket}}
		}
		if request["versionId"] != nil {
			return [][2]string{{"s3:GetObjectVersion", resource}}
		}
	case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
		return [][2]string{{"s3:PutObject", resource}}
	case "ListObjects", "ListObjectsV2":
		return [][2]string{{"s3:ListBucket", bucket}}
	}
	return [][2]string{{"s3:" + call.EventName, resource}}
}

func granted(g template.Grant, u use) bool {
	return g.Role == u.role && slices.ContainsFunc(g.Actions, wildcard(u.action)) && slices.ContainsFunc(g.Resources, wildcard(u.resource))
}

// wildcard matches a pattern of IAM with a text.
func wildcard(text string) func(pattern string) bool {
	return func(pattern string) bool {
		return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$").MatchString(text)
	}
}

// reason says why a role has a grant that no flow uses here.
type reason struct{ role, action, resource, why string }

func reasons() []reason {
	const service = "done by Lambda itself, in the name of the role"
	var all []reason
	for _, role := range []string{"ReconcilerRole", "LogparserRole", "DetectorRole"} {
		all = append(all, reason{role, "logs:*", "*", service}, reason{role, "xray:*", "*", service})
	}
	for _, role := range []string{"ReconcilerRole", "LogparserRole", "DetectorRole", "BackfillRole"} {
		all = append(all, reason{role, "kms:*", "*", "asked for by S3 and SQS where a key is given"})
	}
	return append(all,
		reason{"LogparserRole", "sqs:ReceiveMessage", "*LogFileQueue", service}, reason{"LogparserRole", "sqs:DeleteMessage", "*LogFileQueue", service},
		reason{"LogparserRole", "sqs:GetQueueAttributes", "*LogFileQueue", service},
		reason{"DetectorRole", "sqs:ReceiveMessage", "*TallyQueue.fifo", service}, reason{"DetectorRole", "sqs:DeleteMessage", "*TallyQueue.fifo", service},
		reason{"DetectorRole", "sqs:GetQueueAttributes", "*TallyQueue.fifo", service},
		reason{"ReconcilerRole", "sqs:SendMessage", "*EventDeadLetters", service}, reason{"DetectorRole", "sqs:SendMessage", "*EventDeadLetters", service},
		reason{"ReconcilerRole", "iam:PassRole", "*", "asked for by CloudTrail where a trail delivers to CloudWatch Logs"},
		reason{"ReconcilerRole", "s3:GetObject", "*/desired/*", "where DESIRED is s3://…; here it is a file"},
		reason{"ReconcilerRole", "s3:GetBucketPolicy", "*", "explains a trail whose delivery fails; here none does"},
		reason{"ReconcilerRole", "cloudtrail:ListTrails", "*", "finds unknown trails, where newTrails asks for it"},
		reason{"ReconcilerRole", "cloudtrail:StopLogging", "*", "where a trail is wanted not to log"},
		reason{"ReconcilerRole", "cloudtrail:DeleteTrail", "*", "where newTrails asks for it"},
		reason{"ReconcilerRole", "cloudtrail:PutEventConfiguration", "*", "where AggregationConfigurations are wanted"},
		reason{"LogparserRole", "s3:AbortMultipartUpload", "*", "when an upload fails"},
		reason{"LogparserRole", "s3:*", "*:another-bucket*", "reads another bucket where one is given"},
		reason{"LogparserRole", "s3:ListBucket", "*", "tells an object that is gone"},
		reason{"LogparserRole", "events:PutEvents", "*", "where MatchPattern is given"},
		reason{"LogparserRole", "sqs:SendMessage", "*LogFileQueue", "what is left of a digest file that was verified in part"},
		reason{"DetectorRole", "s3:DeleteObject", "*.parts/*", "of a state of so many keys that it is kept in parts"},
		reason{"DetectorRole", "s3:PutObject", "*/warm-start/*", "what is learned, where half of an invocation's time is not enough"},
		reason{"BackfillRole", "s3:ListBucket", "*:another-bucket", "reads another bucket where one is given"},
	)
}

// isExcused finds and marks the reason of a grant.
func isExcused(list []reason, spent map[int]bool, role, action, resource string) bool {
	for i, r := range list {
		if r.role == role && wildcard(action)(r.action) && wildcard(resource)(r.resource) {
			spent[i] = true
			return true
		}
	}
	return false
}

func TestEveryRoleMayDoWhatItsFunctionDoesAndNothingElse(t *testing.T) {
	seen := &uses{all: map[use]bool{}}
	a, err := Start(t.Context(), t.TempDir(), handlers(t), func(c *cloud.Config) { c.OnCall = seen.see })
	if err != nil {
		t.Fatal(err)
	}
	a.need = func(action, resource string) { seen.note(use{"BackfillRole", action, resource}) }
	for _, flow := range a.Flows() {
		if err := flow.Play(t.Context()); err != nil {
			t.Errorf("%s: %v", flow.Name, err)
		}
	}
	grants := a.Wiring().Grants
	if err := a.Close(context.Background()); err != nil {
		t.Error(err)
	}
	for u := range seen.all {
		if !slices.ContainsFunc(grants, func(g template.Grant) bool { return granted(g, u) }) {
			t.Errorf("%s called %s on %s: its role may not", u.role, u.action, u.resource)
		}
	}
	spent := map[int]bool{}
	for _, g := range everyGrant(t) {
		for _, action := range g.Actions {
			for _, resource := range g.Resources {
				used := slices.ContainsFunc(slices.Collect(maps.Keys(seen.all)), func(u use) bool {
					return granted(template.Grant{Role: g.Role, Actions: []string{action}, Resources: []string{resource}}, u)
				})
				if !used && !isExcused(reasons(), spent, g.Role, action, resource) {
					t.Errorf("%s may call %s on %s: nothing needs it", g.Role, action, resource)
				}
			}
		}
	}
	for i, r := range reasons() {
		if !spent[i] {
			t.Errorf("%s: %s on %s needs no reason (%s): it is used, or not granted", r.role, r.action, r.resource, r.why)
		}
	}
}

// everyGrant reads the template with every option on.
func everyGrant(t *testing.T) []template.Grant {
	t.Helper()
	source, err := trailhand.Template()
	if err != nil {
		t.Fatal(err)
	}
	w, err := template.Read(source, template.Place{AccountID: accountID, Region: region, StackName: "trailhand", Endpoint: "http://localhost", Parameters: map[string]string{
		"Mode": "repair", "OtherLogBucket": "another-bucket", "MatchPattern": `{"detail":{}}`, "VerifyDigests": "true",
		"KmsKeyArn":             "arn:aws:kms:us-east-1:123456789012:key/1",
		"CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/cloudtrail",
	}})
	if err != nil {
		t.Fatal(err)
	}
	return w.Grants
}
