package awsio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/insights"
)

// against gives a configuration for a service that is played by h, without
// retries by the SDK.
func against(t *testing.T, h http.HandlerFunc) aws.Config {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	cfg, err := Load(t.Context(), map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-west-1",
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	cfg.RetryMaxAttempts = 1
	return cfg
}

func s3Fault(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no</Message></Error>", code)
}

func TestLoadTakesIdentityEndpointAndRegionFromTheMap(t *testing.T) {
	seen := make(chan *http.Request, 1)
	cfg := against(t, func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		w.WriteHeader(http.StatusOK)
	})
	if err := NewS3(cfg).Bucket("b").Put(t.Context(), "k", []byte("x"), nil); err != nil {
		t.Fatal(err)
	}
	r := <-seen
	if r.URL.Path != "/b/k" || !strings.Contains(r.Header.Get("Authorization"), "Credential=AKIDEXAMPLE/") ||
		!strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/") {
		t.Errorf("%s %s", r.URL, r.Header.Get("Authorization"))
	}
}

func TestOpenTellsFaultsThatLastFromThoseThatPass(t *testing.T) {
	tests := []struct {
		status    int
		code      string
		permanent bool
	}{
		{404, "NoSuchKey", true}, {404, "NoSuchVersion", true}, {404, "NoSuchBucket", true}, {405, "MethodNotAllowed", true},
		{403, "AccessDenied", true}, {403, "InvalidObjectState", true},
		{403, "ExpiredToken", false}, {403, "RequestTimeTooSkewed", false},
		{503, "SlowDown", false}, {500, "InternalError", false}, {429, "TooManyRequests", false},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			store := NewS3(against(t, func(w http.ResponseWriter, _ *http.Request) { s3Fault(w, test.status, test.code) }))
			_, err := store.Open(t.Context(), delivery.Notice{Bucket: "b", Key: "k", VersionID: "v"})
			if err == nil || delivery.Permanent(err) != test.permanent || !strings.Contains(err.Error(), "s3://b/k") {
				t.Errorf("got %v, permanent %v", err, delivery.Permanent(err))
			}
		})
	}
}

// broken serves content in bodies that break after step bytes.
type broken struct {
	content []byte
	step    int
	etag    func(request int) string
	asked   []string // Range headers
}

