package flows

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// refusal answers the first request for an object, once there is one, with an
// error that may pass and that the SDK does not try again.
type refusal struct{ key atomic.Pointer[string] }

func (r *refusal) before(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		key := r.key.Load()
		if key == nil || !strings.HasSuffix(req.URL.Path, *key) || !r.key.CompareAndSwap(key, nil) {
			next.ServeHTTP(w, req)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>`)) // a client that is gone needs none
	}
}

// TestALogFileThatCouldNotBeHashedIsSentOnAndTold goes through the queue that the
// template gives the log reader.
func TestALogFileThatCouldNotBeHashedIsSentOnAndTold(t *testing.T) {
	var sent atomic.Pointer[string]
	refuses := &refusal{}
	code := handlers(t)
	parser := code["Logparser"]
	code["Logparser"] = func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
		account, err := url.Parse(env["AWS_ENDPOINT_URL"])
		if err != nil {
			return nil, err
		}
		front := httptest.NewServer(refuses.before(httputil.NewSingleHostReverseProxy(account)))
		t.Cleanup(front.Close)
		env["AWS_ENDPOINT_URL"] = front.URL
		return parser(ctx, env)
	}
	a, err := Start(t.Context(), t.TempDir(), code, func(c *cloud.Config) {
		c.OnCall = func(call wire.Call) {
			if raw, _ := json.Marshal(call.Request); call.EventName == "SendMessage" && strings.Contains(string(raw), `\"files\":[`) {
				text := call.Caller.ARN + string(raw)
				sent.Store(&text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	if err := a.Drift(t.Context()); err != nil { // there is a trail then
		t.Fatal(err)
	}
	if err := a.tampered(t.Context(), func(key string) { refuses.key.Store(&key) }); err != nil {
		t.Error(err)
	}
	got := sent.Load()
	if got == nil {
		t.Fatal("nothing was sent on")
	}
	if !strings.Contains(*got, "assumed-role/trailhand-LogparserRole") || !strings.Contains(*got, "LogFileQueue") {
		t.Errorf("sent on: %s", *got)
	}
}
