package sim

import (
	"math"
	"math/rand/v2"
)

// poisson draws a count with the given mean: by Knuth's product method in
// stretches of at most 30, whose sum is again a Poisson count.
func poisson(r *rand.Rand, mean float64) int {
	n := 0
	for ; mean > 30; mean -= 30 {
		n += knuth(r, 30)
	}
	return n + knuth(r, mean)
}

func knuth(r *rand.Rand, mean float64) int {
	if mean <= 0 {
		return 0
	}
	limit := math.Exp(-mean)
	n := 0
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}
