package conform

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func trailCases() []Case {
	return []Case{
		{Name: "a trail is kept as it was made", Run: trailsAreKept},
		{Name: "a trail needs a bucket that exists", Run: trailsNeedABucket},
		{Name: "a trail needs a bucket that lets CloudTrail in", Run: trailsNeedAPolicy, Moto: "does not look at the bucket's policy"},
		{Name: "a trail has a home Region", Run: trailsHaveAHome, Moto: "does not tell it in GetTrail"},
		{Name: "a trail's name has rules", Run: namesHaveRules},
		{Name: "a trail's name has no marks side by side, and is no address", Run: namesHaveNoRows, Moto: "takes them"},
		{Name: "a name is taken once in a Region", Run: namesAreTakenOnce, Moto: "replaces the trail"},
		{Name: "a missing trail is named", Run: missingTrailsAreNamed},
		{Name: "a missing trail is not described", Run: missingTrailsAreNotDescribed, Moto: "describes all trails, whatever names are given"},
		{Name: "a trail is updated in what was said alone", Run: trailsAreUpdated},
		{Name: "a multi-Region trail casts its shadow in every Region", Run: trailsCastShadows},
		{Name: "a shadow is not changed", Run: shadowsAreNotChanged, Moto: "answers TrailNotFoundException"},
		{Name: "a trail has tags", Run: trailsHaveTags},
		{Name: "a trail of all Regions takes global service events", Run: globalEventsAreTaken},
	}
}

const logPolicy = `{"Version":"2012-10-17","Statement":[
{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::BUCKET"},
{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::BUCKET/*",
 "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}}]}`

// withLogBucket runs do with a bucket that CloudTrail may write to.
func (c *Clients) withLogBucket(ctx context.Context, name string, do func() error) error {
	return c.withBucket(ctx, name, func() error {
		policy := strings.ReplaceAll(logPolicy, "BUCKET", name)
		if _, err := c.S3.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &name, Policy: &policy}); err != nil {
			return err
		}
		return do()
	})
}

// withTrail runs do with a trail, and a bucket of its own, that it then removes.
func (c *Clients) withTrail(ctx context.Context, in cloudtrail.CreateTrailInput, do func(made *cloudtrail.CreateTrailOutput) error) error {
	bucket := *in.Name + "-logs"
	in.S3BucketName = &bucket
	return c.withLogBucket(ctx, bucket, func() error {
		made, err := c.CloudTrail.CreateTrail(ctx, &in)
		if err != nil {
			return fmt.Errorf("creating a trail: %w", err)
		}
		err = do(made)
		_, removed := c.CloudTrail.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: in.Name})
		return errors.Join(err, removed)
	})
}

func named(name string) cloudtrail.CreateTrailInput { return cloudtrail.CreateTrailInput{Name: &name} }

func trailsAreKept(ctx context.Context, c *Clients) error {
	in := named("conform-kept")
	in.S3KeyPrefix, in.EnableLogFileValidation, in.IsMultiRegionTrail = aws.String("prefix"), aws.Bool(true), aws.Bool(true)
	return c.withTrail(ctx, in, func(made *cloudtrail.CreateTrailOutput) error {
		got, err := c.CloudTrail.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: made.TrailARN})
		if err != nil {
			return err
		}
		listed, err := c.CloudTrail.ListTrails(ctx, &cloudtrail.ListTrailsInput{})
		found := 0
		for _, t := range listed.Trails {
			if aws.ToString(t.TrailARN) == *made.TrailARN {
				found++
			}
		}
		t := got.Trail
		return errors.Join(err, same("the ARN", *made.TrailARN, "arn:aws:cloudtrail:us-east-1:123456789012:trail/conform-kept"),
			same("the prefix", aws.ToString(t.S3KeyPrefix), "prefix"), same("the bucket", aws.ToString(t.S3BucketName), "conform-kept-logs"),
			same("the validation", aws.ToBool(t.LogFileValidationEnabled), true), same("all Regions", aws.ToBool(t.IsMultiRegionTrail), true),
			same("an organization's", aws.ToBool(t.IsOrganizationTrail), false),
			same("listed", found, 1))
	})
}

func trailsHaveAHome(ctx context.Context, c *Clients) error {
	return c.withTrail(ctx, named("conform-homely"), func(made *cloudtrail.CreateTrailOutput) error {
		got, err := c.CloudTrail.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: made.TrailARN})
		if err != nil {
			return err
		}
		return same("the home Region", aws.ToString(got.Trail.HomeRegion), Region)
	})
}

func trailsNeedABucket(ctx context.Context, c *Clients) error {
	_, err := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("conform-nowhere"), S3BucketName: aws.String("conform-no-such-bucket")})
	return refused(err, "S3BucketDoesNotExistException")
}

func trailsNeedAPolicy(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-closed", func() error {
		_, err := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("conform-shut-out"), S3BucketName: aws.String("conform-closed")})
		if err == nil {
			_, err := c.CloudTrail.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: aws.String("conform-shut-out")})
			return errors.Join(refused(nil, "InsufficientS3BucketPolicyException"), err)
		}
		return refused(err, "InsufficientS3BucketPolicyException")
	})
}

