package buckets

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// session is a client of a fresh S3 that has one bucket.
type session struct {
	*fixture
	*s3.Client
	t *testing.T
}

const bkt = "logs-111122223333"

func (s session) put(key, body string, options ...func(*s3.PutObjectInput)) (*s3.PutObjectOutput, error) {
	in := &s3.PutObjectInput{Bucket: aws.String(bkt), Key: aws.String(key), Body: strings.NewReader(body)}
	for _, o := range options {
		o(in)
	}
	return s.PutObject(s.t.Context(), in)
}

func (s session) mustPut(key, body string) *s3.PutObjectOutput {
	s.t.Helper()
	out, err := s.put(key, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s session) get(key string, options ...func(*s3.GetObjectInput)) (string, error) {
	in := &s3.GetObjectInput{Bucket: aws.String(bkt), Key: aws.String(key)}
	for _, o := range options {
		o(in)
	}
	out, err := s.GetObject(s.t.Context(), in)
	if err != nil {
		return "", err
	}
	defer out.Body.Close()
	body, err := io.ReadAll(out.Body)
	return string(body), err
}

// is holds that an object has a body.
func (s session) is(key, want string) {
	s.t.Helper()
	if got, err := s.get(key); err != nil || got != want {
		s.t.Errorf("%q is %.40q (%d bytes), error %v; want %.40q", key, got, len(got), err, want)
	}
}

// code is the error code of an API's error, "" for none.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (s session) want(err error, want string) {
	s.t.Helper()
	if got := code(err); got != want {
		s.t.Errorf("error %q (%v), want %q", got, err, want)
	}
}

// TestObjects holds what the SDK's client may expect of objects.
func TestObjects(t *testing.T) {
	f := start(t)
	for name, check := range map[string]func(session){
		"what was put is got back":                             putAndGet,
		"keys with plus, space and letters of all scripts":     strangeKeys,
		"metadata, type and encoding are kept":                 metadata,
		"a range gives its bytes and 206":                      ranges,
		"if-none-match * writes only the first time":           ifNoneMatch,
		"if-match writes only over what was read":              ifMatch,
		"a missing object is NoSuchKey":                        noSuchKey,
		"a checksum that the SDK made is given back":           checksums,
		"a wrong checksum is refused":                          wrongChecksum,
		"a multipart upload is one object":                     multipart,
		"an aborted multipart upload is none":                  abortedMultipart,
		"a copy is another object":                             copies,
		"many objects are deleted at once":                     deleteMany,
		"ListObjects v1 pages by marker":                       listV1,
		"ListObjectsV2 pages by token and groups by delimiter": listV2,
		"versions are kept where a bucket has them":            versioning,
		"a presigned URL reads without a header":               presignedGet,
		"a presigned URL writes without a header":              presignedPut,
		"tags are kept":                                        objectTags,
		"an object's ACL is its owner's":                       objectACL,
		"bucket-owner-full-control is accepted":                ownerFullControl,
	} {
		t.Run(name, func(t *testing.T) {
			empty(t, f)
			f.bucket(t, bkt)
			check(session{f, f.client(), t})
		})
	}
}

