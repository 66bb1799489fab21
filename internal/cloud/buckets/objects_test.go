package buckets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
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

func (s session) upload(key string, parts ...string) (id *string, done []types.CompletedPart) {
	s.t.Helper()
	begun, err := s.CreateMultipartUpload(s.t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String(bkt), Key: aws.String(key), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32})
	if err != nil {
		s.t.Fatal(err)
	}
	for i, body := range parts {
		n := aws.Int32(int32(i + 1))
		out, err := s.UploadPart(s.t.Context(), &s3.UploadPartInput{Bucket: aws.String(bkt), Key: aws.String(key), UploadId: begun.UploadId, PartNumber: n, Body: strings.NewReader(body)})
		if err != nil {
			s.t.Fatal(err)
		}
		done = append(done, types.CompletedPart{PartNumber: n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32})
	}
	return begun.UploadId, done
}

func multipart(s session) {
	before := len(s.events)
	first := strings.Repeat("a", 5<<20)
	id, parts := s.upload("big", first, "tail")
	if len(s.events) != before {
		s.t.Errorf("parts raised events: %+v", s.events[before:])
	}
	_, err := s.CompleteMultipartUpload(s.t.Context(), &s3.CompleteMultipartUploadInput{Bucket: aws.String(bkt), Key: aws.String("big"), UploadId: id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	s.want(err, "")
	s.is("big", first+"tail")
	if e := s.events[before:]; len(e) != 1 || e[0].EventName != "ObjectCreated:CompleteMultipartUpload" || e[0].Size != 5<<20+4 || !strings.HasSuffix(e[0].ETag, "-2") {
		s.t.Errorf("events = %+v", e)
	}
}

func abortedMultipart(s session) {
	before := len(s.events)
	id, _ := s.upload("never", "part")
	_, err := s.AbortMultipartUpload(s.t.Context(), &s3.AbortMultipartUploadInput{Bucket: aws.String(bkt), Key: aws.String("never"), UploadId: id})
	s.want(err, "")
	_, err = s.get("never")
	s.want(err, "NoSuchKey")
	if len(s.events) != before {
		s.t.Errorf("events = %+v", s.events[before:])
	}
}

func copies(s session) {
	s.mustPut("from here", "body")
	_, err := s.CopyObject(s.t.Context(), &s3.CopyObjectInput{Bucket: aws.String(bkt), Key: aws.String("to"), CopySource: aws.String(bkt + "/from%20here")})
	s.want(err, "")
	s.is("to", "body")
	e := s.events[len(s.events)-1]
	if e.EventName != "ObjectCreated:Copy" || e.Key != "to" || e.Size != 4 || len(e.ETag) != 32 || e.Operation != "CopyObject" {
		s.t.Errorf("event = %+v", e)
	}
}

func deleteMany(s session) {
	var all []types.ObjectIdentifier
	for i := range 20 {
		key := fmt.Sprintf("a+b %d", i)
		s.mustPut(key, "x")
		all = append(all, types.ObjectIdentifier{Key: aws.String(key)})
	}
	before := len(s.events)
	out, err := s.DeleteObjects(s.t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String(bkt), Delete: &types.Delete{Objects: all}})
	if err != nil || len(out.Deleted) != 20 {
		s.t.Fatalf("deleted %+v, error %v", out, err)
	}
	events := s.events[before:]
	if len(events) != 20 {
		s.t.Fatalf("%d events, want 20", len(events))
	}
	for i, e := range events {
		if e.EventName != "ObjectRemoved:Delete" || e.Key != aws.ToString(all[i].Key) || i > 0 && e.Sequencer <= events[i-1].Sequencer {
			s.t.Errorf("event %d = %+v", i, e)
		}
	}
}

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

func (s session) send(method, url string, header http.Header, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

func presignedGet(s session) {
	s.mustPut("a+b c", "body")
	p, err := s3.NewPresignClient(s.Client).PresignGetObject(s.t.Context(), &s3.GetObjectInput{Bucket: aws.String(bkt), Key: aws.String("a+b c"), ResponseContentType: aws.String("text/x-test")})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, got := s.send(p.Method, p.URL, p.SignedHeader, ""); status != http.StatusOK || got != "body" {
		s.t.Errorf("%d %q", status, got)
	}
}

func presignedPut(s session) {
	p, err := s3.NewPresignClient(s.Client).PresignPutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String(bkt), Key: aws.String("key"), Metadata: map[string]string{"a": "1"}})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, got := s.send(p.Method, p.URL, p.SignedHeader, "body"); status != http.StatusOK {
		s.t.Errorf("%d %q", status, got)
	}
	s.is("key", "body")
	call := s.calls[len(s.calls)-2]
	if call.EventName != "PutObject" || call.Additional["AuthenticationMethod"] != "QueryString" {
		s.t.Errorf("call = %+v", call)
	}
	if _, leaked := call.Request.(map[string]any)["X-Amz-Signature"]; leaked {
		s.t.Errorf("the call tells its signature: %v", call.Request)
	}
}

