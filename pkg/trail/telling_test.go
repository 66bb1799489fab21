package trail

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// TestADriftThatStaysIsToldWhenItChangesAndOnceADay plays one trail that is only
// reported, step by step.
func TestADriftThatStaysIsToldWhenItChangesAndOnceADay(t *testing.T) {
	want := complete()
	o := whole(want)
	b := newBench(o)
	spec := Spec{Mode: Report, Trails: []Desired{want}}
	stopped := told("StopLogging", mallory, named("audit"))
	for _, step := range []struct {
		name    string
		change  func()
		later   time.Duration
		event   *events.Envelope // nil is a sweep
		notices int
	}{
		{"nothing differs", nil, 0, nil, 0},
		{"a setting differs", func() { o.IsLogging = false }, 0, nil, 1},
		{"a sweep later it still does", nil, 15 * time.Minute, nil, 0},
		{"and another one", nil, 23 * time.Hour, nil, 0},
		{"a day later it is told again", nil, 45 * time.Minute, nil, 1},
		{"and not twice", nil, 15 * time.Minute, nil, 0},
		{"the call that did it comes late", nil, 0, &stopped, 1},
		{"and once more", nil, 0, &stopped, 0},
		{"a sweep knows nothing new", nil, time.Minute, nil, 0},
		{"another setting differs too", func() { o.S3KeyPrefix = ptr("x") }, 0, nil, 1},
		{"and has another value", func() { o.S3KeyPrefix = ptr("y") }, 0, nil, 1},
		{"one is put back by hand", func() { o.S3KeyPrefix = want.S3KeyPrefix }, 0, nil, 1},
		{"all are", func() { o.IsLogging = true }, 0, nil, 0},
		{"the first one drifts again", func() { o.IsLogging = false }, 0, nil, 1},
	} {
		if step.change != nil {
			step.change()
		}
		b.clock = b.clock.Add(step.later)
		b.press.notices = nil
		var err error
		if step.event == nil {
			_, err = b.Sweep(context.Background(), spec)
		} else {
			_, err = b.Event(context.Background(), spec, *step.event)
		}
		if err != nil || len(b.press.notices) != step.notices {
			t.Errorf("%s: published %+v, want %d; %v", step.name, b.press.notices, step.notices, err)
		}
	}
}

// deaf refuses every notice.
type deaf struct{}

func (deaf) Publish(context.Context, Notice) error {
	return &Fault{"PutEvents", "AccessDeniedException", "no"}
}

func TestWhatCouldNotBeToldIsToldByTheNextSweep(t *testing.T) {
	want := complete()
	o := whole(want)
	o.IsLogging = false
	b := newBench(o)
	spec := Spec{Mode: Report, Trails: []Desired{want}}
	b.Publisher = deaf{}
	var fault *Fault
	if _, err := b.Sweep(context.Background(), spec); !errors.As(err, &fault) {
		t.Errorf("the sweep ends well: %v", err)
	}
	b.Publisher = b.press
	if _, err := b.Sweep(context.Background(), spec); err != nil || len(b.press.notices) != 1 {
		t.Errorf("published %+v, %v", b.press.notices, err)
	}
}
