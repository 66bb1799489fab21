package reconciler

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

func managedSpec(t testing.TB) trail.Spec {
	t.Helper()
	spec, err := desired.Parse("managed.yaml", fmt.Appendf(nil, managed, advanced))
	if err != nil {
		t.Fatal(err)
	}
	spec.Guard.Repairs = 1 << 20
	return spec
}

// TestAThousandChangesBySeveralClientsEndAsDesired lets four clients change a trail
// while two reconcilers put it back, with every tenth call failing, half of these
// after it was applied.
func TestAThousandChangesBySeveralClientsEndAsDesired(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	w.sweep()
	dice := rand.New(rand.NewPCG(5, 8))
	w.fault = func(string) (*wire.Fault, bool) {
		switch dice.IntN(20) {
		case 0:
			return &wire.Fault{Code: "ThrottlingException"}, false
		case 1:
			return &wire.Fault{Code: "ServiceUnavailableException"}, true
		}
		return nil, false
	}
	undo := slices.Concat(attributes(), analysis("AdvancedEventSelectors"), existence("AdvancedEventSelectors"))
	var clients, reconcilers sync.WaitGroup
	over := make(chan struct{})
	for i := range 4 {
		clients.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(i), 1))
			client := w.client(fmt.Sprintf("mallory-%d", i))
			for range 250 {
				_ = undo[dice.IntN(len(undo))].undo(context.Background(), client) // may fail, as of a trail that is gone
			}
		})
	}
	for range 2 {
		reconcilers.Go(func() {
			for {
				select {
				case <-over:
					return
				default: // a failed sweep is one that the next makes good
					_, _ = w.handler.Invoke(context.Background(), []byte(`{"trailhand":"sweep"}`))
				}
			}
		})
	}
	clients.Wait()
	close(over)
	reconcilers.Wait()
	w.mu.Lock()
	w.fault, w.calls = func(string) (*wire.Fault, bool) { return nil, false }, nil
	w.mu.Unlock()
	w.sweep()
	w.whole(spec.Trails[0])
	if again := w.sweep(); len(again) > 0 {
		t.Errorf("the trail is whole, and yet: %v", again)
	}
}

func TestTwoReconcilersAtOnceOnOneTrailSettle(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	w.sweep()
	for _, c := range slices.Concat(attributes(), analysis("AdvancedEventSelectors"), existence("AdvancedEventSelectors")) {
		if err := c.undo(context.Background(), w.client("mallory")); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if _, err := w.handler.Invoke(context.Background(), []byte(`{"trailhand":"sweep"}`)); err != nil {
					t.Errorf("%s by %s: %v", c.setting, c.call, err)
				}
			})
		}
		both.Wait()
		w.deliver()
		w.whole(spec.Trails[0])
		if again := w.sweep(); len(again) > 0 {
			t.Errorf("%s by %s: the trail is whole, and yet: %v", c.setting, c.call, again)
		}
	}
}

// TestAShadowIsLeftAlone has a desired trail of the name of another Region's
// multi-Region trail.
func TestAShadowIsLeftAlone(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	_, err := w.client("team").CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: aws.String("audit"), S3BucketName: aws.String("logs"),
		IsMultiRegionTrail: aws.Bool(true), TagsList: []types.Tag{}}, func(o *cloudtrail.Options) { o.Region = "us-east-1" })
	if err != nil {
		t.Fatal(err)
	}
	w.calls = nil
	if changes := w.sweep(); len(changes) > 0 {
		t.Errorf("changed by %v", changes)
	}
}

// TestAnyMixtureOfChangesIsPutBackByEachOperationOnce undoes several settings at a
// time, in any order, and sweeps once.
func TestAnyMixtureOfChangesIsPutBackByEachOperationOnce(t *testing.T) {
	spec := managedSpec(t)
	w := newWorld(t, &spec)
	w.sweep()
	undo := slices.Concat(attributes(), analysis("AdvancedEventSelectors"), existence("AdvancedEventSelectors"))
	mallory := w.client("mallory")
	for seed := range uint64(150) {
		dice := rand.New(rand.NewPCG(seed, 3))
		var done []string
		for range 1 + dice.IntN(6) {
			c := undo[dice.IntN(len(undo))]
			if c.undo(context.Background(), mallory) == nil { // of a trail that is gone nothing can be undone
				done = append(done, c.setting+" by "+c.call)
			}
		}
		w.calls = nil
		changes := w.sweep()
		w.whole(spec.Trails[0])
		once := slices.Compact(slices.Sorted(slices.Values(changes)))
		if len(once) != len(changes) {
			t.Errorf("seed %d: after %v it called %v", seed, done, changes)
		}
		if again := w.sweep(); len(again) > 0 {
			t.Errorf("seed %d: the trail is whole, and yet: %v", seed, again)
		}
	}
}
