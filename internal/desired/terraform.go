package desired

import (
	"cmp"
	"encoding/json"
	"fmt"

	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

// FromTerraform gives the trails of a terraform state, format version 4, or of what
// `terraform show -json` prints: every aws_cloudtrail as the state has it, with
// everything managed that the resource has. A deposed one is left out: terraform
// has replaced it, and only could not delete it yet.
//
// https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
func FromTerraform(source string, data []byte) ([]trail.Desired, error) {
	var state terraformState
	if err := json.Unmarshal(data, &state); err != nil {
		return nil, fmt.Errorf("reading the terraform state %q: %w", source, err)
	}
	if state.Values == nil && state.Version != 4 {
		return nil, fmt.Errorf("%q is neither a terraform state of version 4 nor the output of `terraform show -json`", source)
	}
	found := state.found()
	if len(found) == 0 {
		return nil, fmt.Errorf("the terraform state %q has no aws_cloudtrail", source)
	}
	trails := make([]trail.Desired, 0, len(found))
	for i, raw := range found {
		var t terraformTrail
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("reading the terraform state %q: aws_cloudtrail %d: %w", source, i+1, err)
		}
		trails = append(trails, t.desired())
	}
	return trails, nil
}

// terraformState has both shapes: Resources are of a state, Values of a show.
type terraformState struct {
	Version   int `json:"version"`
	Resources []struct {
		terraformResource
		Instances []struct {
			Attributes json.RawMessage `json:"attributes"`
			Deposed    string          `json:"deposed"`
		} `json:"instances"`
	} `json:"resources"`
	Values *struct {
		RootModule terraformModule `json:"root_module"`
	} `json:"values"`
}

type terraformResource struct {
	Mode string `json:"mode"`
	Type string `json:"type"`
}

func (r terraformResource) isTrail() bool { return r.Mode == "managed" && r.Type == "aws_cloudtrail" }

type terraformModule struct {
	Resources []struct {
		terraformResource
		Values  json.RawMessage `json:"values"`
		Deposed string          `json:"deposed_key"`
	} `json:"resources"`
	ChildModules []terraformModule `json:"child_modules"`
}

func (s terraformState) found() (trails []json.RawMessage) {
	if s.Values != nil {
		return s.Values.RootModule.found()
	}
	for _, r := range s.Resources {
		for _, i := range r.Instances {
			if r.isTrail() && i.Deposed == "" {
				trails = append(trails, i.Attributes)
			}
		}
	}
	return trails
}

func (m terraformModule) found() (trails []json.RawMessage) {
	for _, r := range m.Resources {
		if r.isTrail() && r.Deposed == "" {
			trails = append(trails, r.Values)
		}
	}
	for _, child := range m.ChildModules {
		trails = append(trails, child.found()...)
	}
	return trails
}

// terraformTrail has the attributes of an aws_cloudtrail.
type terraformTrail struct {
	Name                  string              `json:"name"`
	HomeRegion            string              `json:"home_region"`
	Bucket                string              `json:"s3_bucket_name"`
	Prefix                string              `json:"s3_key_prefix"`
	Topic                 string              `json:"sns_topic_name"`
	Key                   string              `json:"kms_key_id"`
	LogGroup              string              `json:"cloud_watch_logs_group_arn"`
	LogRole               string              `json:"cloud_watch_logs_role_arn"`
	GlobalEvents          *bool               `json:"include_global_service_events"`
	MultiRegion           *bool               `json:"is_multi_region_trail"`
	Organization          *bool               `json:"is_organization_trail"`
	Validation            *bool               `json:"enable_log_file_validation"`
	Logging               *bool               `json:"enable_logging"`
	Tags                  map[string]string   `json:"tags"`
	TagsAll               map[string]string   `json:"tags_all"`
	EventSelector         []terraformBasic    `json:"event_selector"`
	AdvancedEventSelector []terraformAdvanced `json:"advanced_event_selector"`
	InsightSelector       []struct {
		InsightType string `json:"insight_type"`
	} `json:"insight_selector"`
}

type terraformBasic struct {
	ReadWriteType string   `json:"read_write_type"`
	Management    *bool    `json:"include_management_events"`
	Exclude       []string `json:"exclude_management_event_sources"`
	DataResource  []struct {
		Type   string   `json:"type"`
		Values []string `json:"values"`
	} `json:"data_resource"`
}

type terraformAdvanced struct {
	Name          string `json:"name"`
	FieldSelector []struct {
		Field         string   `json:"field"`
		Equals        []string `json:"equals"`
		NotEquals     []string `json:"not_equals"`
		StartsWith    []string `json:"starts_with"`
		NotStartsWith []string `json:"not_starts_with"`
		EndsWith      []string `json:"ends_with"`
		NotEndsWith   []string `json:"not_ends_with"`
	} `json:"field_selector"`
}

func (t *terraformTrail) desired() trail.Desired {
	set := t.selectors()
	d := trail.Desired{
		Name: t.Name, HomeRegion: t.HomeRegion, IsLogging: t.Logging, Selectors: &set, Insights: []trail.InsightSelector{},
		Attributes: trail.Attributes{
			S3BucketName: &t.Bucket, S3KeyPrefix: &t.Prefix, SnsTopicName: &t.Topic, KMSKeyID: &t.Key,
			CloudWatchLogsLogGroupArn: &t.LogGroup, CloudWatchLogsRoleArn: &t.LogRole,
			IncludeGlobalServiceEvents: t.GlobalEvents, IsMultiRegionTrail: t.MultiRegion,
			IsOrganizationTrail: t.Organization, EnableLogFileValidation: t.Validation,
		},
		Tags: t.Tags,
	}
	for _, s := range t.InsightSelector {
		d.Insights = append(d.Insights, trail.InsightSelector{InsightType: s.InsightType})
	}
	if t.TagsAll != nil { // with the provider's default tags
		d.Tags = t.TagsAll
	}
	return d
}

func (t *terraformTrail) selectors() (s selectors.Set) {
	for _, b := range t.EventSelector {
		one := selectors.Basic{
			ReadWriteType: cmp.Or(b.ReadWriteType, "All"), IncludeManagementEvents: b.Management, ExcludeManagementEventSources: b.Exclude,
		}
		for _, r := range b.DataResource {
			one.DataResources = append(one.DataResources, selectors.DataResource{Type: r.Type, Values: r.Values})
		}
		s.Basic = append(s.Basic, one)
	}
	for _, a := range t.AdvancedEventSelector {
		one := selectors.Advanced{Name: a.Name}
		for _, f := range a.FieldSelector {
			one.FieldSelectors = append(one.FieldSelectors, selectors.FieldSelector{
				Field: f.Field, Equals: f.Equals, StartsWith: f.StartsWith, EndsWith: f.EndsWith,
				NotEquals: f.NotEquals, NotStartsWith: f.NotStartsWith, NotEndsWith: f.NotEndsWith,
			})
		}
		s.Advanced = append(s.Advanced, one)
	}
	return s
}
