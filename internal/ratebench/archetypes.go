package ratebench

import (
	"math"
	"math/rand/v2"
)

// Archetype is a kind of API traffic.
type Archetype struct {
	Name string
	draw func(*rand.Rand) process
}

// Archetypes are the fourteen kinds, in the order of the report.
func Archetypes() []Archetype {
	return []Archetype{
		{"steady, quiet", steady(0.02, 2, 0)}, {"steady", steady(2, 50, 0)}, {"steady, busy", steady(50, 800, 60)},
		{"day and night", wave}, {"office hours", office}, {"job by the minute", minutely}, {"nightly job", nightly},
		{"heavy-tailed bursts", bursts}, {"rare", rare(5000, 40000)}, {"rare visits", visits},
		{"level shifts", shifts}, {"deploys", deploys}, {"rare errors", rare(10000, 100000)}, {"retry storms", storms},
	}
}

func steady(low, high, size float64) func(*rand.Rand) process {
	return func(r *rand.Rand) process {
		rate := between(r, low, high)
		return process{rate: func(int) float64 { return rate }, size: size, usual: rate}
	}
}

func rare(low, high float64) func(*rand.Rand) process {
	return func(r *rand.Rand) process {
		rate := 1 / between(r, low, high)
		return process{rate: func(int) float64 { return rate }}
	}
}

func hourOf(minute int) float64              { return float64(minute%Day) / 60 }
func weekend(minute int) bool                { return minute/Day%7 >= 5 }
func often(r *rand.Rand, every float64) bool { return r.Float64()*every < 1 }

func wave(r *rand.Rand) process {
	level, swing, rest, top := between(r, 3, 60), 0.5+0.45*r.Float64(), 0.3+0.7*r.Float64(), 24*r.Float64()
	return process{size: between(r, 8, 80), usual: level, rate: func(m int) float64 {
		x := level * (1 + swing*math.Cos((hourOf(m)-top)*math.Pi/12))
		if weekend(m) {
			x *= rest
		}
		return x
	}}
}

func office(r *rand.Rand) process {
	level := between(r, 0.3, 30)
	days := make([]float64, Total/Day)
	for d := range days {
		days[d] = math.Exp(0.3 * r.NormFloat64())
	}
	return process{size: between(r, 3, 20), usual: level, rate: func(m int) float64 {
		h := hourOf(m)
		if weekend(m) || h < 7 || h > 19 {
			return 0.002
		}
		return level * days[m/Day] * min(1, h-7, 19-h)
	}}
}

func minutely(r *rand.Rand) process {
	every, calls := []int{1, 2, 5, 15, 30, 60}[r.IntN(6)], between(r, 3, 100)
	return process{spread: 1, size: 50, usual: calls, events: func(m int) int {
		if m%every != 0 {
			return 0
		}
		return chance(r, calls, 50)
	}}
}

func nightly(r *rand.Rand) process {
	at, calls, takes := r.IntN(Day-5), between(r, 5, 500), 1+r.IntN(10)
	return process{spread: takes, usual: calls / float64(takes), events: func(m int) int {
		if m%Day != at+m/Day%5 {
			return 0
		}
		return chance(r, calls, 20)
	}}
}

func bursts(r *rand.Rand) process {
	quiet, every, size, tail := between(r, 0.02, 1), between(r, 120, 1440), between(r, 3, 30), 1.3+1.2*r.Float64()
	return process{spread: 3, usual: size, rate: func(int) float64 { return quiet }, events: func(int) int {
		if !often(r, every) {
			return 0
		}
		return int(min(3000, size*math.Pow(1-r.Float64(), -1/tail)))
	}}
}

func visits(r *rand.Rand) process {
	every := between(r, 3000, 20000)
	return process{spread: 5, events: func(int) int {
		if !often(r, every) {
			return 0
		}
		return 1 + chance(r, between(r, 0.5, 6), 0)
	}}
}

func shifts(r *rand.Rand) process {
	level := between(r, 1, 50)
	now := level
	levels := make([]float64, Total)
	for m := range levels {
		if often(r, 360) {
			now = level * []float64{0.5, 1, 1, 2, 4}[r.IntN(5)]
		}
		levels[m] = now
	}
	return process{size: 30, usual: 2 * level, rate: func(m int) float64 { return levels[m] }}
}

func deploys(r *rand.Rand) process {
	calls, aDay := between(r, 5, 80), 1+9*r.Float64()
	return process{spread: 4, usual: calls / 3, events: func(m int) int {
		if h := hourOf(m); weekend(m) || h < 8 || h > 20 || !often(r, 720/aDay) {
			return 0
		}
		return 1 + chance(r, calls, 4)
	}}
}

func storms(r *rand.Rand) process {
	quiet, every := between(r, 0.001, 0.05), between(r, 1000, 6000)
	return process{spread: 4, usual: 2, rate: func(int) float64 { return quiet }, events: func(int) int {
		if !often(r, every) {
			return 0
		}
		return 2 + chance(r, 6, 0)
	}}
}
