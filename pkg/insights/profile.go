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
	hour  int32              // the hour that calls counts, since the Unix epoch
	calls uint32             // in that hour, insights taken out
	mean  [weekHours]float32 // calls a minute
	seen  [weekHours]uint8   // hours learned, up to hourWeight
	hours [ringHours]uint16  // packed calls
	busy  [ringHours]uint8   // minutes with calls
	alive uint8              // minutes with calls in the current hour
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
		p.learn(slot(p.hour), float32(p.calls)/60)
		p.hours[p.hour%ringHours] = pack(float64(p.calls))
		p.busy[p.hour%ringHours] = p.alive
		p.calls, p.alive = 0, 0
	}
}

func (p *profile) learn(slot int32, rate float32) {
	share := 1 / float32(hourWeight)
	if slot >= 24 {
		share = 0.3 // two days a week: forget as fast in weeks
	}
	if n := p.seen[slot]; n == 0 {
		p.mean[slot] = rate
	} else {
		p.mean[slot] += share * (rate - p.mean[slot])
	}
	p.seen[slot] = min(p.seen[slot]+1, hourWeight)
}

// expect is the mean rate of an hour, drawn towards the baseline's rate while little was seen.
func (p *profile) expect(hour int32, baseline float64) float64 {
	const prior = 30 // minutes
	n := float64(p.seen[slot(hour)]) * 60
	return (float64(p.mean[slot(hour)])*n + prior*baseline) / (n + prior)
}

// lowest is the least rate to count on in an hour, in calls a minute: of yesterday's hours around
// it, the same hour a week ago, and the hour before.
func (p *profile) lowest(hour int32) float64 {
	least := math.Inf(1)
	for _, h := range [5]int32{hour - 25, hour - 24, hour - 23, hour - 168, hour - 1} {
		if h < p.hour && h >= p.hour-ringHours {
			least = min(least, unpack(p.hours[h%ringHours])/60)
		}
	}
	if math.IsInf(least, 1) {
		return 0
	}
	return least
}

// steady is an hour's calls a minute, or less where calls come in clumps: then the Poisson rate
// that leaves as many minutes silent.
func (p *profile) steady(i int32) float64 {
	rate := unpack(p.hours[i]) / 60
	if silent := 60 - float64(p.busy[i]); silent > 0 {
		rate = min(rate, -math.Log(silent/60))
	}
	return rate
}
