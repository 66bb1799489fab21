package trail

import (
	"math/rand/v2"

	"github.com/trailhand/trailhand/pkg/selectors"
)

// dice generates trails.
type dice struct{ *rand.Rand }

func roll(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func maybe[T any](d dice, v T) *T {
	if d.IntN(3) == 0 {
		return nil
	}
	return &v
}

func (d dice) flip() bool { return d.IntN(2) == 0 }

func (d dice) attributes() Attributes {
	a := Attributes{
		S3BucketName: ptr(pick(d, "logs", "other")),
		S3KeyPrefix:  maybe(d, pick(d, "", "prefix")),
		SnsTopicName: maybe(d, pick(d, "", "topic", "arn:aws:sns:eu-west-1:123456789012:topic")),
		KMSKeyID:     maybe(d, pick(d, "", "1234", "arn:aws:kms:eu-west-1:123456789012:key/1234")),

		IncludeGlobalServiceEvents: maybe(d, d.flip()), IsMultiRegionTrail: maybe(d, d.flip()),
		IsOrganizationTrail: maybe(d, d.flip()), EnableLogFileValidation: maybe(d, d.flip()),
	}
	if value(a.IsMultiRegionTrail) && a.IncludeGlobalServiceEvents != nil {
		a.IncludeGlobalServiceEvents = ptr(true)
	}
	if a.IsMultiRegionTrail == nil { // "global events off" would be refused on a trail that is multi-Region
		a.IncludeGlobalServiceEvents = nil
	}
	if d.flip() {
		a.CloudWatchLogsLogGroupArn, a.CloudWatchLogsRoleArn = ptr("arn:group:*"), ptr("arn:role")
	} else if d.flip() {
		a.CloudWatchLogsLogGroupArn, a.CloudWatchLogsRoleArn = ptr(""), ptr("")
	}
	return a
}

func (d dice) selectors() selectors.Set {
	data := selectors.DataResource{Type: "AWS::S3::Object", Values: pick(d, []string{"arn:aws:s3:::a/", "arn:aws:s3:::b/"}, []string{"arn:aws:s3"})}
	return pick(d,
		selectors.Set{},
		selectors.Set{Basic: []selectors.Basic{{ReadWriteType: pick(d, "All", "ReadOnly", "WriteOnly"), IncludeManagementEvents: maybe(d, true)}}},
		selectors.Set{Basic: []selectors.Basic{{DataResources: []selectors.DataResource{data}}}},
		selectors.Set{Advanced: []selectors.Advanced{{Name: pick(d, "", "named"), FieldSelectors: []selectors.FieldSelector{{Field: "eventCategory", Equals: []string{"Management"}}}}}},
	)
}

func (d dice) insights() []InsightSelector {
	return pick(d, []InsightSelector{}, []InsightSelector{{InsightType: "ApiCallRateInsight"}},
		[]InsightSelector{{InsightType: "ApiErrorRateInsight", EventCategories: []string{"Management"}}, {InsightType: "ApiCallRateInsight"}},
		[]InsightSelector{{InsightType: "ApiCallRateInsight", EventCategories: []string{"Data", "Management"}}})
}

func (d dice) aggregations() []Aggregation {
	return pick(d, []Aggregation{}, []Aggregation{{EventCategory: "Data", Templates: []string{"API_ACTIVITY", "USER_ACTIONS"}}},
		[]Aggregation{{EventCategory: "Data", Templates: []string{"USER_ACTIONS", "API_ACTIVITY"}}})
}

func (d dice) tags(keys ...string) map[string]string {
	tags := map[string]string{}
	for _, k := range keys {
		if d.flip() {
			tags[k] = pick(d, "x", "y")
		}
	}
	return tags
}

func (d dice) desired() Desired {
	want := Desired{Name: "audit", HomeRegion: home, Attributes: d.attributes(), IsLogging: maybe(d, d.flip()), Selectors: maybe(d, d.selectors()),
		TagsExact: d.flip()}
	if d.flip() {
		want.Insights = d.insights()
	}
	if d.flip() {
		want.Aggregations = d.aggregations()
	}
	if d.flip() {
		want.Tags = d.tags("Owner", "Environment", "Team")
	}
	return want
}

// observed gives a trail that the API allows, or none.
func (d dice) observed() *Observed {
	if d.IntN(8) == 0 {
		return nil
	}
	a := d.attributes()
	if a.IncludeGlobalServiceEvents == nil {
		a.IncludeGlobalServiceEvents = ptr(true)
	}
	return &Observed{Name: "audit", ARN: arnOf("audit"), HomeRegion: home, Attributes: a, IsLogging: d.flip(), Selectors: d.selectors(),
		Insights: d.insights(), Aggregations: d.aggregations(), Tags: d.tags("Owner", "Environment", "Rest", "aws:cloudformation:stack-name")}
}
