package sim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Shape is how an API is called over time. What is not given has the
// archetype's own value.
type Shape struct {
	Archetype string
	Rate      float64       // calls a minute, on average or at the busiest, see the archetype
	K         float64       // the negative binomial's size: how even the calls are; 0: Poisson
	Swing     float64       // diurnal: of the rate, up and down; 0 to 1
	Weekend   float64       // diurnal: of the rate on Saturdays and Sundays
	Every     time.Duration // between bursts
	Burst     float64       // calls in a burst
	Over      time.Duration // how long a burst takes
	Tail      float64       // heavyTailed: the exponent of a burst's size; smaller is wilder
}

// Archetypes are the names of the known shapes, in order.
func Archetypes() []string {
	return []string{"constant", "cron", "deploys", "diurnal", "heavyTailed", "office", "retries", "sparse"}
}

// drawing is one Shape on its way.
type drawing struct {
	Shape
	r     *rand.Rand
	start time.Time
	calls []int32
}

// calls draws the calls of each minute.
func (s Shape) calls(r *rand.Rand, start time.Time, minutes int) []int32 {
	d := &drawing{s, r, start, make([]int32, minutes)}
	switch s.Archetype {
	case "constant":
		d.rated(func(int) float64 { return s.Rate })
	case "diurnal":
		phase := r.Float64()
		d.rated(func(m int) float64 { return s.Rate * d.diurnal(m, phase) })
	case "office":
		d.office()
	case "cron":
		d.cron()
	case "heavyTailed":
		d.bursts(func(int) bool { return true }, func() float64 { return min(s.Burst*math.Pow(r.Float64(), -1/s.Tail), 3000) })
	case "retries":
		d.bursts(func(int) bool { return true }, func() float64 { return 2 + s.Burst*r.ExpFloat64() })
	case "sparse":
		d.rated(func(int) float64 { return float64(time.Minute) / float64(s.Every) })
	case "deploys":
		d.bursts(d.working, func() float64 { return 1 + s.Burst*gamma(r, 4)/4 })
	}
	return d.calls
}

// withDefaults fills in the archetype's own values.
func (s Shape) withDefaults() (Shape, error) {
	if !slices.Contains(Archetypes(), s.Archetype) {
		return s, fmt.Errorf("archetype %q is none of %v", s.Archetype, Archetypes())
	}
	own := Shape{Rate: 5, Swing: 0.6, Weekend: 0.6, Every: time.Hour, Burst: 20, Over: time.Minute, Tail: 1.8}
	switch s.Archetype {
	case "heavyTailed":
		own.Rate, own.Every, own.Burst, own.Over = 0.2, 8*time.Hour, 8, 3*time.Minute
	case "retries":
		own.Rate, own.Every, own.Burst, own.Over = 0.01, 48*time.Hour, 6, 4*time.Minute
	case "sparse":
		own.Every = 7 * 24 * time.Hour
	case "deploys":
		own.Rate, own.Every, own.Burst, own.Over = 0, 3*time.Hour, 20, 4*time.Minute
	case "cron":
		own.Rate = 0
	}
	return s.over(own), nil
}

func (s Shape) over(own Shape) Shape {
	for _, f := range []struct{ given, own *float64 }{
		{&s.Rate, &own.Rate}, {&s.Swing, &own.Swing}, {&s.Weekend, &own.Weekend}, {&s.Burst, &own.Burst}, {&s.Tail, &own.Tail},
	} {
		if *f.given == 0 {
			*f.given = *f.own
		}
	}
	if s.Every == 0 {
		s.Every = own.Every
	}
	if s.Over == 0 {
		s.Over = own.Over
	}
	return s
}

// rated draws around a rate.
func (d *drawing) rated(rate func(minute int) float64) {
	for m := range d.calls {
		d.calls[m] += int32(draw(d.r, rate(m), d.K))
	}
}

func (d *drawing) at(minute int) time.Time { return d.start.Add(time.Duration(minute) * time.Minute) }

func (d *drawing) weekend(minute int) bool {
	day := d.at(minute).Weekday()
	return day == time.Saturday || day == time.Sunday
}

func (d *drawing) diurnal(minute int, phase float64) float64 {
	f := 1 + d.Swing*math.Sin(2*math.Pi*(float64(minute%1440)/1440-phase))
	if d.weekend(minute) {
		f *= d.Weekend
	}
	return f
}

// working says whether a minute is within a weekday's 08:00 to 20:00.
func (d *drawing) working(minute int) bool {
	hour := minute % 1440 / 60
	return !d.weekend(minute) && hour >= 8 && hour < 20
}

// office rises from 07:00, falls until 19:00, and has its own level each day.
func (d *drawing) office() {
	level := 1.0
	d.rated(func(m int) float64 {
		if m%1440 == 0 {
			level = math.Exp(0.3 * d.r.NormFloat64())
		}
		hour := float64(m%1440) / 60
		if d.weekend(m) || hour <= 7 || hour >= 19 {
			return 0.002
		}
		return d.Rate * level * min(1, hour-7, 19-hour)
	})
}

// cron calls in a burst each time, sometimes a minute late.
func (d *drawing) cron() {
	d.rated(func(int) float64 { return d.Rate })
	every := max(1, int(d.Every/time.Minute))
	for m := d.r.IntN(every); m < len(d.calls); m += every {
		at := m
		if every >= 5 && d.r.Float64() < 0.2 {
			at++
		}
		d.burst(at, draw(d.r, d.Burst, 50))
	}
}

// bursts come at random, once in Every, where may says so.
func (d *drawing) bursts(may func(minute int) bool, size func() float64) {
	d.rated(func(int) float64 { return d.Rate })
	chance := float64(time.Minute) / float64(d.Every)
	for m := range d.calls {
		if may(m) && d.r.Float64() < chance {
			d.burst(m, int(size()))
		}
	}
}

// burst spreads n calls over Over.
func (d *drawing) burst(minute, n int) {
	over := max(1, int(d.Over/time.Minute))
	for range n {
		if m := minute + d.r.IntN(over); m < len(d.calls) {
			d.calls[m]++
		}
	}
}

// draw draws a count with a mean: Poisson, or with k > 0 negative binomial of size k.
func draw(r *rand.Rand, mean, k float64) int {
	if k > 0 && mean > 0 {
		mean *= gamma(r, k) / k
	}
	if mean > 60 { // the normal distribution is as good, and fast
		return max(0, int(mean+math.Sqrt(mean)*r.NormFloat64()+0.5))
	}
	return poisson(r, mean)
}

// gamma draws from the gamma distribution of a shape and scale 1, after Marsaglia
// and Tsang, "A Simple Method for Generating Gamma Variables", 2000.
func gamma(r *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(r, shape+1) * math.Pow(r.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := r.Float64(); math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
