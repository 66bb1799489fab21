package trail

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/selectors"
)

type policies string

func (p policies) BucketPolicy(context.Context, string) (string, error) {
	if p == "error" {
		return "", errors.New("denied")
	}
	return string(p), nil
}

func TestASweepReportsWhatNoSettingShows(t *testing.T) {
	noon := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	cover := selectors.Set{Basic: []selectors.Basic{{DataResources: []selectors.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}}}}
	tests := []struct {
		name   string
		policy policies
		ill    func(d *Desired, o *Observed)
		want   []Field
	}{
		{"nothing", good, func(*Desired, *Observed) {}, nil},
		{"S3 refused a file", good, func(_ *Desired, o *Observed) { o.Status.LatestDeliveryError = "AccessDenied" }, []Field{LatestDeliveryError}},
		{"SNS refused a notification", good, func(_ *Desired, o *Observed) { o.Status.LatestNotificationError = "NotFound" }, []Field{LatestNotificationError}},
		{"no file for three hours", good, func(_ *Desired, o *Observed) { o.Status.LatestDeliveryTime = noon.Add(-3 * time.Hour) }, []Field{LatestDeliveryTime}},
		{"no file because it was just started", good, func(_ *Desired, o *Observed) {
			o.Status.LatestDeliveryTime, o.Status.StartLoggingTime = noon.Add(-3*time.Hour), noon.Add(-time.Minute)
		}, nil},
		{"no file because nothing is to be logged", good, func(d *Desired, o *Observed) {
			d.IsLogging, o.IsLogging, o.Status.LatestDeliveryTime = ptr(false), false, noon.Add(-3*time.Hour)
		}, nil},
		{"selectors that cover the log bucket", good, func(d *Desired, o *Observed) { d.Selectors, o.Selectors = &cover, cover }, []Field{LogBucketDataEvents}},
		{"a bucket without a policy", "", func(*Desired, *Observed) {}, []Field{LogBucketPolicy}},
		{"a policy that may not be read", "error", func(*Desired, *Observed) {}, nil},
		{"what is ignored", "", func(d *Desired, _ *Observed) { d.Policy.Fields = map[Field]Action{LogBucketPolicy: Ignore} }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := complete()
			o := whole(want)
			tt.ill(&want, o)
			b := newBench(o)
			b.Policies = tt.policy
			outcomes, err := b.Sweep(context.Background(), Spec{Mode: Repair, Trails: []Desired{want}})
			if err != nil || !slices.Equal(fieldsOf(outcomes[0].Reported), tt.want) || len(b.operations()) > 0 {
				t.Errorf("reported %+v, want %v, %v", outcomes[0].Reported, tt.want, err)
			}
		})
	}
}

// good is the policy that CloudTrail's user guide gives, for the trail of complete.
const good = `{"Version":"2012-10-17","Statement":[
 {"Sid":"AWSCloudTrailAclCheck","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::logs",
  "Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:123456789012:trail/audit"}}},
 {"Sid":"AWSCloudTrailWrite","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/p/AWSLogs/123456789012/*",
  "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control","aws:SourceArn":"arn:aws:cloudtrail:eu-west-1:123456789012:trail/audit"}}}]}`

