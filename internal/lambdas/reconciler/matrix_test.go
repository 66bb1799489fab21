package reconciler

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

const arn = "arn:aws:cloudtrail:" + home + ":" + accountID + ":trail/audit"

// somebody undoes one setting by one or more calls.
type somebody func(context.Context, *cloudtrail.Client) error

type cell struct {
	setting, call string
	undo          somebody
	fields        []string // what is seen to drift
	calls         []string // what puts it back
}

const managed = `
mode: repair
trails:
  - TrailName: audit
    S3BucketName: logs
    S3KeyPrefix: prefix
    SnsTopicName: topic
    KMSKeyId: arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555
    CloudWatchLogsLogGroupArn: arn:aws:logs:eu-west-1:123456789012:log-group:trail:*
    CloudWatchLogsRoleArn: arn:aws:iam::123456789012:role/trail
    IncludeGlobalServiceEvents: true
    IsMultiRegionTrail: true
    EnableLogFileValidation: true
    IsLogging: true
    %s
    InsightSelectors: [{InsightType: ApiErrorRateInsight}, {InsightType: ApiCallRateInsight}]
    AggregationConfigurations: [{EventCategory: Data, Templates: [API_ACTIVITY]}]
    Tags: {Owner: security}
    TagsMode: exact
guard: {repairs: 1000, window: 1h}
`

const (
	basic    = `EventSelectors: [{ReadWriteType: All, DataResources: [{Type: "AWS::S3::Object", Values: ["arn:aws:s3:::data/"]}]}]`
	advanced = `AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]},` +
		` {FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.type, Equals: ["AWS::S3::Object"]}]}]`
)

func updates(change func(*cloudtrail.UpdateTrailInput)) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		in := &cloudtrail.UpdateTrailInput{Name: aws.String("audit")}
		change(in)
		_, err := c.UpdateTrail(ctx, in)
		return err
	}
}

func text(setting string, change func(*cloudtrail.UpdateTrailInput)) cell {
	return cell{setting, "UpdateTrail", updates(change), []string{setting}, []string{"UpdateTrail"}}
}

// attributes are the settings that UpdateTrail changes.
func attributes() []cell {
	return []cell{
		text("S3BucketName", func(in *cloudtrail.UpdateTrailInput) { in.S3BucketName = aws.String("elsewhere") }),
		text("S3KeyPrefix", func(in *cloudtrail.UpdateTrailInput) { in.S3KeyPrefix = aws.String("") }),
		text("SnsTopicName", func(in *cloudtrail.UpdateTrailInput) { in.SnsTopicName = aws.String("") }),
		text("KMSKeyId", func(in *cloudtrail.UpdateTrailInput) { in.KmsKeyId = aws.String("") }),
		{"CloudWatchLogs", "UpdateTrail", updates(func(in *cloudtrail.UpdateTrailInput) {
			in.CloudWatchLogsLogGroupArn, in.CloudWatchLogsRoleArn = aws.String(""), aws.String("")
		}), []string{"CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn"}, []string{"UpdateTrail"}},
		text("EnableLogFileValidation", func(in *cloudtrail.UpdateTrailInput) { in.EnableLogFileValidation = aws.Bool(false) }),
		{"IsMultiRegionTrail", "UpdateTrail", updates(func(in *cloudtrail.UpdateTrailInput) { in.IsMultiRegionTrail = aws.Bool(false) }),
			[]string{"IncludeGlobalServiceEvents", "IsMultiRegionTrail"}, []string{"UpdateTrail"}},
		{"all of them", "UpdateTrail", updates(func(in *cloudtrail.UpdateTrailInput) {
			in.S3BucketName, in.S3KeyPrefix, in.SnsTopicName = aws.String("elsewhere"), aws.String(""), aws.String("other")
			in.KmsKeyId, in.EnableLogFileValidation, in.IsMultiRegionTrail = aws.String(""), aws.Bool(false), aws.Bool(false)
		}), []string{"EnableLogFileValidation", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "KMSKeyId", "S3BucketName", "S3KeyPrefix", "SnsTopicName"},
			[]string{"UpdateTrail"}},
	}
}

