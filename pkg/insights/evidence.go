package insights

import (
	"math"
	"slices"
)

// window is so many minutes over which a spike is judged.
type window struct {
	minutes int32
	chance  float64 // that a day without an anomaly exceeds its threshold
}

// windows are shortest first: one minute for a burst, fifteen for a rise that no single minute
// betrays. Most of the false Starts that are allowed go to the one that tells within three
// minutes and gains the most from them; a burst's single minute is what has no largest size.
func windows() [spikeWindows]window {
	return [spikeWindows]window{{1, 0.0015}, {4, 0.008}, {longest, 0.004}}
}

const (
	spikeWindows = 3
	dropWindow   = 4 // the place of a drop's evidence among a day's peaks; 3 was a longer window's
	evidences    = 5
	longest      = 15 // minutes of the longest window
	memoryDays   = 28 // days that peaks are kept
)

// deviance is the evidence, in nats, that calls came at a higher rate than expected, under a
// negative binomial of size k. It is 0 at and below the expectation.
func deviance(calls, expected, k float64) float64 {
	if calls <= expected {
		return 0
	}
	return calls*math.Log(calls/expected) - (calls+k)*math.Log((calls+k)/(expected+k))
}

// silence is the evidence, in nats, of no call at all where expected ones were due.
func silence(expected, k float64) float64 { return k * math.Log1p(expected/k) }

// peak is one UTC day's largest evidence for each window, packed.
type peak struct {
	day int32
	u   [evidences]uint16
}

// pack keeps a nonnegative number below 4e9 within 0.02 %: log2(1+x) in steps of 1/2048.
func pack(x float64) uint16 {
	return uint16(min(math.Round(math.Log2(1+x)*2048), math.MaxUint16))
}

func unpack(q uint16) float64 { return math.Exp2(float64(q)/2048) - 1 }

// The tail of a key's daily peaks is taken as a power law. Its index is the Hill estimate over
// the tailPeaks largest, drawn towards tailPrior with the weight of tailWeight peaks; the
// threshold is the evidence that a day exceeds with a chance that is given.
// (Hill, "A simple general approach to inference about the tail of a distribution", 1975;
// Weissman's quantile, 1978.)
const (
	tailPeaks  = 12
	tailPrior  = 0.23
	tailWeight = 3
	tailOffset = 24.0 // nats: small peaks differ by chance
)

// tailQuantile is the evidence that one day in 1/chance exceeds, from the peaks of the last
// observed days; 0 without peaks. It sorts peaks.
func tailQuantile(peaks []float64, observed int, chance float64) float64 {
	if len(peaks) == 0 {
		return 0
	}
	slices.SortFunc(peaks, func(a, b float64) int { return int(math.Copysign(1, b-a)) })
	n := min(tailPeaks, len(peaks))
	least := peaks[n-1] + tailOffset
	index := tailPrior * tailWeight
	for _, p := range peaks[:n-1] {
		index += math.Log((p + tailOffset) / least)
	}
	index /= tailWeight + float64(n-1)
	return least*math.Exp(index*math.Log(float64(n)/(float64(max(observed, 1))*chance))) - tailOffset
}
