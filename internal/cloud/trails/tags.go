package trails

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	maxTags         = 50  // of a trail
	maxTagsInCall   = 200 // of one request
	maxTagKey       = 128 // characters
	maxTagValue     = 256
	maxTagResources = 20 // of one ListTags
)

func (ts *Trails) addTags(_ context.Context, c wire.Caller, in *cloudtrail.AddTagsInput) (*cloudtrail.AddTagsOutput, error) {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.resource(c, value(in.ResourceId))
	if err != nil {
		return nil, err
	}
	if f := checkTags(in.TagsList); f != nil {
		return nil, f
	}
	t.Tags = tagged(t.Tags, in.TagsList)
	if len(t.Tags) > maxTags {
		return nil, tooManyTags(t.ARN)
	}
	ts.replace(t)
	return nil, nil
}

// removeTags removes tags by their keys; keys that the trail lacks are no error.
func (ts *Trails) removeTags(_ context.Context, c wire.Caller, in *cloudtrail.RemoveTagsInput) (*cloudtrail.RemoveTagsOutput, error) {
	ts.changing.Lock()
	defer ts.changing.Unlock()
	t, err := ts.resource(c, value(in.ResourceId))
	if err != nil {
		return nil, err
	}
	if f := checkTags(in.TagsList); f != nil {
		return nil, f
	}
	t.Tags = slices.DeleteFunc(slices.Clone(t.Tags), func(tag Tag) bool {
		return slices.ContainsFunc(in.TagsList, func(gone types.Tag) bool { return *gone.Key == tag.Key })
	})
	ts.replace(t)
	return nil, nil
}

func (ts *Trails) listTags(_ context.Context, c wire.Caller, in *cloudtrail.ListTagsInput) (*cloudtrail.ListTagsOutput, error) {
	if in.NextToken != nil {
		return nil, fault("InvalidToken", "The token is not valid.")
	}
	if len(in.ResourceIdList) > maxTagResources {
		return nil, fault("OperationNotPermitted", "At most %d resources can be listed in one call.", maxTagResources)
	}
	out := &cloudtrail.ListTagsOutput{ResourceTagList: []types.ResourceTag{}}
	for _, id := range in.ResourceIdList {
		t, err := ts.resource(c, id)
		if err != nil {
			return nil, err
		}
		tags := make([]types.Tag, len(t.Tags))
		for i := range t.Tags {
			tags[i] = types.Tag{Key: &t.Tags[i].Key, Value: &t.Tags[i].Value}
		}
		out.ResourceTagList = append(out.ResourceTagList, types.ResourceTag{ResourceId: &t.ARN, TagsList: tags})
	}
	return out, nil
}

// resource gives the trail whose tags a call concerns: by its ARN, at home, in
// the caller's account.
func (ts *Trails) resource(c wire.Caller, id string) (Trail, error) {
	a, ok := parseARN(id)
	if !ok || a.service != "cloudtrail" || a.region == "" || !isAccount(a.account) {
		return Trail{}, fault("CloudTrailARNInvalid", "%s is not the ARN of a CloudTrail resource.", id)
	}
	kind, name, _ := strings.Cut(a.resource, "/")
	switch kind {
	case "trail":
		if f := checkName(name); f != nil {
			return Trail{}, f
		}
	case "eventdatastore", "channel", "dashboard": // of which there are none
	default:
		return Trail{}, fault("ResourceTypeNotSupported", "The resource type %s is not supported.", kind)
	}
	t, ok := ts.Trail(id)
	if !ok || t.AccountID != ts.account(c) || t.HomeRegion != c.Region {
		return Trail{}, fault("ResourceNotFound", "The resource %s was not found.", id)
	}
	return t, nil
}

func checkTags(tags []types.Tag) *wire.Fault {
	if len(tags) > maxTagsInCall {
		return fault("InvalidTagParameter", "At most %d tags can be given in one call.", maxTagsInCall)
	}
	form := regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
	seen := map[string]bool{}
	for _, tag := range tags {
		key, val := value(tag.Key), value(tag.Value)
		switch {
		case key == "" || utf8.RuneCountInString(key) > maxTagKey || !form.MatchString(key) || strings.HasPrefix(strings.ToLower(key), "aws:"):
			return fault("InvalidTagParameter", "Tag key %q is not valid.", key)
		case utf8.RuneCountInString(val) > maxTagValue || !form.MatchString(val):
			return fault("InvalidTagParameter", "The value of tag %s is not valid.", key)
		case seen[key]:
			return fault("InvalidTagParameter", "Tag key %s is given more than once.", key)
		}
		seen[key] = true
	}
	return nil
}

// tagged gives tags with others added; a key has its latest value.
func tagged(tags []Tag, more []types.Tag) []Tag {
	tags = slices.Clone(tags)
	for _, tag := range more {
		i := slices.IndexFunc(tags, func(t Tag) bool { return t.Key == *tag.Key })
		if i < 0 {
			tags = append(tags, Tag{Key: *tag.Key})
			i = len(tags) - 1
		}
		tags[i].Value = value(tag.Value)
	}
	return tags
}

func tooManyTags(arn string) *wire.Fault {
	return fault("TagsLimitExceeded", "The number of tags for %s has exceeded the limit of %d.", arn, maxTags)
}
