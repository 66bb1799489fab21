package awsio

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// objects plays a bucket, without conditions.
type objects struct {
	mu  sync.Mutex
	all map[string][]byte
}

func (o *objects) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	key := strings.TrimPrefix(r.URL.EscapedPath(), "/b/")
	data, have := o.all[key]
	switch {
	case r.URL.Query().Has("list-type"):
		fmt.Fprint(w, "<ListBucketResult>")
		for _, k := range slices.Sorted(maps.Keys(o.all)) {
			if strings.HasPrefix(k, r.URL.Query().Get("prefix")) {
				fmt.Fprintf(w, "<Contents><Key>%s</Key></Contents>", k)
			}
		}
		fmt.Fprint(w, "</ListBucketResult>")
	case r.Method == http.MethodDelete:
		delete(o.all, key)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		o.all[key], _ = io.ReadAll(r.Body)
		w.Header().Set("ETag", `"e"`)
	case have:
		w.Header().Set("ETag", `"e"`)
		_, _ = w.Write(data)
	default:
		s3Fault(w, 404, "NoSuchKey")
	}
}

func TestALargeStateIsKeptInParts(t *testing.T) {
	o := &objects{all: map[string][]byte{}}
	states := States{Bucket: NewS3(against(t, o.ServeHTTP)).Bucket("b"), Prefix: "d/"}
	now := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	r := insights.Runner{Store: states, Config: insights.DefaultConfig(), Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	r.Config.PartKeys = 1
	for range 3 { // and read them again
		b := insights.Batch{ID: now.String(), AccountID: "1", Region: "r"}
		for _, name := range []string{"CreateUser", "DeleteUser", "CreateRole"} {
			b.Tallies = append(b.Tallies, insights.Tally{AccountID: "1", Region: "r", Minute: now, EventSource: "iam.amazonaws.com", EventName: name, Count: 1})
		}
		if _, err := r.Run(t.Context(), "1", "r", []insights.Batch{b}); err != nil {
			t.Fatal(err)
		}
		now = now.Add(time.Hour)
	}
	names, err := states.PartNames(t.Context(), "1", "r")
	if err != nil || len(names) != 3 || len(o.all) != 4 || o.all["d/1/r.parts/"+names[0]] == nil {
		t.Errorf("parts %q, %v: objects %q", names, err, slices.Sorted(maps.Keys(o.all)))
	}
	known := 0
	for place, err := range states.Known(t.Context()) {
		if err != nil || place != [2]string{"1", "r"} {
			t.Errorf("%v, %v", place, err)
		}
		known++
	}
	if known != 1 {
		t.Errorf("%d states are known", known)
	}
}