func putSelectors(s []types.EventSelector, a []types.AdvancedEventSelector) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: aws.String(arn), EventSelectors: s, AdvancedEventSelectors: a})
		return err
	}
}

func putInsights(list ...types.InsightSelector) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: aws.String("audit"), InsightSelectors: append([]types.InsightSelector{}, list...)})
		return err
	}
}

// analysis are the selectors, the insights and the aggregations.
func analysis(selectors string) []cell {
	narrow := putSelectors([]types.EventSelector{{ReadWriteType: types.ReadWriteTypeAll}}, nil)
	other := putSelectors(nil, []types.AdvancedEventSelector{{FieldSelectors: []types.AdvancedFieldSelector{{Field: aws.String("eventCategory"), Equals: []string{"Management"}}}}})
	put, insights := []string{"PutEventSelectors"}, []string{"PutInsightSelectors"}
	both := []types.SourceEventCategory{"Management", "Data"}
	return []cell{
		{selectors, "PutEventSelectors, basic", narrow, []string{selectors}, put},
		{selectors, "PutEventSelectors, advanced", other, []string{selectors}, put},
		{"InsightSelectors", "PutInsightSelectors, none", putInsights(), []string{"InsightSelectors"}, insights},
		{"InsightSelectors", "PutInsightSelectors, one", putInsights(types.InsightSelector{InsightType: "ApiCallRateInsight"}), []string{"InsightSelectors"}, insights},
		{"InsightSelectors", "PutInsightSelectors, categories", putInsights(types.InsightSelector{InsightType: "ApiCallRateInsight", EventCategories: both},
			types.InsightSelector{InsightType: "ApiErrorRateInsight"}), []string{"InsightSelectors"}, insights},
		{"AggregationConfigurations", "PutEventConfiguration", func(ctx context.Context, c *cloudtrail.Client) error {
			_, err := c.PutEventConfiguration(ctx, &cloudtrail.PutEventConfigurationInput{TrailName: aws.String("audit"), AggregationConfigurations: []types.AggregationConfiguration{}})
			return err
		}, []string{"AggregationConfigurations"}, []string{"PutEventConfiguration"}},
	}
}

func tag(key, value string) []types.Tag {
	return []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}
}

func addTags(key, value string) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: aws.String(arn), TagsList: tag(key, value)})
		return err
	}
}

func removeTags(key string) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: aws.String(arn), TagsList: []types.Tag{{Key: aws.String(key)}}})
		return err
	}
}

func stop(ctx context.Context, c *cloudtrail.Client) error {
	_, err := c.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: aws.String(arn)})
	return err
}

func remove(ctx context.Context, c *cloudtrail.Client) error {
	_, err := c.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String("audit")})
	return err
}

func create(name string) somebody {
	return func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String(name), S3BucketName: aws.String("logs")})
		return err
	}
}

// replace deletes the trail and makes another of its name.
func replace(ctx context.Context, c *cloudtrail.Client) error {
	if err := remove(ctx, c); err != nil {
		return err
	}
	return create("audit")(ctx, c)
}

// existence are the tags, the logging and the trail itself.
func existence(selectors string) []cell {
	everything := []string{"AggregationConfigurations", "CloudWatchLogsLogGroupArn", "CloudWatchLogsRoleArn", "EnableLogFileValidation", selectors,
		"InsightSelectors", "IsLogging", "IsMultiRegionTrail", "KMSKeyId", "S3KeyPrefix", "SnsTopicName", "Tags"}
	slices.Sort(everything)
	return []cell{
		{"Tags", "AddTags, another value", addTags("Owner", "mallory"), []string{"Tags"}, []string{"AddTags"}},
		{"Tags", "AddTags, one more", addTags("Surplus", "x"), []string{"Tags"}, []string{"RemoveTags"}},
		{"Tags", "RemoveTags", removeTags("Owner"), []string{"Tags"}, []string{"AddTags"}},
		{"IsLogging", "StopLogging", stop, []string{"IsLogging"}, []string{"StartLogging"}},
		{"Exists", "DeleteTrail", remove, []string{"Exists"},
			[]string{"CreateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration", "StartLogging"}},
		{"everything", "DeleteTrail, CreateTrail", replace, everything,
			[]string{"UpdateTrail", "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration", "AddTags", "StartLogging"}},
	}
}

