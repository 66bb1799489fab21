package demo

import (
	"strings"
	"sync"

	"github.com/trailhand/trailhand/internal/cloud/recording"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// witness notes the changes that the reconciler makes to trails, those too that
// no event tells because no trail is logging.
type witness struct {
	mu    sync.Mutex
	calls []string
}

func (w *witness) see(call wire.Call) {
	operation, err := recording.Lookup(call.EventSource, call.EventName)
	ours := call.EventSource == "cloudtrail.amazonaws.com" && strings.Contains(call.Caller.ARN, "Reconciler")
	if err != nil || operation.ReadOnly || !ours || call.Fault != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call.EventName)
}

// take returns what was seen since it was last asked.
func (w *witness) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}
