package buckets

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func listV1(s session) {
	for i := range 5 {
		s.mustPut(fmt.Sprintf("p/%d", i), "x")
	}
	var keys []string
	in := &s3.ListObjectsInput{Bucket: aws.String(bkt), Prefix: aws.String("p/"), MaxKeys: aws.Int32(2)}
	for {
		out, err := s.ListObjects(s.t.Context(), in)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, o := range out.Contents {
			keys = append(keys, aws.ToString(o.Key))
		}
		if !aws.ToBool(out.IsTruncated) {
			break
		}
		in.Marker = aws.String(keys[len(keys)-1])
	}
	if got := strings.Join(keys, " "); got != "p/0 p/1 p/2 p/3 p/4" {
		s.t.Errorf("keys = %s", got)
	}
}

func listV2(s session) {
	for _, key := range []string{"a/1", "a/2", "b", "c/1"} {
		s.mustPut(key, "x")
	}
	var got []string
	pages := s3.NewListObjectsV2Paginator(s, &s3.ListObjectsV2Input{Bucket: aws.String(bkt), Delimiter: aws.String("/"), MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		for _, p := range page.CommonPrefixes {
			got = append(got, aws.ToString(p.Prefix))
		}
		for _, o := range page.Contents {
			got = append(got, aws.ToString(o.Key))
		}
	}
	if strings.Join(got, " ") != "a/ b c/" {
		s.t.Errorf("listed %q", got)
	}
}

func versioning(s session) {
	ctx := s.t.Context()
	_, err := s.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String(bkt), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	s.want(err, "")
	first, second := s.mustPut("key", "first"), s.mustPut("key", "second")
	if first.VersionId == nil || aws.ToString(first.VersionId) == aws.ToString(second.VersionId) {
		s.t.Fatalf("versions %v, %v", first.VersionId, second.VersionId)
	}
	if got, err := s.get("key", func(in *s3.GetObjectInput) { in.VersionId = first.VersionId }); got != "first" || err != nil {
		s.t.Errorf("the first version is %q, error %v", got, err)
	}
	if e := s.events[len(s.events)-1]; e.VersionID != aws.ToString(second.VersionId) {
		s.t.Errorf("event of version %q, want %q", e.VersionID, aws.ToString(second.VersionId))
	}
	_, err = s.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	s.want(err, "")
	_, err = s.get("key")
	s.want(err, "NoSuchKey")
	if e := s.events[len(s.events)-1]; e.EventName != "ObjectRemoved:DeleteMarkerCreated" || e.VersionID == "" {
		s.t.Errorf("event = %+v", e)
	}
}
