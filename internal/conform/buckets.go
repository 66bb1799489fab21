package conform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func bucketCases() []Case {
	return []Case{
		{Name: "an object comes back as it was put", Run: objectsComeBack},
		{Name: "a bucket is where it was made", Run: bucketsHaveARegion},
		{Name: "a bucket that is not empty cannot be deleted", Run: fullBucketsStay},
		{Name: "a missing bucket, key or policy is named", Run: missingIsNamed},
		{Name: "a conditional put writes once", Run: conditionalPutsWriteOnce},
		{Name: "a listing comes in pages, in the order of keys", Run: listingsComeInPages},
	}
}

// withBucket runs do with a bucket that it then empties and removes.
func (c *Clients) withBucket(ctx context.Context, name string, do func() error) error {
	if _, err := c.S3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name}); err != nil {
		return fmt.Errorf("creating a bucket: %w", err)
	}
	return errors.Join(do(), c.removeBucket(ctx, name))
}

func (c *Clients) removeBucket(ctx context.Context, name string) error {
	listed, err := c.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &name})
	if err != nil {
		return fmt.Errorf("emptying a bucket: %w", err)
	}
	for _, o := range listed.Contents {
		if _, err := c.S3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &name, Key: o.Key}); err != nil {
			return fmt.Errorf("emptying a bucket: %w", err)
		}
	}
	_, err = c.S3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: &name})
	return err
}

func (c *Clients) put(ctx context.Context, bucket, key, body string) error {
	_, err := c.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(body)})
	return err
}

func objectsComeBack(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-objects", func() error {
		for _, key := range []string{"plain", "a b+c", "ü/日本語", "deep/er/key"} {
			in := &s3.PutObjectInput{Bucket: aws.String("conform-objects"), Key: &key, Body: strings.NewReader("body of " + key),
				ContentType: aws.String("text/x-test"), Metadata: map[string]string{"k": "v"}}
			if _, err := c.S3.PutObject(ctx, in); err != nil {
				return err
			}
			got, err := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: in.Bucket, Key: &key})
			if err != nil {
				return err
			}
			body, err := io.ReadAll(got.Body)
			err = errors.Join(err, got.Body.Close(), same("body", string(body), "body of "+key),
				same("Content-Type", aws.ToString(got.ContentType), "text/x-test"), same("metadata", got.Metadata["k"], "v"))
			if err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
		}
		return nil
	})
}

func bucketsHaveARegion(ctx context.Context, c *Clients) error {
	for region, want := range map[string]types.BucketLocationConstraint{"us-east-1": "", "eu-west-1": "eu-west-1"} {
		there, name := c.In(region), aws.String("conform-region-"+region)
		in := &s3.CreateBucketInput{Bucket: name}
		if want != "" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: want}
		}
		if _, err := there.S3.CreateBucket(ctx, in); err != nil {
			return err
		}
		got, err := there.S3.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: name})
		if err == nil {
			err = same("the location of "+region, got.LocationConstraint, want)
		}
		if err := errors.Join(err, there.removeBucket(ctx, *name)); err != nil {
			return err
		}
	}
	return nil
}

func fullBucketsStay(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-full", func() error {
		if err := c.put(ctx, "conform-full", "k", "v"); err != nil {
			return err
		}
		_, err := c.S3.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String("conform-full")})
		return refused(err, "BucketNotEmpty")
	})
}

func missingIsNamed(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-missing", func() error {
		name := aws.String("conform-missing")
		_, key := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: name, Key: aws.String("nothing")})
		_, bucket := c.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("conform-no-such-bucket")})
		_, policy := c.S3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: name})
		return errors.Join(refused(key, "NoSuchKey"), refused(bucket, "NoSuchBucket"), refused(policy, "NoSuchBucketPolicy"))
	})
}

func conditionalPutsWriteOnce(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-once", func() error {
		put := func() error {
			_, err := c.S3.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("conform-once"), Key: aws.String("k"), Body: strings.NewReader("v"), IfNoneMatch: aws.String("*")})
			return err
		}
		if err := put(); err != nil {
			return err
		}
		return refused(put(), "PreconditionFailed")
	})
}

func listingsComeInPages(ctx context.Context, c *Clients) error {
	return c.withBucket(ctx, "conform-pages", func() error {
		for _, key := range []string{"b", "a/2", "c", "a/1", "d"} {
			if err := c.put(ctx, "conform-pages", key, "v"); err != nil {
				return err
			}
		}
		var keys []string
		pages := s3.NewListObjectsV2Paginator(c.S3, &s3.ListObjectsV2Input{Bucket: aws.String("conform-pages"), MaxKeys: aws.Int32(2)})
		count := 0
		for ; pages.HasMorePages(); count++ {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return err
			}
			for _, o := range page.Contents {
				keys = append(keys, *o.Key)
			}
		}
		return errors.Join(same("the keys", strings.Join(keys, " "), "a/1 a/2 b c d"), same("the number of pages", count, 3))
	})
}
