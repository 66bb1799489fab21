package buckets

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const testAccount = "111122223333"

// fixture is a started S3 behind a test server, and what it told.
type fixture struct {
	*Buckets
	url string

	mu     sync.Mutex
	events []ObjectEvent
	calls  []wire.Call
}

// start serves an empty S3. Tests that use it must not run in parallel: there is one
// gateway in a process.
func start(t *testing.T) *fixture {
	t.Helper()
	dir, err := os.MkdirTemp("", "buckets")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return startIn(t, dir)
}

func startIn(t *testing.T, dir string) *fixture {
	t.Helper()
	f := &fixture{}
	b, err := Start(t.Context(), Config{
		Dir: dir, AccountID: testAccount, Region: "us-east-1", Now: time.Now, Log: slog.New(slog.DiscardHandler), OnObject: f.observe,
	})
	if err != nil {
		t.Fatal(err)
	}
	f.Buckets = b
	server := httptest.NewServer(f)
	f.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

func (f *fixture) observe(e ObjectEvent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, e)
}

func (f *fixture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scope, _ := sigv4.Parse(r) // unsigned and malformed ones are Serve's to refuse
	call := f.Serve(w, r, wire.Caller{AccessKeyID: scope.AccessKeyID, AccountID: testAccount, Region: scope.Region, Service: scope.Service, UserAgent: r.UserAgent()})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, call)
}

// client signs with an access key that nobody has heard of.
func (f *fixture) client(options ...func(*s3.Options)) *s3.Client {
	all := append([]func(*s3.Options){func(o *s3.Options) {
		o.Region = "us-east-1"
		o.Credentials = credentials.NewStaticCredentialsProvider("AKIANOBODYKNOWSTHIS1", "any secret", "")
		o.BaseEndpoint = aws.String(f.url)
		o.UsePathStyle = true
		o.RetryMaxAttempts = 1
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenSupported // LoadDefaultConfig's defaults
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported
	}}, options...)
	return s3.New(s3.Options{}, all...)
}

// bucket makes one.
func (f *fixture) bucket(t *testing.T, name string) string {
	t.Helper()
	if err := f.Create(context.Background(), name, "us-east-1"); err != nil {
		t.Fatal(err)
	}
	return name
}

// waitForCall waits until a call of an operation has ended.
func (f *fixture) waitForCall(t *testing.T, operation string) wire.Call {
	t.Helper()
	for range 500 {
		f.mu.Lock()
		for _, c := range f.calls {
			if c.EventName == operation {
				f.mu.Unlock()
				return c
			}
		}
		f.mu.Unlock()
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("no call of %s", operation)
	return wire.Call{}
}

// watchHeap samples the heap until the returned function is called, which gives how many
// bytes it had grown by at most.
func watchHeap(t *testing.T) (grown func() int64) {
	t.Helper()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	base, peak := int64(m.HeapAlloc), int64(0)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&m)
				peak = max(peak, int64(m.HeapAlloc)-base)
			}
		}
	}()
	return func() int64 { close(stop); <-done; return peak }
}