func objectTags(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=audit") })
	s.want(err, "")
	out, err := s.GetObjectTagging(s.t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	if err != nil || len(out.TagSet) != 1 || aws.ToString(out.TagSet[0].Value) != "audit" {
		s.t.Errorf("tags %+v, error %v", out, err)
	}
}

func objectACL(s session) {
	s.mustPut("key", "body")
	out, err := s.GetObjectAcl(s.t.Context(), &s3.GetObjectAclInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	if err != nil || len(out.Grants) != 1 || out.Grants[0].Permission != types.PermissionFullControl || aws.ToString(out.Owner.ID) != s.owner {
		s.t.Errorf("acl %+v, error %v", out, err)
	}
	_, err = s.GetObjectAcl(s.t.Context(), &s3.GetObjectAclInput{Bucket: aws.String(bkt), Key: aws.String("missing")})
	s.want(err, "NoSuchKey")
}

func ownerFullControl(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLBucketOwnerFullControl })
	s.want(err, "")
	_, err = s.put("key", "body", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLPublicRead })
	s.want(err, "AccessControlListNotSupported")
}

// TestALargeBodyIsNeverInMemory sends 64 MiB up and down and holds that the heap grew by a
// fraction of it.
func TestALargeBodyIsNeverInMemory(t *testing.T) {
	const size = 64 << 20
	f := start(t)
	f.bucket(t, bkt)
	peak := watchHeap(t)
	err := f.Put(t.Context(), bkt, "direct", io.LimitReader(zeros{}, size), size, Meta{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := s3.NewPresignClient(f.client()).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bkt), Key: aws.String("big")})
	if err != nil {
		t.Fatal(err)
	}
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, p.URL, io.LimitReader(zeros{}, size))
	r.ContentLength = size
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%+v, %v", resp, err)
	}
	resp.Body.Close()
	out, err := f.client().GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(bkt), Key: aws.String("big")})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, out.Body)
	if err != nil || n != size {
		t.Errorf("read %d bytes, error %v", n, err)
	}
	if grown := peak(); grown > size/2 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	if got := len(f.events); got != 2 || f.events[1].Size != size {
		t.Errorf("events = %+v", f.events)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestAnAbortedUploadLeavesNothing breaks a connection in the middle of a body.
func TestAnAbortedUploadLeavesNothing(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	p, err := s3.NewPresignClient(f.client()).PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(bkt), Key: aws.String("half")})
	if err != nil {
		t.Fatal(err)
	}
	gone := errors.New("gone")
	body := io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), failing{gone})
	r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, p.URL, body)
	r.ContentLength = 2 << 20
	if _, err := http.DefaultClient.Do(r); !errors.Is(err, gone) {
		t.Fatalf("sent with error %v", err)
	}
	call := f.waitForCall(t, "PutObject")
	if call.Fault == nil {
		t.Error("the call succeeded")
	}
	if len(f.events) != 0 {
		t.Errorf("events = %+v", f.events)
	}
	if _, _, err := f.Get(t.Context(), bkt, "half"); !errors.Is(err, ErrNoSuchKey) {
		t.Errorf("reading it gives %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
