package sinks

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/events/pattern"
)

// published is a bus.
type published []events.Envelope

func (p *published) Publish(_ context.Context, envelopes []events.Envelope) error {
	*p = append(*p, envelopes...)
	return nil
}

func TestMatchesThatCannotBePublishedAreToldAndStopNoOther(t *testing.T) {
	p, err := pattern.Compile([]byte(`{"detail":{"eventName":["A"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	bus, log := &published{}, &bytes.Buffer{}
	stage, err := Matches{Bus: bus, Pattern: p, Log: slog.New(slog.NewJSONHandler(log, nil))}.Begin(t.Context(), delivery.File{Key: "f"})
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range append(slices.Repeat([]int{250 << 10}, 70), 10, 300<<10, 10) { // 65 of 250 KiB are 16 MiB
		r, err := events.Parse(fmt.Appendf(nil, `{"eventName":"A","n":%d,"x":%q}`, i, strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		if err := stage.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
	if err := stage.Commit(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if len(*bus) != 67 || !strings.Contains(log.String(), `"published":67,"dropped":6`) {
		t.Errorf("%d published\n%s", len(*bus), log)
	}
}

func TestMatchesOfAnEventBridgePatternArePublishedUnderOurSource(t *testing.T) {
	p, err := pattern.Compile([]byte(`{"source":["aws.ssm","aws.ec2"],"detail":{"eventName":[{"prefix":"Describe"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	bus := &published{}
	total := deliver(t, "v1", Matches{Bus: bus, Pattern: p, Log: slog.Default()})
	want := 0
	for name, n := range total.ByEvent {
		if strings.HasPrefix(name, "ssm.amazonaws.com|Describe") || strings.HasPrefix(name, "ec2.amazonaws.com|Describe") {
			want += n
		}
	}
	if want == 0 || len(*bus) != want {
		t.Fatalf("%d published, want %d", len(*bus), want)
	}
	for _, e := range *bus {
		if e.Source != Source || e.DetailType != "AWS API Call via CloudTrail" || !json.Valid(e.Detail) {
			t.Errorf("%+v", e)
		}
	}
}
