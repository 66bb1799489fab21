package detector

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// memory is a bucket.
type memory struct {
	objects  map[string][]byte
	metadata map[string]map[string]string
}

func (m *memory) Put(_ context.Context, key string, data []byte, metadata map[string]string) error {
	m.objects[key], m.metadata[key] = data, metadata
	return nil
}

// published is a bus.
type published []events.Envelope

func (p *published) Publish(_ context.Context, envelopes []events.Envelope) error {
	*p = append(*p, envelopes...)
	return nil
}

func TestAnInsightHasOneKeyAndOneEventHoweverOftenItIsPublished(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 0, 0, time.UTC)
	tr := insights.Transition{AccountID: "111122223333", Region: "us-east-1", EventID: "E1", SharedEventID: "S1", Time: at, Phase: insights.Start,
		Key: insights.Key{Type: insights.CallRate, Category: insights.Management, EventSource: "s3.amazonaws.com", EventName: "DeleteBucket"}}
	m, out := &memory{objects: map[string][]byte{}, metadata: map[string]map[string]string{}}, &published{}
	for range 2 {
		if err := errors.Join(insightFiles{m, "insights/"}.Publish(t.Context(), []insights.Transition{tr}),
			insightEvents{out}.Publish(t.Context(), []insights.Transition{tr})); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.objects) != 1 {
		t.Fatalf("objects %v", slices.Collect(maps.Keys(m.objects)))
	}
	for key, b := range m.objects {
		place, err := events.ParseKey(key)
		if err != nil || place.Kind != events.KeyInsight || place.AccountID != tr.AccountID || !place.Time.Equal(at) || place.Prefix != "insights" {
			t.Errorf("%s: %+v, %v", key, place, err)
		}
		zr, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(zr)
		if want := `{"Records":[` + string(tr.Record()) + `]}`; err != nil || string(text) != want {
			t.Errorf("%v: got %s\nwant %s", err, text, want)
		}
		if !json.Valid([]byte(m.metadata[key]["reason"])) {
			t.Errorf("reason %q", m.metadata[key])
		}
	}
	if e := (*out)[0]; e.Source != source || e.DetailType != "AWS Insight via CloudTrail" || !bytes.Equal(e.Detail, tr.Record()) {
		t.Errorf("%+v", e)
	}
}
