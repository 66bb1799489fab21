package sim

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Interval is a value with the limits of its 95% confidence interval.
type Interval struct{ Value, Low, High float64 }

const z95 = 1.959963984540054 // of the normal distribution, two-sided

// Recall is the share of the anomalies that were found, with Wilson's interval.
func (s Score) Recall() Interval { return wilson(s.Found, s.Anomalies) }

// Precision is the share of anomalies among what was told once, with Wilson's
// interval; of traffic without an anomaly there is none.
func (s Score) Precision() Interval {
	if s.Anomalies == 0 {
		return wilson(0, 0)
	}
	return wilson(s.Found, s.Found+s.False)
}

// EndRight is the share of Ends within two minutes, with Wilson's interval.
func (s Score) EndRight() Interval { return wilson(s.EndsRight, s.Ends) }

// FalseStarts is the number of false Starts a key-week, with the exact interval
// of a Poisson count.
func (s Score) FalseStarts() Interval {
	if s.KeyWeeks == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	low, high := garwood(s.False)
	return Interval{float64(s.False) / s.KeyWeeks, low / s.KeyWeeks, high / s.KeyWeeks}
}

// Delay is a quantile of the minutes until a Start, with a bootstrap interval
// of 1,000 resamples.
func (s Score) Delay(q float64) Interval {
	if len(s.Delays) == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	r := rand.New(rand.NewPCG(1, uint64(len(s.Delays))))
	again := make([]int, len(s.Delays))
	values := make([]int, 1000)
	for i := range values {
		for j := range again {
			again[j] = s.Delays[r.IntN(len(s.Delays))]
		}
		values[i] = quantile(again, q)
	}
	return Interval{float64(quantile(slices.Clone(s.Delays), q)), float64(quantile(values, 0.025)), float64(quantile(values, 0.975))}
}

// quantile sorts values.
func quantile(values []int, q float64) int {
	slices.Sort(values)
	return values[int(q*float64(len(values)-1))]
}

// wilson is the score interval of a share: E. B. Wilson, "Probable Inference,
// the Law of Succession, and Statistical Inference", 1927.
func wilson(k, n int) Interval {
	if n == 0 {
		return Interval{math.NaN(), math.NaN(), math.NaN()}
	}
	p, m := float64(k)/float64(n), float64(n)
	centre := (p + z95*z95/(2*m)) / (1 + z95*z95/m)
	half := z95 / (1 + z95*z95/m) * math.Sqrt(p*(1-p)/m+z95*z95/(4*m*m))
	return Interval{p, max(0, centre-half), min(1, centre+half)}
}

// garwood is the exact interval of the mean of a Poisson count: F. Garwood,
// "Fiducial Limits for the Poisson Distribution", 1936.
func garwood(n int) (low, high float64) {
	if n > 0 {
		low = solve(func(mean float64) bool { return 1-atMost(n-1, mean) < 0.025 }, float64(n))
	}
	return low, solve(func(mean float64) bool { return atMost(n, mean) > 0.025 }, 2*float64(n)+10)
}

// solve finds where below turns false, in [0, top].
func solve(below func(float64) bool, top float64) float64 {
	low, high := 0.0, top
	for range 60 {
		if middle := (low + high) / 2; below(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// atMost is the chance of at most n when mean are expected.
func atMost(n int, mean float64) float64 {
	sum := 0.0
	for i := range n + 1 {
		g, _ := math.Lgamma(float64(i + 1))
		sum += math.Exp(float64(i)*math.Log(max(mean, 1e-300)) - mean - g)
	}
	return sum
}
