package insights

import (
	"fmt"
	"math"
	"slices"
)

// incident is an insight that is open.
type incident struct {
	direction        Direction
	start, decided   int32 // first unusual minute, the minute that decided it
	lastHot          int32 // last unusual minute
	usual            uint32
	calls, hotCalls  uint64  // since start, and those up to lastHot
	score, best      float64 // evidence that it goes on, in nats, and its maximum, at lastHot
	baselineCalls    uint64
	baselineDuration int32
	mute             bool
	verdict          verdict
	callers          []caller
	baseline         []caller
	hours            []count // what was not learned, by hour
}

func (i *incident) add(t int32, c *cell) {
	i.calls += uint64(c.calls)
	i.callers = mergeCallers(i.callers, c.callers, keptValues)
	i.addHour(t, c.calls)
}

func (i *incident) addHour(t int32, calls uint32) {
	if n := len(i.hours); n > 0 && i.hours[n-1].minute == t/60 {
		i.hours[n-1].calls = add32(i.hours[n-1].calls, calls)
		return
	}
	i.hours = append(i.hours, count{t / 60, calls})
}

// openSpike Starts an insight at the first unusual minute, and takes the minutes before t that
// belong to it out of the baseline. The calls of t itself are learned by the caller.
func (s *State) openSpike(n uint32, t int32, kn knobs, rate float64, v verdict) (Transition, bool) {
	k := s.series[n]
	mean := s.expect(k, rate, t, t)
	i := &incident{
		direction: Spike, start: s.firstHot(k, kn, mean, t, v.window), decided: t, lastHot: t,
		usual: uint32(math.Ceil(mean)), mute: kn.mute, verdict: v,
	}
	for m := i.start; m < t; m++ {
		if c := s.buckets[m][n]; c != nil {
			i.add(m, c)
			k.unlearn(m, c, i.usual)
		}
	}
	s.begin(n, i)
	c, _ := k.at(t)
	at := s.buckets[t][n]
	total := incident{calls: i.calls + uint64(c), callers: mergeCallers(slices.Clone(i.callers), at.callers, keptValues)}
	return s.transition(k, i, Start, t+1, total.calls, total.callers), !i.mute
}

// begin opens an incident whose baseline ends before its start.
func (s *State) begin(n uint32, i *incident) {
	k := s.series[n]
	k.part = 0
	i.baselineDuration = s.baselineMinutes(i.start)
	i.baselineCalls = k.calls(i.start / dayMinutes)
	if back := k.lateCalls(i, s.buckets, n); back < i.baselineCalls {
		i.baselineCalls -= back
	} else {
		i.baselineCalls = 0
	}
	i.baseline = slices.Clone(k.callers)
	k.open = i
	s.open = append(s.open, n)
}

// lateCalls are those that the baseline holds of minutes from the insight's start on.
func (s *series) lateCalls(i *incident, b map[int32]bucket, n uint32) (sum uint64) {
	for m := i.start; m < i.decided; m++ {
		if c := b[m][n]; c != nil {
			sum += uint64(min(c.calls, i.usual))
		}
	}
	return sum
}

// unlearn takes a minute's calls back, but for those that were usual.
func (s *series) unlearn(t int32, c *cell, usual uint32) {
	if c.calls > usual && t/dayMinutes > s.day-baselineDays {
		d := &s.days[t/dayMinutes%(baselineDays+1)]
		*d -= min(*d, c.calls-usual)
		if p := s.profile; p != nil && p.hour == t/60 {
			p.calls -= min(p.calls, c.calls-usual)
		}
	}
	for _, more := range c.callers {
		for j := range s.callers {
			if k := &s.callers[j]; k.who == more.who {
				k.calls -= min(k.calls, more.calls)
			}
		}
	}
	s.callers = slices.DeleteFunc(s.callers, func(c caller) bool { return c.calls == 0 })
}

// tend follows the open insights through the minute t, and Ends those that are over.
func (s *State) tend(t int32, told func(Transition, bool)) {
	still := s.open[:0]
	for _, n := range s.open {
		k := s.series[n]
		k.part = 0
		s.rollKey(k, t)
		over, why := s.over(n, t)
		if !over {
			still = append(still, n)
			continue
		}
		told(s.end(k, t, why))
	}
	s.open = still
}