func TestMissingGrants(t *testing.T) {
	acl, put := "s3:GetBucketAcl on arn:aws:s3:::logs", "s3:PutObject on arn:aws:s3:::logs/p/AWSLogs/123456789012/x"
	deny := func(statement string) string { return strings.TrimSuffix(good, "]}") + "," + statement + "]}" }
	tests := []struct {
		name, policy string
		want         []string
	}{
		{"CloudTrail's own policy", good, nil},
		{"no policy", "", []string{acl, put}},
		{"another trail", strings.ReplaceAll(good, "trail/audit", "trail/other"), []string{acl, put}},
		{"another prefix", strings.ReplaceAll(good, "/p/", "/q/"), []string{put}},
		{"another account", strings.ReplaceAll(good, "AWSLogs/123456789012", "AWSLogs/1"), []string{put}},
		{"another service", strings.ReplaceAll(good, "cloudtrail.amazonaws.com", "config.amazonaws.com"), []string{acl, put}},
		{"a deny of everything to everybody", deny(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`), []string{acl, put}},
		{"a deny without TLS", deny(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), nil},
		{"a deny to all but an address", deny(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`), nil},
		{"a deny of another's", deny(`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"s3:*","Resource":"*"}`), nil},
		{"one statement, any service, all actions", `{"Statement":{"Effect":"Allow","Principal":{"Service":["x","cloudtrail.amazonaws.com"]},"Action":["s3:Get*","s3:Put*"],"Resource":["arn:aws:s3:::logs*"]}}`, nil},
		{"what is no policy", "{", []string{"a policy that can be read"}},
	}
	o := whole(complete())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := missingGrants(tt.policy, o); !slices.Equal(got, tt.want) {
				t.Errorf("missing %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAProfileFillsInWhatATrailLeavesOpen(t *testing.T) {
	advanced := func(more ...selectors.Advanced) selectors.Set {
		data := selectors.Advanced{FieldSelectors: []selectors.FieldSelector{{Field: "eventCategory", Equals: []string{"Data"}}, {Field: "resources.type", Equals: []string{"AWS::Lambda::Function"}}}}
		return selectors.Set{Advanced: append([]selectors.Advanced{data}, more...)}
	}
	tests := []struct {
		name    string
		profile string
		have    Observed
		repair  []Field
		report  []Field
	}{
		{"cis-l1 on a new trail", "cis-l1", Observed{Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true)}}, []Field{IsLogging, IsMultiRegionTrail}, nil},
		{"cis-l1 without KMS events", "cis-l1", Observed{IsLogging: true, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true), IsMultiRegionTrail: ptr(true)},
			Selectors: selectors.Set{Basic: []selectors.Basic{{ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}}}, []Field{EventSelectors}, nil},
		{"cis-l1 without management events", "cis-l1", Observed{IsLogging: true, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true), IsMultiRegionTrail: ptr(true)},
			Selectors: advanced()}, []Field{AdvancedEventSelectors}, nil},
		{"cis-l1 met by a selector of any name", "cis-l1", Observed{IsLogging: true, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true), IsMultiRegionTrail: ptr(true)},
			Selectors: advanced(selectors.Advanced{Name: "ours", FieldSelectors: []selectors.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}})}, nil, nil},
		{"cis-l2 wants a key, which only a person can give", "cis-l2", Observed{IsLogging: true, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true),
			IsMultiRegionTrail: ptr(true)}}, []Field{EnableLogFileValidation, EventSelectors}, []Field{KMSKeyID}},
		{"security-trail on a trail that is one", "security-trail", Observed{IsLogging: true, Attributes: Attributes{IncludeGlobalServiceEvents: ptr(true),
			IsMultiRegionTrail: ptr(true), EnableLogFileValidation: ptr(true), KMSKeyID: ptr("arn:aws:kms:eu-west-1:1:key/k")}}, nil, nil},
		{"fsbp wants a log group", "fsbp", Observed{IsLogging: true, Attributes: Attributes{IsMultiRegionTrail: ptr(true), IncludeGlobalServiceEvents: ptr(true),
			EnableLogFileValidation: ptr(true), KMSKeyID: ptr("k")}}, nil, []Field{CloudWatchLogsLogGroupArn}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := tt.have
			o.Name, o.ARN, o.HomeRegion = "audit", arnOf("audit"), home
			b := newBench(&o)
			want := Desired{Name: "audit", HomeRegion: home, Profiles: []string{tt.profile}}
			out, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil)
			if err != nil || !slices.Equal(fieldsOf(out.Repaired), tt.repair) || !slices.Equal(fieldsOf(out.Reported), tt.report) {
				t.Errorf("repaired %v, reported %v, %v", fieldsOf(out.Repaired), fieldsOf(out.Reported), err)
			}
			for _, x := range append(out.Repaired, out.Reported...) {
				if x.Why == "" {
					t.Errorf("%s does not say which control wants it", x.Field)
				}
			}
			b.operations()
			if _, err := b.One(context.Background(), Spec{Mode: Repair}, want, nil); err != nil || len(b.operations()) > 0 {
				t.Errorf("a second time it is repaired again, %v", err)
			}
			for _, q := range want.required() {
				if q.kind != given && (q.kind == management || q.kind == objects) && !q.takenBy(b.model.trails["audit"].Selectors) {
					t.Errorf("%s is not met", q.control)
				}
			}
		})
	}
}