func (b *broken) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	etag := b.etag(len(b.asked))
	b.asked = append(b.asked, r.Header.Get("Range"))
	if want := r.Header.Get("If-Match"); want != "" && want != etag {
		s3Fault(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	offset := 0
	_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &offset)
	rest := b.content[offset:]
	w.Header().Set("ETag", etag)
	w.Header().Set("x-amz-version-id", "v7")
	w.Header().Set("Content-Length", fmt.Sprint(len(rest)))
	if offset > 0 {
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = w.Write(rest[:min(b.step, len(rest))])
	_ = http.NewResponseController(w).Flush()
	if b.step < len(rest) {
		panic(http.ErrAbortHandler)
	}
}

func TestABodyThatBreaksGoesOnWhereItBroke(t *testing.T) {
	b := &broken{content: bytes.Repeat([]byte("0123456789"), 10000), step: 30000, etag: func(int) string { return `"e"` }}
	o, err := NewS3(against(t, b.ServeHTTP)).Open(t.Context(), delivery.Notice{Bucket: "b", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Body.Close()
	got, err := io.ReadAll(o.Body)
	if err != nil || !bytes.Equal(got, b.content) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	if o.VersionID != "v7" || o.ETag != "e" || o.Size != 100000 {
		t.Errorf("%+v", o)
	}
	if len(b.asked) < 4 || b.asked[0] != "" || slices.Contains(b.asked[1:], "") {
		t.Errorf("asked for %q", b.asked)
	}
}

func TestABodyIsNotGluedFromTwoObjects(t *testing.T) {
	b := &broken{content: make([]byte, 100000), step: 30000, etag: func(n int) string { return fmt.Sprintf(`"e%d"`, n) }}
	o, err := NewS3(against(t, b.ServeHTTP)).Open(t.Context(), delivery.Notice{Bucket: "b", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(o.Body); err == nil || delivery.Permanent(err) {
		t.Errorf("got %v", err)
	}
}

func TestABodyThatNeverComesIsGivenUp(t *testing.T) {
	b := &broken{content: make([]byte, 100), step: 0, etag: func(int) string { return `"e"` }}
	o, err := NewS3(against(t, b.ServeHTTP)).Open(t.Context(), delivery.Notice{Bucket: "b", Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(o.Body); err == nil || delivery.Permanent(err) || len(b.asked) != 1+maxResumes {
		t.Errorf("got %v after %d requests", err, len(b.asked))
	}
}

func TestALostConditionalWriteIsAConflict(t *testing.T) {
	tests := []struct {
		status    int
		code      string
		ifVersion string
		conflict  bool
	}{
		{412, "PreconditionFailed", `"e"`, true}, {412, "PreconditionFailed", "", true},
		{409, "ConditionalRequestConflict", `"e"`, true}, {404, "NoSuchKey", `"e"`, true},
		{409, "OperationAborted", `"e"`, false}, {503, "SlowDown", `"e"`, false}, {404, "NoSuchBucket", "", false},
	}
	for _, test := range tests {
		t.Run(test.code+test.ifVersion, func(t *testing.T) {
			var match, none string
			cfg := against(t, func(w http.ResponseWriter, r *http.Request) {
				match, none = r.Header.Get("If-Match"), r.Header.Get("If-None-Match")
				s3Fault(w, test.status, test.code)
			})
			states := States{Bucket: NewS3(cfg).Bucket("b"), Prefix: "detector/"}
			_, err := states.Save(t.Context(), "1", "r", []byte("x"), test.ifVersion)
			if err == nil || errors.Is(err, insights.ErrConflict) != test.conflict {
				t.Errorf("got %v", err)
			}
			if match != test.ifVersion || (none == "*") != (test.ifVersion == "") {
				t.Errorf("If-Match %q, If-None-Match %q", match, none)
			}
		})
	}
}

func TestAStateThatIsNotThereIsEmptyAndAMissingBucketIsAnError(t *testing.T) {
	for code, fails := range map[string]bool{"NoSuchKey": false, "NoSuchBucket": true} {
		cfg := against(t, func(w http.ResponseWriter, _ *http.Request) { s3Fault(w, 404, code) })
		data, version, err := States{Bucket: NewS3(cfg).Bucket("b")}.Load(t.Context(), "1", "r")
		if len(data) != 0 || version != "" || (err != nil) != fails {
			t.Errorf("%s: %q %q %v", code, data, version, err)
		}
	}
}

func TestKnownListsStatesOnly(t *testing.T) {
	pages := []string{
		`<IsTruncated>true</IsTruncated><NextContinuationToken>2</NextContinuationToken><Contents><Key>d/1/us-east-1.state</Key></Contents>
		 <Contents><Key>d/1/notes.txt</Key></Contents><Contents><Key>d/x/y/z.state</Key></Contents>`,
		`<IsTruncated>false</IsTruncated><Contents><Key>d/2%2F3/eu-west-1.state</Key></Contents>`,
	}
	cfg := against(t, func(w http.ResponseWriter, r *http.Request) {
		page := 0
		if r.URL.Query().Get("continuation-token") != "" {
			page = 1
		}
		fmt.Fprintf(w, "<ListBucketResult>%s</ListBucketResult>", pages[page])
	})
	var got []string
	for place, err := range (States{Bucket: NewS3(cfg).Bucket("b"), Prefix: "d/"}).Known(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, place[0]+" "+place[1])
	}
	if want := []string{"1 us-east-1", "2/3 eu-west-1"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// calls plays S3's writes, and fails those that name contains.
type calls struct {
	seen []string
	fail string
	size int
}

func (c *calls) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	name := r.Method
	switch {
	case q.Has("uploads"):
		name = "Create"
		if r.Header.Get("X-Amz-Checksum-Algorithm") != "CRC32" { // which the SDK gives the parts
			name = "CreateWithoutChecksums"
		}
	case q.Has("partNumber"):
		name = "Part" + q.Get("partNumber")
	case q.Has("uploadId") && r.Method == http.MethodPost:
		name = "Complete"
	}
	c.seen = append(c.seen, name)
	n, _ := io.Copy(io.Discard, r.Body)
	if strings.HasPrefix(name, "P") {
		c.size += int(n)
	}
	switch {
	case c.fail != "" && strings.Contains(name, c.fail):
		s3Fault(w, 400, "InvalidPart")
	case name == "Create":
		fmt.Fprint(w, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>")
	case name == "Complete":
		fmt.Fprint(w, "<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")
	case name == http.MethodDelete:
		w.WriteHeader(http.StatusNoContent)
	default:
		w.Header().Set("ETag", `"e"`)
	}
}

func TestAnUploadAppearsWholeOrNotAtAll(t *testing.T) {
	tests := map[string]struct {
		size    int
		fail    string
		discard bool
		want    string
	}{
		"a small one is one request":             {size: 1000, want: "PUT"},
		"a large one goes in parts":              {size: 2*partSize + 5, want: "Create Part1 Part2 Part3 Complete"},
		"what is discarded early costs nothing":  {size: 1000, discard: true},
		"what is discarded late is aborted":      {size: partSize + 5, discard: true, want: "Create Part1 DELETE"},
		"a failed completion is aborted":         {size: partSize + 5, fail: "Complete", want: "Create Part1 Part2 Complete DELETE"},
		"a failed last part is aborted":          {size: partSize + 5, fail: "Part2", want: "Create Part1 Part2 DELETE"},
		"a failed part is an error of its Write": {size: partSize, fail: "Part1", want: "Create Part1 DELETE"},
		"a small one that fails is nowhere":      {size: 1000, fail: "PUT", want: "PUT"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := &calls{fail: test.fail}
			ctx := context.Background()
			up := NewS3(against(t, c.ServeHTTP)).Bucket("b").Create(ctx, "k")
			var err error
			for left := test.size; left > 0 && err == nil; left -= 1 << 20 {
				_, err = up.Write(make([]byte, min(left, 1<<20)))
			}
			if err != nil || test.discard {
				err = errors.Join(err, up.Discard(ctx))
			} else {
				err = up.Commit(ctx)
			}
			if (err != nil) != (test.fail != "") {
				t.Errorf("error %v", err)
			}
			if got := strings.Join(c.seen, " "); got != test.want {
				t.Errorf("calls %q, want %q", got, test.want)
			}
		})
	}
}