// over tells whether a key's insight is over with the minute t, and why.
func (s *State) over(n uint32, t int32) (bool, string) {
	k := s.series[n]
	i := k.open
	aged := t-i.start >= maxOpen
	why := fmt.Sprintf("open for %d hours: the rate is learned", maxOpen/60)
	if i.direction == Drop {
		if s.recovered(k, t) {
			return true, "calls came again"
		}
		return aged, why
	}
	c, _ := k.at(t)
	i.follow(t, float64(c), s.expect(k, s.rate(k, t), t, t), k.size(s.cfg.knobs(s.keyOf(k.id), nil, nil).k, 1))
	if t-i.lastHot >= coolMinutes && i.best-i.score >= coolNats {
		return true, fmt.Sprintf("%d minutes of a usual rate", t-i.lastHot)
	}
	return aged, why
}

// follow weighs one more minute: is the rate that of the insight, or the mean again? The insight
// lasts to the minute up to which the first is likeliest (Page, "Continuous inspection schemes",
// 1954).
func (i *incident) follow(t int32, calls, mean, k float64) {
	rate := float64(i.hotCalls) / float64(i.lastHot-i.start+1)
	if t == i.decided {
		rate = float64(i.calls) / float64(t-i.start+1)
	}
	rate = max(rate, 1.5*mean)
	i.score += calls*math.Log(rate/mean) - (calls+k)*math.Log((rate+k)/(mean+k))
	if i.score >= i.best || t == i.decided {
		i.best, i.lastHot, i.hotCalls = i.score, t, i.calls
	}
}

// end closes a key's insight at the minute after its last unusual one.
func (s *State) end(k *series, t int32, why string) (Transition, bool) {
	i := k.open
	end := i.lastHot + 1
	calls, callers := i.hotCalls, i.callers
	if t-i.start >= lasting {
		s.adopt(k, t)
	}
	tr := s.transition(k, i, End, end, calls, callers)
	tr.Reason.Decided, tr.Reason.Rule = minuteTime(t), why
	k.open = nil
	k.cleared = t + 1
	return tr, !i.mute
}

// adopt learns the rate of an insight that has lasted, to the minute t: its hours become the
// profile's, on working days and weekends.
func (s *State) adopt(k *series, t int32) {
	i := k.open
	for _, h := range i.hours {
		if d := h.minute / 24; d > k.day-baselineDays {
			c := &k.days[d%(baselineDays+1)]
			*c = add32(*c, h.calls-min(h.calls, i.usual*60))
		}
		if p := k.profile; p != nil {
			p.adopt(h, min(t, h.minute*60+59)-max(i.start, h.minute*60)+1)
		}
	}
	k.callers = mergeCallers(k.callers, i.callers, k.kept())
}

// transition is a Start or an End of the incident, up to the minute before until.
func (s *State) transition(k *series, i *incident, p Phase, until int32, calls uint64, callers []caller) Transition {
	t := Transition{AccountID: s.account, Region: s.region, Key: s.keyOf(k.id), Phase: p}
	duration := max(until-i.start, 1)
	t.Time = minuteTime(i.start)
	if p == End {
		t.Time = minuteTime(until)
	}
	t.Statistics = Statistics{
		BaselineAverage: average(i.baselineCalls, i.baselineDuration), BaselineDuration: int(i.baselineDuration),
		InsightAverage: average(calls, duration), InsightDuration: int(duration),
	}
	t.SharedEventID = eventUUID(t, i.start, "")
	t.EventID = eventUUID(t, i.start, string(p))
	t.Attributions = s.attribute(k, callers, i.baseline, t.Statistics)
	v := i.verdict
	t.Reason = Reason{
		Direction: i.direction, Decided: minuteTime(i.decided), Window: int(v.window), Calls: int(v.calls),
		Expected: v.expected, Evidence: v.evidence, Threshold: v.threshold, Rule: ruleOf(i.direction),
	}
	return t
}

func ruleOf(d Direction) string {
	if d == Drop {
		return "no call while the account and Region were not silent"
	}
	return "more calls than the window's own peaks make likely"
}

// attribute is what a record says of who called.
func (s *State) attribute(k *series, now, before []caller, st Statistics) []Attribution {
	of := []attribute{byARN, byAgent}
	if k.id.kind&errorKind == 0 {
		of = append(of, byErrorCode)
	}
	var all []Attribution
	for _, a := range of {
		all = append(all, Attribution{a.String(),
			s.shares(now, a, st.InsightAverage), s.shares(before, a, st.BaselineAverage)})
	}
	return all
}

// average is calls a minute, rounded to ten decimals.
func average(calls uint64, minutes int32) float64 {
	if minutes <= 0 {
		return 0
	}
	return round10(float64(calls) / float64(minutes))
}

func round10(x float64) float64 { return math.Round(x*1e10) / 1e10 }
