package sim

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/trailhand/trailhand/pkg/events"
)

// Mix counts the management API calls of recorded logs, as the mix that
// generated traffic is made of.
type Mix struct {
	counts map[API]int
	total  int
}

// NewMix returns an empty mix.
func NewMix() *Mix { return &Mix{counts: make(map[API]int)} }

// Add counts one record. Sign-ins, service events and other categories than
// management are left out: rates are rates of API calls.
func (m *Mix) Add(r *events.Record) {
	if r.Category() != events.Management || string(r.Text(events.EventType)) != "AwsApiCall" {
		return
	}
	m.counts[API{
		EventSource: r.String(events.EventSource),
		EventName:   r.String(events.EventName),
		ErrorCode:   r.String(events.ErrorCode),
		ReadOnly:    string(r.Text(events.ReadOnly)) == "true",
	}]++
	m.total++
}

// APIs shares perMinute calls a minute out among the APIs, in proportion to
// how often each was recorded, in a fixed order.
func (m *Mix) APIs(perMinute float64) []API {
	apis := make([]API, 0, len(m.counts))
	for api, n := range m.counts {
		api.PerMinute = perMinute * float64(n) / float64(m.total)
		apis = append(apis, api)
	}
	slices.SortFunc(apis, func(a, b API) int {
		return cmp.Or(cmp.Compare(a.EventSource, b.EventSource), cmp.Compare(a.EventName, b.EventName),
			cmp.Compare(a.ErrorCode, b.ErrorCode), cmp.Compare(strconv.FormatBool(a.ReadOnly), strconv.FormatBool(b.ReadOnly)))
	})
	return apis
}
