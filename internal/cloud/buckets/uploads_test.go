package buckets

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

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
