package buckets

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// presign signs a URL with an access key that nobody has heard of.
func presign(t *testing.T, method, url string) string {
	t.Helper()
	r := httptest.NewRequest(method, url+"&X-Amz-Expires=60", nil)
	if !strings.Contains(url, "?") {
		r = httptest.NewRequest(method, url+"?X-Amz-Expires=60", nil)
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	key := aws.Credentials{AccessKeyID: "AKIANOBODYKNOWSTHIS1", SecretAccessKey: "any secret"}
	signed, _, err := signer.PresignHTTP(context.Background(), key, r, "UNSIGNED-PAYLOAD", "s3", "us-east-1", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestAnyAccessKeyMayComeIn(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	for _, key := range []aws.Credentials{{AccessKeyID: "test", SecretAccessKey: "test"}, {AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: "x", SessionToken: "token"}} {
		s := session{f, f.client(func(o *s3.Options) {
			o.Credentials = credentials.StaticCredentialsProvider{Value: key}
			o.Region = "sa-east-1"
		}), t}
		s.mustPut("key", key.AccessKeyID)
		s.is("key", key.AccessKeyID)
		if call := f.calls[len(f.calls)-1]; call.EventName != "GetObject" || call.Caller.AccessKeyID != key.AccessKeyID || call.Caller.Region != "sa-east-1" || !strings.HasPrefix(call.Caller.UserAgent, "[aws-sdk-go-v2/") {
			t.Errorf("call = %+v", call)
		}
	}
}

func TestUnsignedRequestsAreRefused(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	if err := f.Put(t.Context(), bkt, "key", strings.NewReader("body"), 4, Meta{}); err != nil {
		t.Fatal(err)
	}
	s := session{f, nil, t}
	for _, request := range []string{"GET /", "GET /" + bkt, "GET /" + bkt + "/key", "PUT /" + bkt + "/key", "DELETE /" + bkt + "/key", "GET /" + bkt + "?policy", "PUT /another"} {
		method, path, _ := strings.Cut(request, " ")
		if status, body := s.send(method, f.url+path, nil, ""); status != http.StatusForbidden || !strings.Contains(body, "<Code>AccessDenied</Code>") {
			t.Errorf("%s: %d %s", request, status, body)
		}
	}
	call := f.calls[3]
	if call.EventName != "PutObject" || call.Fault == nil || call.Fault.Code != "AccessDenied" {
		t.Errorf("call = %+v", call)
	}
}

func TestABucketMayBeInTheHost(t *testing.T) {
	for host, want := range map[string]string{
		"localhost:4566": "", "127.0.0.1:4566": "", "s3.localhost:4566": "", "s3.eu-west-1.localhost": "", "[::1]:4566": "",
		"logs.localhost:4566": "logs", "my.dotted.logs.localhost": "my.dotted.logs", "logs.s3.localhost": "logs", "logs.s3.eu-west-1.localhost:1": "logs",
		"logs.s3.amazonaws.com": "logs", "logs.s3.eu-west-1.amazonaws.com": "logs", "logs.s3-eu-west-1.amazonaws.com": "logs",
		"s3.amazonaws.com": "", "cloudtrail.us-east-1.amazonaws.com": "", "example.com": "",
	} {
		if got := hostBucket(host); got != want {
			t.Errorf("%s is bucket %q, want %q", host, got, want)
		}
	}
}

func TestVirtualHostStyleIsServed(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	_, port, _ := strings.Cut(strings.TrimPrefix(f.url, "http://"), ":")
	s := session{f, f.client(func(o *s3.Options) {
		o.UsePathStyle = false
		o.BaseEndpoint = aws.String("http://localhost:" + port)
		o.HTTPClient = &http.Client{Transport: loopback{}}
	}), t}
	s.mustPut("a+b/ü", "body")
	s.is("a+b/ü", "body")
	call := f.calls[len(f.calls)-1]
	if p := call.Request.(map[string]any); p["bucketName"] != bkt || p["key"] != "a+b/ü" || p["Host"] != bkt+".localhost:"+port {
		t.Errorf("parameters = %v", p)
	}
}

// loopback takes every host of localhost for 127.0.0.1.
type loopback struct{}

func (loopback) RoundTrip(r *http.Request) (*http.Response, error) {
	host := r.URL.Host
	r.URL.Host = "127.0.0.1" + host[strings.LastIndexByte(host, ':'):]
	if r.Host == "" {
		r.Host = host
	}
	return http.DefaultTransport.RoundTrip(r)
}

func TestKeysThatFilesCannotTellApartAreRefused(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	f.bucket(t, "another")
	s := session{f, f.client(), t}
	for _, key := range []string{"../another/key", "a/../../another/key", "..", "a/./b", "a//b", "/a", "a//"} {
		_, err := s.put(key, "body")
		s.want(err, "NotImplemented")
		if err := f.Put(t.Context(), bkt, key, strings.NewReader(""), 0, Meta{}); err == nil {
			t.Errorf("%q was written", key)
		}
	}
	for _, bucket := range []string{bkt, "another"} {
		if got, err := f.List(t.Context(), bucket, ""); err != nil || len(got) != 0 {
			t.Errorf("%s has %+v, error %v", bucket, got, err)
		}
	}
}

func TestTheServicesOwnWayIn(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	ctx := t.Context()
	meta := Meta{ContentType: "application/json", ContentEncoding: "gzip", User: map[string]string{"signature": "ab"}}
	if err := f.Put(ctx, bkt, "a+b/ü", strings.NewReader("body"), 4, meta); err != nil {
		t.Fatal(err)
	}
	body, got, err := f.Get(ctx, bkt, "a+b/ü")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	body.Close()
	if string(text) != "body" || err != nil || got.ContentType != meta.ContentType || got.ContentEncoding != meta.ContentEncoding || got.User["signature"] != "ab" {
		t.Errorf("%q %+v, error %v", text, got, err)
	}
	list, err := f.List(ctx, bkt, "a+")
	if err != nil || len(list) != 1 || list[0].Key != "a+b/ü" || list[0].Size != 4 || len(list[0].ETag) != 32 || list[0].LastModified.IsZero() {
		t.Errorf("list %+v, error %v", list, err)
	}
	if len(f.events) != 1 || len(f.calls) != 0 || f.events[0].Size != 4 || f.events[0].ETag != list[0].ETag {
		t.Errorf("events %+v, calls %+v", f.events, f.calls)
	}
	_, _, err = f.Get(ctx, bkt, "missing")
	wantIs(t, err, ErrNoSuchKey)
	wantIs(t, f.Put(ctx, "no-such-bucket", "key", strings.NewReader(""), 0, Meta{}), ErrNoSuchBucket)
	_, err = f.List(ctx, "no-such-bucket", "")
	wantIs(t, err, ErrNoSuchBucket)
	if err := f.Put(ctx, bkt, "short", strings.NewReader("1234"), 9, Meta{}); err == nil {
		t.Error("a body that is too short was written")
	}
	if len(f.events) != 1 {
		t.Errorf("events %+v", f.events)
	}
}

func wantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}

func TestTheServicesListReadsAllPages(t *testing.T) {
	f := start(t)
	f.bucket(t, bkt)
	const n = 1001
	for i := range n {
		if err := f.Put(t.Context(), bkt, "p/"+strings.Repeat("x", i%7)+string(rune('a'+i%26))+"/"+time.Duration(i).String(), strings.NewReader(""), 0, Meta{}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := f.List(t.Context(), bkt, "p/")
	if err != nil || len(list) != n {
		t.Errorf("listed %d, error %v, want %d", len(list), err, n)
	}
}
