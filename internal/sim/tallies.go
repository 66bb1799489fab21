package sim

import (
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Tallies gives the calls as the log reader would count them, minute by minute.
// A tally is valid until the next.
func (g *Generated) Tallies(yield func(*insights.Tally) error) error {
	callers := g.callers()
	t := insights.Tally{AccountID: g.AccountID, Region: g.Region, UserIdentityARNs: map[string]int{}, UserAgents: map[string]int{}}
	for m := range g.Minutes() {
		t.Minute = g.at(m)
		for _, line := range g.Timelines {
			t.EventSource, t.EventName, t.ErrorCode = line.EventSource, line.EventName, line.ErrorCode
			t.Category, t.ReadOnly = categoryOf(line.Data), line.ReadOnly
			t.Count = 0
			clear(t.UserIdentityARNs)
			clear(t.UserAgents)
			line.each(m, callers, func(who identity, calls int) {
				t.Count += calls
				t.UserIdentityARNs[withoutSession(who.arn)] += calls
				t.UserAgents[who.userAgent] += calls
			})
			if t.Count == 0 {
				continue
			}
			if err := yield(&t); err != nil {
				return err
			}
		}
	}
	return nil
}

func (g *Generated) at(minute int) time.Time {
	return g.Start.Add(time.Duration(minute) * time.Minute)
}

// callers are those who always call.
func (g *Generated) callers() []identity {
	var all []identity
	for _, p := range principals() {
		all = append(all, p.in(g.AccountID))
	}
	return all
}

// each shares the calls of a minute out among those who make them.
func (t *Timeline) each(minute int, callers []identity, yield func(who identity, calls int)) {
	n := int(t.Calls[minute])
	for i := range callers {
		who := callers[(minute+i)%len(callers)] // a call that is left over goes to another in each minute
		if calls := (n + len(callers) - 1 - i) / len(callers); calls > 0 {
			yield(who, calls)
		}
	}
	for _, f := range t.Foreign {
		if i := minute - f.From; i >= 0 && i < len(f.Calls) && f.Calls[i] > 0 {
			yield(foreign(f.Principal), int(f.Calls[i]))
		}
	}
}

// Total is the calls of a minute by everybody.
func (t *Timeline) Total(minute int) int {
	n := int(t.Calls[minute])
	for _, f := range t.Foreign {
		if i := minute - f.From; i >= 0 && i < len(f.Calls) {
			n += int(f.Calls[i])
		}
	}
	return n
}

// withoutSession is how attributions name the session of a role.
func withoutSession(arn string) string {
	if before, session, ok := strings.Cut(arn, ":assumed-role/"); ok {
		role, _, _ := strings.Cut(session, "/")
		return before + ":assumed-role/" + role
	}
	return arn
}
