package buckets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
)

func TestBucketsAreWhereTheyWereMade(t *testing.T) {
	f := start(t)
	for name, tc := range map[string]struct{ endpoint, location, region, code string }{
		"a bucket of us-east-1 has no location":         {"us-east-1", "", "us-east-1", ""},
		"the old name of eu-west-1":                     {"us-east-1", "EU", "eu-west-1", ""},
		"any Region through us-east-1":                  {"us-east-1", "ap-southeast-2", "ap-southeast-2", ""},
		"a Region through its own endpoint":             {"us-gov-west-1", "us-gov-west-1", "us-gov-west-1", ""},
		"no location through another Region's endpoint": {"eu-west-1", "", "", "IllegalLocationConstraintException"},
		"another location than the endpoint's Region":   {"eu-west-1", "eu-west-2", "", "IllegalLocationConstraintException"},
		"a location that is no Region":                  {"us-east-1", "mars-north-1a", "", "InvalidLocationConstraint"},
		"us-east-1 is not a location":                   {"us-east-1", "us-east-1", "", "InvalidLocationConstraint"},
	} {
		t.Run(name, func(t *testing.T) {
			s := session{f, f.client(func(o *s3.Options) { o.Region = tc.endpoint }), t}
			bucket := aws.String("made-in-" + tc.endpoint + "-at-" + strings.ToLower(tc.location) + "x")
			in := &s3.CreateBucketInput{Bucket: bucket}
			if tc.location != "" {
				in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(tc.location)}
			}
			_, err := s.CreateBucket(t.Context(), in)
			s.want(err, tc.code)
			if tc.code != "" {
				if f.Exists(*bucket) {
					t.Error("the bucket was made")
				}
				return
			}
			s.isIn(bucket, tc.location, tc.region)
		})
	}
}

func (s session) isIn(bucket *string, location, region string) {
	s.t.Helper()
	out, err := s.GetBucketLocation(s.t.Context(), &s3.GetBucketLocationInput{Bucket: bucket})
	if err != nil || string(out.LocationConstraint) != location {
		s.t.Errorf("location %+v, error %v, want %q", out, err, location)
	}
	head, err := s.HeadBucket(s.t.Context(), &s3.HeadBucketInput{Bucket: bucket})
	if err != nil || aws.ToString(head.BucketRegion) != region {
		s.t.Errorf("head %+v, error %v, want %q", head, err, region)
	}
	if got, ok := s.Region(*bucket); got != region || !ok {
		s.t.Errorf("Region = %q, %v, want %q", got, ok, region)
	}
}

func TestABucketIsMadeOnce(t *testing.T) {
	f := start(t)
	for endpoint, code := range map[string]string{"us-east-1": "", "eu-west-1": "BucketAlreadyOwnedByYou"} {
		s := session{f, f.client(func(o *s3.Options) { o.Region = endpoint }), t}
		in := &s3.CreateBucketInput{Bucket: aws.String("bucket-of-" + endpoint)}
		if endpoint != "us-east-1" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(endpoint)}
		}
		_, err := s.CreateBucket(t.Context(), in)
		s.want(err, "")
		_, err = s.CreateBucket(t.Context(), in)
		s.want(err, code)
	}
}

func TestEverythingSurvivesARestart(t *testing.T) {
	dir, err := os.MkdirTemp("", "buckets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	before, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Run("first", func(t *testing.T) {
		f := startIn(t, dir)
		if err := f.Create(t.Context(), bkt, "eu-central-1"); err != nil {
			t.Fatal(err)
		}
		s := session{f, f.client(), t}
		s.want(s.putPolicy(cloudTrailPolicy), "")
		s.mustPut("key", "body")
	})
	if now, err := os.Getwd(); err != nil || now != before {
		t.Errorf("Close left the working directory at %s, error %v", now, err)
	}
	t.Run("second", func(t *testing.T) {
		f := startIn(t, dir)
		s := session{f, f.client(), t}
		s.isIn(aws.String(bkt), "eu-central-1", "eu-central-1")
		s.is("key", "body")
		if d, _ := f.Allows(bkt, "cloudtrail.amazonaws.com", "s3:GetBucketAcl", "arn:aws:s3:::"+bkt, nil); d != policy.Allow {
			t.Errorf("the policy says %v", d)
		}
	})
}

func TestASecondGatewayInTheProcessIsRefused(t *testing.T) {
	f := start(t)
	dir, err := os.MkdirTemp("", "buckets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if _, err := Start(t.Context(), Config{Dir: filepath.Join(dir, "second"), AccountID: testAccount, Region: "us-east-1", Now: f.cfg.Now, Log: f.cfg.Log}); !errors.Is(err, ErrRunning) {
		t.Fatalf("error %v, want %v", err, ErrRunning)
	}
	f.bucket(t, bkt) // the first one goes on
	s := session{f, f.client(), t}
	s.mustPut("key", "body")
	s.is("key", "body")
}
