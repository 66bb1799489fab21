package insights

// knobs are those of one key.
type knobs struct {
	minCount int
	k, floor float64
	mute     bool
}

func (kn knobs) with(o Override) knobs {
	if o.MinCount != 0 {
		kn.minCount = o.MinCount
	}
	if o.K != 0 {
		kn.k = o.K
	}
	if o.ThetaFloor != 0 {
		kn.floor = o.ThetaFloor
	}
	kn.mute = kn.mute || o.Mute
	return kn
}

// knobs of a key, where c is the judged minute; nil when there is none: then no override that
// names callers holds.
func (c Config) knobs(k Key, s *State, now *cell) knobs {
	kn := knobs{c.MinCount, c.K, c.ThetaFloor, false}
	for _, o := range c.Overrides {
		if o.ofKey(k.EventSource, k.EventName) && (!o.callers() || now != nil && s.most(now, o.Match)) {
			kn = kn.with(o)
		}
	}
	return kn
}

// most tells whether the callers that m names made more than half of a minute's calls.
func (s *State) most(now *cell, m Match) bool {
	var arn, agent uint64
	for _, c := range now.callers {
		text := s.values.text[c.value()]
		if c.attribute() == byARN && matches(m.UserIdentityARN, text) {
			arn += uint64(c.calls)
		}
		if c.attribute() == byAgent && matches(m.UserAgent, text) {
			agent += uint64(c.calls)
		}
	}
	half := uint64(now.calls) / 2
	return (m.UserIdentityARN == "" || arn > half) && (m.UserAgent == "" || agent > half)
}
