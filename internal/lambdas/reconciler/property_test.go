package reconciler

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

// variants are what a generated trail may say of each group of settings that
// CloudTrail judges together; "" leaves the group unmanaged.
func variants() [][]string {
	const management = `{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}`
	const objects = `{Name: objects, FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}`
	return [][]string{
		{"S3BucketName: logs", "S3BucketName: elsewhere"},
		{"", `S3KeyPrefix: ""`, "S3KeyPrefix: p", "S3KeyPrefix: p/q"},
		{"", `SnsTopicName: ""`, "SnsTopicName: topic", "SnsTopicName: arn:aws:sns:eu-west-1:123456789012:topic"},
		{"", `KMSKeyId: ""`, "KMSKeyId: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555",
			"KMSKeyId: 11111111-2222-3333-4444-555555555555"},
		{"", `CloudWatchLogsLogGroupArn: ""|CloudWatchLogsRoleArn: ""`,
			"CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:123456789012:log-group:trail:*|CloudWatchLogsRoleArn: arn:aws:iam::123456789012:role/trail",
			"CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:123456789012:log-group:other:*|CloudWatchLogsRoleArn: arn:aws:iam::123456789012:role/other"},
		{"", "IsMultiRegionTrail: true", "IsMultiRegionTrail: true|IncludeGlobalServiceEvents: true",
			"IsMultiRegionTrail: false|IncludeGlobalServiceEvents: true", "IsMultiRegionTrail: false|IncludeGlobalServiceEvents: false"},
		{"", "EnableLogFileValidation: true", "EnableLogFileValidation: false"},
		{"", "IsOrganizationTrail: true", "IsOrganizationTrail: false"},
		{"", "EventSelectors: []", "EventSelectors: [{}]", `EventSelectors: [{ReadWriteType: All}, {ReadWriteType: All}]`,
			`EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::b/", "arn:aws:s3:::a/"]}]}]`,
			`EventSelectors: [{DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::a/", "arn:aws:s3:::b/"]}], IncludeManagementEvents: true}]`,
			"EventSelectors: [{ExcludeManagementEventSources: [kms.amazonaws.com, rdsdata.amazonaws.com]}]",
			"AdvancedEventSelectors: [" + management + "]", "AdvancedEventSelectors: [" + management + ", " + objects + "]",
			"AdvancedEventSelectors: [" + objects + ", " + management + "]"},
		{"", "InsightSelectors: []", "InsightSelectors: [{InsightType: ApiCallRateInsight}]",
			"InsightSelectors: [{InsightType: ApiErrorRateInsight}, {InsightType: ApiCallRateInsight, EventCategories: [Management]}]"},
		{"", "AggregationConfigurations: []", "AggregationConfigurations: [{EventCategory: Data, Templates: [API_ACTIVITY, USER_ACTIONS]}]",
			"AggregationConfigurations: [{EventCategory: Data, Templates: [USER_ACTIONS, API_ACTIVITY]}]"},
		{"", "Tags: {}", "Tags: {}|TagsMode: exact", "Tags: {Owner: security}", "Tags: {Owner: nobody, Team: a}|TagsMode: exact"},
		{"", "IsLogging: true", "IsLogging: false"},
	}
}

// generated is a desired trail by chance.
func generated(t *testing.T, dice *rand.Rand) trail.Desired {
	t.Helper()
	file := "trails:\n  - TrailName: audit\n    HomeRegion: " + home
	for _, group := range variants() {
		for _, line := range strings.Split(group[dice.IntN(len(group))], "|") {
			file += "\n    " + line
		}
	}
	spec, err := desired.Parse("generated", []byte(file))
	if err != nil {
		t.Fatalf("%v in\n%s", err, file)
	}
	return spec.Trails[0]
}

// TestNothingIsLeftOfADiffThatIsApplied goes from one generated trail to the next, and
// now and then from none, over the wire.
func TestNothingIsLeftOfADiffThatIsApplied(t *testing.T) {
	const cases = 300
	ctx := context.Background()
	w := newWorld(t, &trail.Spec{})
	api := w.handler.reconciler.API
	seen := func() *trail.Observed {
		t.Helper()
		o, err := api.Observe(ctx, trail.Ref{Region: home, Trail: "audit"})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	changed, calls := 0, map[trail.Operation]int{}
	for seed := range uint64(cases) {
		dice := rand.New(rand.NewPCG(seed, 11))
		d, o := generated(t, dice), seen()
		if o != nil && dice.IntN(10) == 0 {
			if err := api.Do(ctx, trail.Call{Operation: trail.DeleteTrail, Region: home, Trail: o.ARN}); err != nil {
				t.Fatal(err)
			}
			o = nil
		}
		drifts := trail.Diff(d, o)
		if len(drifts) > 0 {
			changed++
		}
		once := map[trail.Operation]bool{}
		for _, c := range trail.Plan(d, o, drifts) {
			if once[c.Operation] {
				t.Errorf("seed %d: %s is called twice", seed, c.Operation)
			}
			once[c.Operation] = true
			calls[c.Operation]++
			if err := api.Do(ctx, c); err != nil {
				t.Fatalf("seed %d: %v\nfor %+v\nof %+v", seed, err, drifts, o)
			}
		}
		if left := trail.Diff(d, seen()); len(left) > 0 {
			t.Fatalf("seed %d: %+v is left\nof %+v", seed, left, drifts)
		}
	}
	if changed < cases*9/10 || len(calls) != 9 { // all but DeleteTrail, which no diff asks for
		t.Errorf("only %d of %d trails differed, and were put right by %v", changed, cases, calls)
	}
	t.Logf("%d of %d trails differed, and were put right by %v", changed, cases, calls)
}
