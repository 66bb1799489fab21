package trails_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func TestTagsAreAddedChangedAndRemoved(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	client := w.client(account, home)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail"), TagsList: []types.Tag{tag("Owner", "Mary")}})
	expect := func(want string) {
		t.Helper()
		out, err := client.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{arn}})
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, tag := range out.ResourceTagList[0].TagsList {
			got = append(got, *tag.Key+"="+*tag.Value)
		}
		if fmt.Sprint(got) != want || *out.ResourceTagList[0].ResourceId != arn || out.ResourceTagList[0].TagsList == nil {
			t.Errorf("the tags are %v, want %s", got, want)
		}
	}
	expect("[Owner=Mary]")
	_, err := client.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: &arn, TagsList: []types.Tag{tag("Place", "Ohio"), tag("Owner", "Bob"), {Key: p("Empty")}}})
	check(t, err, "", "")
	expect("[Owner=Bob Place=Ohio Empty=]")
	_, err = client.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: &arn, TagsList: []types.Tag{{Key: p("Owner")}, {Key: p("Empty")}, tag("Place", "another value"), {Key: p("Unheard")}}})
	check(t, err, "", "")
	expect("[]")
}

func TestTagsAreRefused(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail"), IsMultiRegionTrail: p(true)})
	many := func(n int) (out []types.Tag) {
		for i := range n {
			out = append(out, tag(fmt.Sprint("key", i), ""))
		}
		return out
	}
	for _, c := range []struct {
		name            string
		account, region string
		id              string
		tags            []types.Tag
		code            string
	}{
		{"a key of 128 characters and a value of 256", account, home, arn, []types.Tag{tag(strings.Repeat("ü", 128), strings.Repeat("ü", 256))}, ""},
		{"a key of 129", account, home, arn, []types.Tag{tag(strings.Repeat("k", 129), "")}, "InvalidTagParameterException"},
		{"a value of 257", account, home, arn, []types.Tag{tag("key", strings.Repeat("v", 257))}, "InvalidTagParameterException"},
		{"a key that is reserved", account, home, arn, []types.Tag{tag("aws:owner", "")}, "InvalidTagParameterException"},
		{"a key with a bracket", account, home, arn, []types.Tag{tag("<owner>", "")}, "InvalidTagParameterException"},
		{"51 tags", account, home, arn, many(51), "TagsLimitExceededException"},
		{"201 tags", account, home, arn, many(201), "InvalidTagParameterException"},
		{"a shadow", account, away, arn, many(1), "ResourceNotFoundException"},
		{"a trail of another account", stranger, home, arn, many(1), "ResourceNotFoundException"},
		{"a trail that is none", account, home, arnOf(home, account, "unheard-of"), many(1), "ResourceNotFoundException"},
		{"an event data store", account, home, "arn:aws:cloudtrail:us-east-2:123456789012:eventdatastore/abc", many(1), "ResourceNotFoundException"},
		{"something else of CloudTrail's", account, home, "arn:aws:cloudtrail:us-east-2:123456789012:forest/abc", many(1), "ResourceTypeNotSupportedException"},
		{"a trail of an impossible name", account, home, arnOf(home, account, "a"), many(1), "InvalidTrailNameException"},
		{"a name", account, home, "my-trail", many(1), "CloudTrailARNInvalidException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.client(c.account, c.region).AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: &c.id, TagsList: c.tags})
			check(t, err, c.code, "")
			if c.code == "InvalidTagParameterException" || c.code == "TagsLimitExceededException" {
				return
			}
			_, err = w.client(c.account, c.region).RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: &c.id, TagsList: c.tags})
			check(t, err, c.code, "")
			_, err = w.client(c.account, c.region).ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{c.id}})
			check(t, err, c.code, "")
		})
	}
	client := w.client(account, home)
	_, err := client.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{arn}, NextToken: p("next")})
	check(t, err, "InvalidTokenException", "")
	_, err = client.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: make([]string, 21)})
	check(t, err, "OperationNotPermittedException", "")
}
