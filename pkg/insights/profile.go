package insights

import "math"

const (
	weekHours  = 48  // hour of day, working days then weekends
	ringHours  = 192 // eight days of hours
	hourWeight = 6   // hours after which a mean of the profile forgets
)

// profile is the rate of a busy key by hour: a mean for each hour of working days and weekends,
// and the calls of each of the last 192 hours.
type profile struct {
	hour    int32              // the hour that calls counts, since the Unix epoch
	calls   uint32             // in that hour, insights taken out
	mean    [weekHours]float32 // calls a minute
	seen    [weekHours]uint8   // hours learned, up to hourWeight
	hours   [ringHours]uint16  // packed calls
	spoilt  bool               // an insight was open in the current hour
	all     uint32             // calls in the current hour, those of insights too
	again   uint64             // slots whose last hour was spoilt
	squares float64            // of the calls of the current hour's minutes
	spread  [2]spread          // of minutes and of hours around the mean
}

// slot is the place in the week of an hour since the epoch, a Thursday.
func slot(hour int32) int32 {
	if day := (hour/24 + 3) % 7; day >= 5 {
		return 24 + hour%24
	}
	return hour % 24
}

// roll closes the hours before hour, silent ones included.
func (p *profile) roll(hour int32) {
	if hour-p.hour > ringHours {
		*p = profile{hour: hour}
		return
	}
	for ; p.hour < hour; p.hour++ {
		p.scatter()
		p.learnHour(slot(p.hour))
		p.hours[p.hour%ringHours] = pack(float64(p.calls))
		p.calls, p.all, p.spoilt, p.squares = 0, 0, false, 0
	}
}

// learnHour learns the hour that closes. What insights withhold is learned when the same hour was
// unusual the day before as well: it has become usual.
func (p *profile) learnHour(slot int32) {
	share, calls, bit := float32(1)/hourWeight, p.calls, uint64(1)<<slot
	if slot >= 24 {
		share = 0.3 // two days a week: forget as fast in weeks
	}
	switch {
	case !p.spoilt:
		p.again &^= bit
	case p.again&bit != 0:
		share, calls = 0.5, p.all
	default:
		p.again |= bit
	}
	if rate := float32(calls) / 60; p.seen[slot] == 0 {
		p.mean[slot] = rate
	} else {
		p.mean[slot] += share * (rate - p.mean[slot])
	}
	p.seen[slot] = min(p.seen[slot]+1, hourWeight)
}

// adopt takes over the calls of so many minutes of an hour; those of half an hour or more are the
// mean from now on.
func (p *profile) adopt(hour count, minutes int32) {
	at, calls := hour.minute, hour.calls
	switch {
	case at == p.hour:
		p.calls, p.spoilt = calls, true
		return
	case minutes < 30:
		return
	}
	rate := float64(calls) / float64(minutes)
	p.hours[at%ringHours] = pack(60 * rate)
	for _, half := range [2]int32{0, 24} {
		p.mean[half+at%24], p.seen[half+at%24] = float32(rate), hourWeight
	}
}

// expect is the mean rate of an hour, drawn towards the baseline's rate while little was seen.
func (p *profile) expect(hour int32, baseline float64) float64 {
	const prior = 30 // minutes
	n := float64(p.seen[slot(hour)]) * 60
	return (float64(p.mean[slot(hour)])*n + prior*baseline) / (n + prior)
}

// lowest is the least rate to count on in an hour, in calls a minute: of the last day of its kind
// the hours around it, the same hour a week ago, and the hour before.
func (p *profile) lowest(hour int32) float64 {
	least := uint16(math.MaxUint16)
	day := hour - sameKind(hour/24)*24
	for _, h := range [5]int32{day - 1, day, day + 1, hour - 168, hour - 1} {
		if h < p.hour && h >= p.hour-ringHours {
			least = min(least, p.hours[h%ringHours])
		}
	}
	if least == math.MaxUint16 {
		return 0
	}
	return unpack(least) / 60
}

// sameKind is how many days before a day since the epoch the last one of its kind was, working
// day or weekend.
func sameKind(day int32) int32 {
	switch (day + 3) % 7 { // 0 is Monday
	case 0:
		return 3
	case 5:
		return 6
	}
	return 1
}

// spread is how far calls lie from their expectation beyond what chance alone does: sums of the
// excess of the squared distance, of the squared expectation, and of the expectation.
type spread struct{ excess, squared, mean float32 }

const (
	spreadHours = 336  // after which a spread forgets
	steadiest   = 2000 // the largest size a spread can tell
)

func (v *spread) add(excess, squared, mean float64) {
	const keep = 1 - 1.0/spreadHours
	v.excess = v.excess*keep + float32(min(excess, squared))
	v.squared = v.squared*keep + float32(squared)
	v.mean = v.mean*keep + float32(mean)
}

// inverse is 1/k of the negative binomial, one standard error on the safe side.
func (v *spread) inverse() float64 {
	if v.squared <= 0 {
		return 1
	}
	doubt := math.Sqrt(2*float64(v.squared) + float64(v.mean))
	return (max(float64(v.excess), 0) + doubt) / float64(v.squared)
}

// scatter learns how far the hour that closes lies from its mean.
func (p *profile) scatter() {
	i := slot(p.hour)
	if p.spoilt || p.seen[i] < 2 {
		return
	}
	m, c := float64(p.mean[i]), float64(p.calls)
	p.spread[0].add(p.squares-2*m*c+60*m*m-60*m, 60*m*m, 60*m)
	p.spread[1].add((c-60*m)*(c-60*m)-60*m, 3600*m*m, 60*m)
}

// size is the k of a window of minutes: least, or more where the calls were steadier.
func (p *profile) size(least float64, window int32) float64 {
	minute, hour := p.spread[0].inverse(), p.spread[1].inverse()
	share := math.Log(float64(window)) / math.Log(60)
	inverse := math.Pow(minute, 1-share) * math.Pow(hour, share)
	return 1 / min(1/least, max(inverse, 1.0/steadiest))
}
