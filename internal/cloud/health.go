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
	Status           string          `json:"status"`             // ok, or degraded: see Problems
	Problems         []string        `json:"problems,omitempty"` // that end by themselves when their cause does
	Calls            int64           `json:"calls"`
	CallsRefused     int64           `json:"callsRefused"`
	CallsUnnamed     int64           `json:"callsUnnamed"`
	RecordsMade      int64           `json:"recordsMade"`
	RecordsDelivered int64           `json:"recordsDelivered"`
	RecordsWaiting   int             `json:"recordsWaiting"`   // for a bucket; once for each trail
	RecordsInMemory  int             `json:"recordsInMemory"`  // that the disk does not take
	RecordsLost      int             `json:"recordsLost"`      // given up after a day, or too many for the memory
	LogEventsWaiting int             `json:"logEventsWaiting"` // for a log group
	LogEventsLost    int             `json:"logEventsLost"`
	FilesUntold      int             `json:"filesUntold"` // delivered log files of which a topic, a digest or the analysis is still to know
	FilesNeverTold   int             `json:"filesNeverTold"`
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
		RecordsMade: c.tally.recorded.Load(), RecordsDelivered: c.tally.delivered.Load(), Problems: c.unkept(),
	}
	waiting, lost := c.files.Waiting()
	h.RecordsWaiting, h.LogEventsWaiting, h.FilesUntold = waiting.Records, waiting.LogEvents, waiting.Untold
	h.RecordsLost, h.LogEventsLost, h.FilesNeverTold = lost.Records, lost.LogEvents, lost.Untold
	held, dropped, cause := c.intake.Waiting()
	h.RecordsInMemory, h.RecordsLost = held, h.RecordsLost+dropped
	if cause != nil {
		h.Problems = append(h.Problems, "records wait in memory: "+cause.Error())
	}
	if len(h.Problems) > 0 {
		h.Status = "degraded"
	}
	if c.upstream != nil {
		n := c.upstream.Counts()
		h.Upstream = &upstreamHealth{Calls: n.Calls, Unnamed: n.Unnamed, Unclassified: n.Unclassified}
	}
	answerJSON(w, http.StatusOK, h)
}
