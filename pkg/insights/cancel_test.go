package insights_test

import (
	"context"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// outOfTime is a store whose caller's time is over while a part is read, successfully.
type outOfTime struct {
	*memory
	after int // parts
	stop  context.CancelFunc
}

func (o *outOfTime) Part(ctx context.Context, a, r, name string) ([]byte, error) {
	o.mu.Lock()
	if o.after--; o.after == 0 {
		o.stop()
	}
	o.mu.Unlock()
	return o.memory.Part(ctx, a, r, name)
}

func TestARunEndsWhenItsTimeIsOverWhilePartsAreRead(t *testing.T) {
	at := monday().Add(3 * time.Hour)
	m := ofKeys(t, 500)
	run(t, m, at)
	for try := range 200 {
		ctx, cancel := context.WithCancel(t.Context())
		o := &outOfTime{memory: m, after: 1 + try%8, stop: cancel}
		ended := make(chan error, 1)
		go func() {
			_, err := insights.Load(ctx, o, m.data, m.config)
			ended <- err
		}()
		select {
		case <-ended: // with all parts, or an error
		case <-time.After(10 * time.Second):
			t.Fatalf("after %d parts it waits on", 1+try%8)
		}
	}
}
