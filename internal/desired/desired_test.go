package desired

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/strictyaml"
	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

func TestExampleIsTheTrailOfTheDemo(t *testing.T) {
	data, err := os.ReadFile("../../examples/desired.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := Parse("examples/desired.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	if len(spec.Trails) != 1 || spec.Mode != trail.Repair {
		t.Fatalf("one trail in mode repair is expected, got %+v", spec)
	}
	d := spec.Trails[0]
	for name, on := range map[string]*bool{"logging": d.IsLogging, "all Regions": d.IsMultiRegionTrail, "validation": d.EnableLogFileValidation} {
		if on == nil || !*on {
			t.Errorf("%s is not on", name)
		}
	}
	if len(d.Selectors.Advanced) == 0 || len(d.Insights) != 2 || len(d.Tags) == 0 {
		t.Errorf("advanced selectors, both insight types and tags are expected, got %+v", d)
	}
}

func TestParseReadsEverySetting(t *testing.T) {
	got, err := Parse("full.yaml", []byte(full))
	if err != nil {
		t.Fatal(err)
	}
	s, yes, no := func(s string) *string { return &s }, true, false
	want := trail.Spec{
		Source: "full.yaml", Mode: trail.Repair, DeliveryOverdue: 90 * time.Minute,
		BreakGlass: trail.BreakGlass{Principals: []string{"arn:aws:iam::123456789012:role/break-glass"}, For: 2 * time.Hour},
		Guard:      trail.Guard{Repairs: 3, Window: 30 * time.Minute},
		Trails: []trail.Desired{{
			Name: "audit", HomeRegion: "eu-west-1",
			Attributes: trail.Attributes{
				S3BucketName: s("logs"), S3KeyPrefix: s(""), SnsTopicName: s("topic"), KMSKeyID: s("arn:aws:kms:eu-west-1:123456789012:key/k"),
				CloudWatchLogsLogGroupArn: s("arn:group"), CloudWatchLogsRoleArn: s("arn:role"), IncludeGlobalServiceEvents: &yes,
				IsMultiRegionTrail: &yes, IsOrganizationTrail: &no, EnableLogFileValidation: &yes,
			},
			IsLogging: &yes,
			Selectors: &selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "All", IncludeManagementEvents: &yes,
				DataResources:                 []selectors.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3:::b/"}}},
				ExcludeManagementEventSources: []string{"kms.amazonaws.com"}}}},
			Insights:     []trail.InsightSelector{{InsightType: "ApiCallRateInsight", EventCategories: []string{"Management", "Data"}}},
			Aggregations: []trail.Aggregation{{EventCategory: "Data", Templates: []string{"API_ACTIVITY"}}},
			Tags:         map[string]string{"Owner": "0123"}, TagsExact: true,
			Policy: trail.Policy{Trail: trail.Report, Fields: map[trail.Field]trail.Action{trail.S3KeyPrefix: trail.Ignore, trail.LatestDeliveryTime: trail.Ignore}},
		}},
		NewTrails: []trail.Rule{{NamePattern: "team-*", Action: trail.NewTrailConform,
			Conform: trail.Desired{Attributes: trail.Attributes{IsMultiRegionTrail: &yes}, Profiles: []string{"cis-l1"}}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("spec (-want +got):\n%s", d)
	}
}

const full = `
mode: repair
deliveryOverdue: 90m
breakGlass: { principals: ["arn:aws:iam::123456789012:role/break-glass"], for: 2h }
guard: { repairs: 3, window: 30m }
trails:
  - TrailName: audit
    HomeRegion: eu-west-1
    S3BucketName: logs
    S3KeyPrefix: ""
    SnsTopicName: topic
    KMSKeyId: arn:aws:kms:eu-west-1:123456789012:key/k
    CloudWatchLogsLogGroupArn: arn:group
    CloudWatchLogsRoleArn: arn:role
    IncludeGlobalServiceEvents: "true"
    IsMultiRegionTrail: true
    IsOrganizationTrail: false
    EnableLogFileValidation: true
    IsLogging: true
    EventSelectors:
      - ReadWriteType: All
        IncludeManagementEvents: true
        DataResources: [{ Type: "AWS::S3::Object", Values: ["arn:aws:s3:::b/"] }]
        ExcludeManagementEventSources: [kms.amazonaws.com]
    InsightSelectors: [{ InsightType: ApiCallRateInsight, EventCategories: [Management, Data] }]
    AggregationConfigurations: [{ EventCategory: Data, Templates: [API_ACTIVITY] }]
    Tags: [{ Key: Owner, Value: 0123 }]
    TagsMode: exact
    Mode: report
    FieldModes: { S3KeyPrefix: ignore, LatestDeliveryTime: ignore }
newTrails:
  - namePattern: team-*
    action: conform
    conform: { IsMultiRegionTrail: true, Profiles: [cis-l1] }
`

