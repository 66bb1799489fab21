package buckets

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

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
