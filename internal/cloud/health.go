package cloud

import (
	"net/http"
	"sync/atomic"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// tally counts what happened since Start.
type tally struct {
	calls     atomic.Int64 // that were admitted and answered
	refused   atomic.Int64 // requests that were not admitted
	unnamed   atomic.Int64 // calls that name no operation of their service: there is no record of them
	recorded  atomic.Int64
	unkept    atomic.Int64 // records that could not be written down, all or in part: a full disk
	delivered atomic.Int64 // records, once for each trail
}

// count notes a call.
func (t *tally) count(call wire.Call) {
	t.calls.Add(1)
	if call.EventName == "" {
		t.unnamed.Add(1)
	}
}

// health is what GET /_trailhand/health answers.
type health struct {
	Status           string          `json:"status"`
	Calls            int64           `json:"calls"`
	CallsRefused     int64           `json:"callsRefused"`
	CallsUnnamed     int64           `json:"callsUnnamed"`
	RecordsMade      int64           `json:"recordsMade"`
	RecordsDelivered int64           `json:"recordsDelivered"`
	RecordsWaiting   int             `json:"recordsWaiting"`
	RecordsLost      int             `json:"recordsLost"`
	RecordsNotKept   int64           `json:"recordsNotKept"`
	Upstream         *upstreamHealth `json:"upstream,omitempty"`
}

type upstreamHealth struct {
	Calls        int64 `json:"calls"`
	Unnamed      int64 `json:"callsUnnamed"`
	Unclassified int64 `json:"recordsWithoutReadOnly"`
}

func (c *Cloud) health(w http.ResponseWriter) {
	h := health{
		Status: "ok", Calls: c.tally.calls.Load(), CallsRefused: c.tally.refused.Load(), CallsUnnamed: c.tally.unnamed.Load(),
		RecordsMade: c.tally.recorded.Load(), RecordsDelivered: c.tally.delivered.Load(),
		RecordsNotKept: c.tally.unkept.Load(),
	}
	h.RecordsWaiting, h.RecordsLost = c.files.Waiting()
	if c.upstream != nil {
		n := c.upstream.Counts()
		h.Upstream = &upstreamHealth{Calls: n.Calls, Unnamed: n.Unnamed, Unclassified: n.Unclassified}
	}
	answerJSON(w, http.StatusOK, h)
}