func TestErrorsNameTheLine(t *testing.T) {
	const trailHead = "trails:\n  - TrailName: audit\n    S3BucketName: logs\n"
	tests := []struct{ name, yaml, want string }{
		{"an unknown name, with the one that was meant", trailHead + "    s3keyprefix: x\n", `f:4: unknown name "s3keyprefix", did you mean S3KeyPrefix?`},
		{"a name twice", trailHead + "    S3BucketName: b\n", "f:4: S3BucketName is already given in line 3"},
		{"a value of another type", trailHead + "    IsLogging: perhaps\n", `f:4: expected true or false, found "perhaps"`},
		{"a list for text", trailHead + "    S3KeyPrefix: [a]\n", "f:4: expected text, found a list"},
		{"nothing for text", trailHead + "    S3KeyPrefix:\n", "f:4: expected text, found nothing"},
		{"text for a list", trailHead + "    InsightSelectors: on\n", `f:4: expected a list, found "on"`},
		{"CloudFormation's own tags", trailHead + "    SnsTopicName: !Ref Topic\n", "f:4: !Ref is for CloudFormation to resolve: write the value"},
		{"both kinds of selectors", trailHead + "    EventSelectors: [{}]\n    AdvancedEventSelectors: [{FieldSelectors: [{Field: eventCategory, Equals: [Management]}]}]\n", "f:5: a trail has EventSelectors or AdvancedEventSelectors, not both"},
		{"a mode that there is not", "mode: fix\n", `f:1: "fix" is none of repair, report`},
		{"repair of what cannot be repaired", trailHead + "    FieldModes: {LatestDeliveryTime: repair}\n", `f:4: "repair" is none of report, ignore`},
		{"a trail without a bucket", "trails:\n  - TrailName: audit\n", "f:2: trail audit: S3BucketName: is needed to make the trail again (or set Exists to ignore)"},
		{"an alias of a key", trailHead + "    KMSKeyId: alias/logs\n", "f:4: trail audit: KMSKeyId: an alias cannot be compared"},
		{"a name that CloudTrail refuses", "trails:\n  - TrailName: 192.168.5.4\n    S3BucketName: logs\n", `f:2: trail 192.168.5.4: TrailName: "192.168.5.4" is no trail name`},
		{"a setting short of its profile", trailHead + "    IsMultiRegionTrail: false\n    Profiles: [cis-l1]\n", "f:4: trail audit: IsMultiRegionTrail: falls short of CIS AWS Foundations 3.1"},
		{"a profile that there is not", trailHead + "    Profiles: [cis]\n", `f:4: trail audit: Profiles: there is no profile "cis"`},
		{"a trail twice", trailHead + "  - TrailName: audit\n    S3BucketName: logs\n", `f:4: trail "audit" is desired twice`},
		{"a tag twice", trailHead + "    Tags: [{Key: a, Value: b}, {Key: a, Value: c}]\n", `f:4: the tag "a" is given twice`},
		{"a tag of AWS", trailHead + "    Tags: {\"aws:x\": y}\n", `f:4: trail audit: Tags: "aws:x": tags that begin with aws: are AWS's own`},
		{"a rule without an action", "newTrails: [{namePattern: x}]\n", "f:1: a rule needs namePattern and action"},
		{"a wrong duration", "guard: {window: soon}\n", `f:1: expected a duration such as 90m or 2h, found "soon"`},
		{"an empty file", "", "f: is empty"},
		{"what is no YAML", "trails: [", "f: yaml: line 1"},
		{"a document that is no mapping", "- a\n", "f:1: expected names and values, found a list"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("f", []byte(tt.yaml))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestAllErrorsOfAFileAreReportedAtOnce(t *testing.T) {
	_, err := Parse("f", []byte("mode: x\nguard: 1\nfoo: y\n"))
	var lines []int
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var one *strictyaml.Error
		if errors.As(e, &one) {
			lines = append(lines, one.Line)
		}
	}
	if !slices.Equal(lines, []int{1, 2, 3}) {
		t.Errorf("errors in lines %v of %v, want 1, 2 and 3", lines, err)
	}
}

func TestAnAliasStandsForItsAnchor(t *testing.T) {
	const file = `
trails:
  - &first { TrailName: one, S3BucketName: logs, Tags: &tags { Owner: me } }
  - { TrailName: two, S3BucketName: logs, Tags: *tags }
`
	spec, err := Parse("f", []byte(file))
	if err != nil || spec.Trails[1].Tags["Owner"] != "me" {
		t.Errorf("got %+v, %v", spec, err)
	}
}

// node is a part of the JSON Schema.
type node struct {
	Ref        string           `json:"$ref"`
	Properties map[string]*node `json:"properties"`
	Items      *node            `json:"items"`
	OneOf      []*node          `json:"oneOf"`
	Enum       []string         `json:"enum"`
	Type       string           `json:"type"`
	Defs       map[string]*node `json:"$defs"`
}

func (n *node) resolve(root *node) *node {
	if name, ok := strings.CutPrefix(n.Ref, "#/$defs/"); ok {
		return root.Defs[name]
	}
	return n
}

func TestSchemaAndParserKnowTheSameNames(t *testing.T) {
	var root node
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	var spec trail.Spec
	var d trail.Desired
	var rule trail.Rule
	for name, known := range map[string]properties{
		"": fileProperties(&spec), "Trail": trailProperties(&d), "Settings": settings(&d), "Rule": ruleProperties(&rule),
		"EventSelector":            basicProperties(&selectors.Basic{}),
		"DataResource":             dataResourceProperties(&selectors.DataResource{}),
		"AdvancedEventSelector":    advancedProperties(&selectors.Advanced{}),
		"FieldSelector":            fieldSelectorProperties(&selectors.FieldSelector{}),
		"InsightSelector":          insightProperties(&trail.InsightSelector{}),
		"AggregationConfiguration": aggregationProperties(&trail.Aggregation{}),
	} {
		n := &root
		if name != "" {
			n = root.Defs[name]
		}
		inSchema, inParser := slices.Sorted(maps.Keys(n.Properties)), slices.Sorted(maps.Keys(known))
		if d := cmp.Diff(inSchema, inParser); d != "" {
			t.Errorf("%q: names (-schema +parser):\n%s", name, d)
		}
	}
	modes := fieldModes(map[trail.Field]trail.Action{})
	inSchema := root.Defs["Trail"].Properties["FieldModes"].Properties
	if d := cmp.Diff(slices.Sorted(maps.Keys(inSchema)), slices.Sorted(maps.Keys(modes))); d != "" {
		t.Errorf("FieldModes: names (-schema +parser):\n%s", d)
	}
}

// TestParserTakesWhatTheSchemaDescribes writes a document with every name of the
// schema, each with a value that the schema allows, and parses it.
func TestParserTakesWhatTheSchemaDescribes(t *testing.T) {
	var root node
	if err := json.Unmarshal(Schema(), &root); err != nil {
		t.Fatal(err)
	}
	sample := root.sample(&root, "").(map[string]any)
	one := sample["trails"].([]any)[0].(map[string]any)
	delete(one, "AdvancedEventSelectors") // the schema cannot say: not both
	delete(sample["newTrails"].([]any)[0].(map[string]any)["conform"].(map[string]any), "AdvancedEventSelectors")
	data, err := json.Marshal(sample)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Parse("sample", data); err != nil {
		t.Errorf("%v\nin %s", err, data)
	}
}

// samples are values where not every text of the schema's type will do.
func samples() map[string]any {
	return map[string]any{
		"for": "1h", "window": "1h", "deliveryOverdue": "1h", "Type": "AWS::S3::Object", "Values": []any{"arn:aws:s3:::b/"},
		"mode": "repair", "ExcludeManagementEventSources": []any{}, // a profile may want none excluded
	}
}

func (n *node) sample(root *node, name string) any {
	n = n.resolve(root)
	if v, ok := samples()[name]; ok {
		return v
	}
	switch {
	case len(n.Enum) > 0:
		return n.Enum[0]
	case len(n.OneOf) > 0:
		return n.OneOf[0].sample(root, name)
	case n.Type == "array":
		return []any{n.Items.sample(root, "")}
	case n.Type == "boolean":
		return true
	case n.Type == "integer":
		return 3
	case n.Type == "object":
		object := map[string]any{}
		for name, p := range n.Properties {
			object[name] = p.sample(root, name)
		}
		return object
	}
	return "text"
}

func FuzzParseNeverPanicsAndWhatItTakesIsValid(f *testing.F) {
	f.Add(full)
	f.Add("trails: [{TrailName: abc, S3BucketName: b}]")
	f.Add("a: &a [*a]")
	f.Fuzz(func(t *testing.T, file string) {
		spec, err := Parse("f", []byte(file))
		if err != nil {
			return
		}
		for _, d := range spec.Trails {
			if err := d.Validate(); err != nil {
				t.Errorf("Parse took %q, which is not valid: %v", d.Name, err)
			}
		}
	})
}