func namesHaveRules(ctx context.Context, c *Clients) error {
	return c.refuseNames(ctx, "ab", "-abc", "abc-", "a b c", strings.Repeat("a", 129))
}

func namesHaveNoRows(ctx context.Context, c *Clients) error {
	return c.refuseNames(ctx, "a..b", "a--b", "a_.b", "192.168.0.1")
}

// refuseNames holds that no trail can be made under any of the names.
func (c *Clients) refuseNames(ctx context.Context, names ...string) error {
	return c.withLogBucket(ctx, "conform-names", func() error {
		for _, name := range names {
			_, err := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: &name, S3BucketName: aws.String("conform-names")})
			if err := refused(err, "InvalidTrailNameException"); err != nil {
				return fmt.Errorf("%q: %w", name, err)
			}
		}
		return nil
	})
}

func namesAreTakenOnce(ctx context.Context, c *Clients) error {
	return c.withTrail(ctx, named("conform-taken"), func(*cloudtrail.CreateTrailOutput) error {
		_, err := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("conform-taken"), S3BucketName: aws.String("conform-taken-logs")})
		return refused(err, "TrailAlreadyExistsException")
	})
}

func missingTrailsAreNamed(ctx context.Context, c *Clients) error {
	name := aws.String("conform-nobody")
	_, got := c.CloudTrail.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: name})
	_, status := c.CloudTrail.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: name})
	return errors.Join(refused(got, "TrailNotFoundException"), refused(status, "TrailNotFoundException"))
}

func missingTrailsAreNotDescribed(ctx context.Context, c *Clients) error {
	return c.withTrail(ctx, named("conform-somebody"), func(*cloudtrail.CreateTrailOutput) error {
		out, err := c.CloudTrail.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{TrailNameList: []string{"conform-nobody"}})
		if err != nil {
			return err
		}
		return same("described trails", len(out.TrailList), 0)
	})
}

func trailsAreUpdated(ctx context.Context, c *Clients) error {
	in := named("conform-updated")
	in.EnableLogFileValidation = aws.Bool(true)
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		out, err := c.CloudTrail.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: in.Name, S3KeyPrefix: aws.String("new")})
		if err != nil {
			return err
		}
		return errors.Join(same("the prefix", aws.ToString(out.S3KeyPrefix), "new"), same("the validation", aws.ToBool(out.LogFileValidationEnabled), true))
	})
}

func trailsCastShadows(ctx context.Context, c *Clients) error {
	in := named("conform-shadow")
	in.IsMultiRegionTrail = aws.Bool(true)
	return c.withTrail(ctx, in, func(*cloudtrail.CreateTrailOutput) error {
		there := c.In("eu-west-1").CloudTrail
		with, err := there.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{})
		if err != nil {
			return err
		}
		without, err := there.DescribeTrails(ctx, &cloudtrail.DescribeTrailsInput{IncludeShadowTrails: aws.Bool(false)})
		return errors.Join(err, same("trails with shadows", len(with.TrailList), 1), same("trails without", len(without.TrailList), 0))
	})
}

func shadowsAreNotChanged(ctx context.Context, c *Clients) error {
	in := named("conform-home")
	in.IsMultiRegionTrail = aws.Bool(true)
	return c.withTrail(ctx, in, func(made *cloudtrail.CreateTrailOutput) error {
		_, err := c.In("eu-west-1").CloudTrail.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: made.TrailARN})
		return refused(err, "InvalidHomeRegionException")
	})
}

func trailsHaveTags(ctx context.Context, c *Clients) error {
	in := named("conform-tags")
	in.TagsList = []types.Tag{{Key: aws.String("team"), Value: aws.String("audit")}, {Key: aws.String("stage"), Value: aws.String("test")}}
	return c.withTrail(ctx, in, func(made *cloudtrail.CreateTrailOutput) error {
		_, added := c.CloudTrail.AddTags(ctx, &cloudtrail.AddTagsInput{ResourceId: made.TrailARN, TagsList: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}})
		_, removed := c.CloudTrail.RemoveTags(ctx, &cloudtrail.RemoveTagsInput{ResourceId: made.TrailARN, TagsList: []types.Tag{{Key: aws.String("stage")}}})
		got, err := c.CloudTrail.ListTags(ctx, &cloudtrail.ListTagsInput{ResourceIdList: []string{*made.TrailARN}})
		if err := errors.Join(added, removed, err); err != nil {
			return err
		}
		text := ""
		for _, t := range got.ResourceTagList[0].TagsList {
			text += *t.Key + "=" + aws.ToString(t.Value) + " "
		}
		return same("the tags", text, "team=red ")
	})
}

func globalEventsAreTaken(ctx context.Context, c *Clients) error {
	return c.withLogBucket(ctx, "conform-global", func() error {
		_, err := c.CloudTrail.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: aws.String("conform-global"), S3BucketName: aws.String("conform-global"),
			IsMultiRegionTrail: aws.Bool(true), IncludeGlobalServiceEvents: aws.Bool(false)})
		return refused(err, "InvalidParameterCombinationException")
	})
}
