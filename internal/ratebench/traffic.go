package ratebench

import (
	"math"
	"math/rand/v2"
)

// Minutes of a series: four weeks to learn, two weeks that are scored.
const (
	Day     = 1440
	Learned = 28 * Day
	Total   = 42 * Day
)

// Direction of an anomaly: calls are added, or all are taken away.
type Direction int

// Spikes and drops.
const (
	Spike Direction = 1
	Drop  Direction = -1
)

// Anomaly is what was done to the minutes From to To, To not included.
type Anomaly struct {
	From, To  int
	Direction Direction
}

// Series is the calls a minute of one API.
type Series struct {
	Archetype string
	Counts    []int32
	Anomalies []Anomaly
}

// process is an archetype with its parameters drawn.
type process struct {
	rate   func(minute int) float64 // calls a minute that come by themselves
	events func(minute int) int     // calls of the burst that begins in the minute
	spread int                      // minutes that a burst takes
	size   float64                  // of the negative binomial; 0: Poisson
	usual  float64                  // calls a minute that a spike multiplies; 0: its rate is absolute
}

// Make returns the series of one archetype. Half of them have anomalies.
func Make(a Archetype, seed uint64) Series {
	r := rand.New(rand.NewPCG(seed, 0x7261746562656e63))
	p := a.draw(r)
	s := Series{Archetype: a.Name, Counts: make([]int32, Total)}
	for m := range s.Counts {
		if p.rate != nil {
			s.Counts[m] += int32(chance(r, p.rate(m), p.size))
		}
		if p.events == nil {
			continue
		}
		for range p.events(m) {
			if at := m + r.IntN(max(p.spread, 1)); at < Total {
				s.Counts[at]++
			}
		}
	}
	if r.IntN(2) == 0 {
		p.disturb(r, &s)
	}
	return s
}

// disturb puts up to three anomalies into the scored weeks, days apart.
func (p process) disturb(r *rand.Rand, s *Series) {
	const slot = (Total - Learned) / 3
	for i := range 3 {
		from := Learned + i*slot + 360 + r.IntN(slot-720)
		if p.rate != nil && p.rate(from) >= 1 && r.IntN(3) == 0 {
			a := Anomaly{from, from + []int{10, 30, 60, 180}[r.IntN(4)], Drop}
			clear(s.Counts[a.From:a.To])
			s.Anomalies = append(s.Anomalies, a)
			continue
		}
		a := Anomaly{from, from + []int{1, 3, 5, 10, 30, 60}[r.IntN(6)], Spike}
		rate := []float64{2, 5, 12, 30, 100}[r.IntN(5)]
		if p.usual > 0 {
			rate = p.usual * ([]float64{2, 3, 5, 10, 20, 50}[r.IntN(6)] - 1)
		}
		if rate*float64(a.To-a.From) < 4 {
			continue
		}
		added := 0
		for m := a.From; m < a.To; m++ {
			n := chance(r, rate, p.size)
			s.Counts[m] += int32(n)
			added += n
		}
		if added > 1 {
			s.Anomalies = append(s.Anomalies, a)
		}
	}
}

// chance draws a count: Poisson, or negative binomial where size is positive.
func chance(r *rand.Rand, mean, size float64) int {
	if size > 0 && mean > 0 {
		mean *= gamma(r, size) / size
	}
	n := 0
	for ; mean > 200; mean -= 200 {
		n += max(0, int(math.Round(200+math.Sqrt(200)*r.NormFloat64())))
	}
	if mean <= 0 {
		return n
	}
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

// gamma draws from the gamma distribution of a shape: by sums of exponentials for its whole part
// and Jöhnk's method for the rest.
func gamma(r *rand.Rand, shape float64) (x float64) {
	whole := math.Floor(min(shape, 64))
	for range int(whole) {
		x += r.ExpFloat64()
	}
	if shape > 64 { // close to normal
		return max(0, shape+math.Sqrt(shape)*r.NormFloat64())
	}
	rest := shape - whole
	for rest > 0 {
		u, v := math.Pow(r.Float64(), 1/rest), math.Pow(r.Float64(), 1/(1-rest))
		if u+v <= 1 && u+v > 0 {
			return x + r.ExpFloat64()*u/(u+v)
		}
	}
	return x
}

// between draws a number whose logarithm is even.
func between(r *rand.Rand, low, high float64) float64 {
	return low * math.Pow(high/low, r.Float64())
}