// empty removes the bucket with all that is in it.
func empty(t *testing.T, f *fixture) {
	t.Helper()
	if !f.Exists(bkt) {
		return
	}
	c := f.client()
	versions, err := c.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String(bkt)})
	if err != nil {
		t.Fatal(err)
	}
	var all []types.ObjectIdentifier
	for _, v := range versions.Versions {
		all = append(all, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	for _, m := range versions.DeleteMarkers {
		all = append(all, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	if len(all) > 0 {
		if _, err := c.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String(bkt), Delete: &types.Delete{Objects: all}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(bkt)}); err != nil {
		t.Fatal(err)
	}
}

func putAndGet(s session) {
	s.mustPut("key", "first")
	s.mustPut("key", "second")
	s.is("key", "second")
	s.mustPut("empty", "")
	s.is("empty", "")
}

func strangeKeys(s session) {
	keys := []string{"a+b", "a b", "a%2Fb", "a&b=c?d#e", "ü/日本語/🪵", "it's (1)!*~.txt", "AWSLogs/1/CloudTrail/x_20261121T0200Z_aB3.json.gz", "a\\b", "tab\tkey", "x;y:z@w,v$"}
	for _, key := range keys {
		s.mustPut(key, "body of "+key)
	}
	for _, key := range keys {
		s.is(key, "body of "+key)
	}
	list, err := s.List(s.t.Context(), bkt, "")
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, o := range list {
		got = append(got, o.Key)
	}
	slices.Sort(keys)
	if !slices.Equal(got, keys) {
		s.t.Errorf("listed %q, want %q", got, keys)
	}
	for _, e := range s.events[len(s.events)-len(keys):] {
		if !slices.Contains(keys, e.Key) {
			s.t.Errorf("an event of %q, which nobody wrote", e.Key)
		}
	}
}

func metadata(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) {
		in.Metadata = map[string]string{"signature": strings.Repeat("ab", 256), "start-time": "2026"}
		in.ContentType, in.ContentEncoding = aws.String("application/json"), aws.String("gzip")
	})
	s.want(err, "")
	out, err := s.HeadObject(s.t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	if err != nil {
		s.t.Fatal(err)
	}
	if aws.ToString(out.ContentType) != "application/json" || aws.ToString(out.ContentEncoding) != "gzip" || len(out.Metadata["signature"]) != 512 || out.Metadata["start-time"] != "2026" || aws.ToInt64(out.ContentLength) != 4 {
		s.t.Errorf("head = %+v", out)
	}
}

func ranges(s session) {
	s.mustPut("key", "0123456789")
	for r, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=8-99": "89"} {
		if got, err := s.get("key", func(in *s3.GetObjectInput) { in.Range = aws.String(r) }); got != want || err != nil {
			s.t.Errorf("%s is %q, error %v, want %q", r, got, err, want)
		}
	}
	_, err := s.get("key", func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=10-") })
	s.want(err, "InvalidRange")
}

func ifNoneMatch(s session) {
	once := func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") }
	_, err := s.put("lock", "first", once)
	s.want(err, "")
	_, err = s.put("lock", "second", once)
	s.want(err, "PreconditionFailed")
	s.is("lock", "first")
}

func ifMatch(s session) {
	first := s.mustPut("state", "first")
	match := func(in *s3.PutObjectInput) { in.IfMatch = first.ETag }
	_, err := s.put("state", "second", match)
	s.want(err, "")
	_, err = s.put("state", "third", match)
	s.want(err, "PreconditionFailed")
	s.is("state", "second")
	_, err = s.get("state", func(in *s3.GetObjectInput) { in.IfMatch = first.ETag })
	s.want(err, "PreconditionFailed")
}

func noSuchKey(s session) {
	_, err := s.get("missing")
	s.want(err, "NoSuchKey")
	_, err = s.HeadObject(s.t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bkt), Key: aws.String("missing")})
	s.want(err, "NotFound")
	_, err = s.GetObject(s.t.Context(), &s3.GetObjectInput{Bucket: aws.String("no-such-bucket"), Key: aws.String("key")})
	s.want(err, "NoSuchBucket")
}

func checksums(s session) {
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256, types.ChecksumAlgorithmCrc64nvme} {
		put, err := s.put("key", "123456789", func(in *s3.PutObjectInput) { in.ChecksumAlgorithm = algorithm })
		if err != nil {
			s.t.Errorf("%s: %v", algorithm, err)
			continue
		}
		head, err := s.HeadObject(s.t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bkt), Key: aws.String("key"), ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			s.t.Fatal(err)
		}
		sent := []*string{put.ChecksumCRC32, put.ChecksumCRC32C, put.ChecksumSHA1, put.ChecksumSHA256, put.ChecksumCRC64NVME}
		kept := []*string{head.ChecksumCRC32, head.ChecksumCRC32C, head.ChecksumSHA1, head.ChecksumSHA256, head.ChecksumCRC64NVME}
		if !slices.EqualFunc(sent, kept, func(a, b *string) bool { return aws.ToString(a) == aws.ToString(b) }) || !slices.ContainsFunc(kept, func(v *string) bool { return v != nil }) {
			s.t.Errorf("%s: put answered %+v, head %+v", algorithm, put, head)
		}
	}
}

func wrongChecksum(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) { in.ChecksumCRC32 = aws.String("AAAAAA==") })
	s.want(err, "BadDigest")
	_, err = s.get("key")
	s.want(err, "NoSuchKey")
}