// TestMatrix undoes every setting by every call that can, over the wire.
func TestMatrix(t *testing.T) {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tUNDONE BY\tDRIFT SEEN IN\tPUT BACK BY\tCALLS AFTER THAT")
	for _, name := range []string{"EventSelectors", "AdvancedEventSelectors"} {
		selectors := map[string]string{"EventSelectors": basic, "AdvancedEventSelectors": advanced}[name]
		spec, err := desired.Parse("managed.yaml", fmt.Appendf(nil, managed, selectors))
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(t, &spec)
		w.sweep() // makes the trail
		w.whole(spec.Trails[0])
		w.repaired()
		for _, c := range slices.Concat(attributes(), analysis(name), existence(name)) {
			w.play(t, c, spec.Trails[0], table)
		}
	}
	quiet(t, table)
	if testing.Verbose() {
		table.Flush()
	}
}

// quiet is a trail of one Region that must not log, with the settings that differ
// from those of managed.
func quiet(t *testing.T, table *tabwriter.Writer) {
	spec, err := desired.Parse("quiet.yaml", []byte(`
mode: repair
trails: [{TrailName: audit, S3BucketName: logs, IsMultiRegionTrail: false, IsOrganizationTrail: false, IncludeGlobalServiceEvents: false, IsLogging: false, InsightSelectors: [], EventSelectors: []}]
`))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &spec)
	w.sweep()
	w.repaired()
	start := func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(arn)})
		return err
	}
	for _, c := range []cell{
		{"IsLogging", "StartLogging", start, []string{"IsLogging"}, []string{"StopLogging"}},
		text("IncludeGlobalServiceEvents", func(in *cloudtrail.UpdateTrailInput) { in.IncludeGlobalServiceEvents = aws.Bool(true) }),
		text("IsOrganizationTrail", func(in *cloudtrail.UpdateTrailInput) { in.IsOrganizationTrail = aws.Bool(true) }),
		{"InsightSelectors", "PutInsightSelectors, one", putInsights(types.InsightSelector{InsightType: "ApiCallRateInsight"}),
			[]string{"InsightSelectors"}, []string{"PutInsightSelectors"}},
		{"EventSelectors", "PutEventSelectors, read-only", putSelectors([]types.EventSelector{{ReadWriteType: types.ReadWriteTypeReadOnly}}, nil),
			[]string{"EventSelectors"}, []string{"PutEventSelectors"}},
	} {
		w.play(t, c, spec.Trails[0], table)
	}
}

func (w *world) play(t *testing.T, c cell, d trail.Desired, table *tabwriter.Writer) {
	t.Run(c.setting+" by "+c.call, func(t *testing.T) {
		if err := c.undo(context.Background(), w.client("mallory")); err != nil {
			t.Fatal(err)
		}
		w.keepLastEvent()
		changes := w.deliver()
		fields := w.repaired()
		w.whole(d)
		after := w.sweep()
		seen := strings.Join(fields, " ")
		if len(fields) > 3 {
			seen = fmt.Sprint(len(fields), " settings")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\n", c.setting, c.call, seen, strings.Join(changes, " "), len(after))
		if !slices.Equal(fields, c.fields) || !slices.Equal(changes, c.calls) || len(after) > 0 {
			t.Errorf("repaired %v by %v, then %v\nwant     %v by %v, then nothing", fields, changes, after, c.fields, c.calls)
		}
	})
}

// keepLastEvent makes a sequence of calls be heard of when it is over.
func (w *world) keepLastEvent() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = w.calls[len(w.calls)-1:]
}
