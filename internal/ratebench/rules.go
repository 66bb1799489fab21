package ratebench

import (
	"math"
	"slices"
)

// rule scores each minute of a series from what came before it: the higher, the more unusual.
type rule struct {
	name  string
	score func(counts []int32) []float64
}

// rules are the plain ones, to compare with.
func rules() []rule {
	return []rule{
		{"negative binomial, 7 days", func(c []int32) []float64 { return binomial(c, weekMean) }},
		{"EWMA and variance", ewma},
		{"median and MAD", medians},
		{"hour of day, negative binomial", func(c []int32) []float64 { return binomial(c, hourMean) }},
	}
}

// binomial is the deviance of the last minute and of the last five from a mean.
func binomial(counts []int32, mean func([]int32) []float64) []float64 {
	const k = 20
	scores, means := make([]float64, len(counts)), mean(counts)
	var five float64
	for m, c := range counts {
		five += float64(c)
		if m >= 5 {
			five -= float64(counts[m-5])
		}
		scores[m] = max(deviance(float64(c), means[m], k), deviance(five, 5*means[m], k))
	}
	return scores
}

func deviance(calls, expected, k float64) float64 {
	if calls <= expected {
		return 0
	}
	return calls*math.Log(calls/expected) - (calls+k)*math.Log((calls+k)/(expected+k))
}

// weekMean is the mean of the seven days before each minute.
func weekMean(counts []int32) []float64 {
	means := make([]float64, len(counts))
	var sum float64
	for m := range counts {
		n := min(m, 7*Day)
		means[m] = (sum + 0.5) / float64(n+1)
		sum += float64(counts[m])
		if m >= 7*Day {
			sum -= float64(counts[m-7*Day])
		}
	}
	return means
}

// hourMean is the mean of the same hour on the seven days before, drawn towards that of the week.
func hourMean(counts []int32) []float64 {
	means := weekMean(counts)
	hours := make([]float64, len(counts)/60+1)
	for m := range counts {
		h := m / 60
		if n := min(h/24, 7); n > 0 {
			var sum float64
			for d := 1; d <= n; d++ {
				sum += hours[h-24*d]
			}
			means[m] = (sum + 30*means[m]) / float64(60*n+30)
		}
		hours[h] += float64(counts[m])
	}
	return means
}

// ewma is the distance from an exponentially weighted mean of about a day, in its deviations.
func ewma(counts []int32) []float64 {
	const share = 1.0 / Day
	scores := make([]float64, len(counts))
	var mean, variance float64
	for m, c := range counts {
		d := float64(c) - mean
		scores[m] = d / math.Sqrt(variance+mean+0.01)
		mean += share * d
		variance += share * (d*d - variance)
	}
	return scores
}

// medians is the distance from the median of the last seven days, in median absolute deviations.
func medians(counts []int32) []float64 {
	scores := make([]float64, len(counts))
	var median, spread float64
	for m, c := range counts {
		if m%Day == 0 && m > 0 {
			week := slices.Clone(counts[max(0, m-7*Day):m])
			median = middle(week)
			for i, x := range week {
				week[i] = int32(math.Abs(float64(x) - median))
			}
			spread = 1.4826*middle(week) + math.Sqrt(median) + 0.1
		}
		scores[m] = (float64(c) - median) / (spread + 0.1)
	}
	return scores
}

func middle(counts []int32) float64 {
	slices.Sort(counts)
	return float64(counts[len(counts)/2])
}

// find makes insights of scores: a Start where one reaches the threshold with at least three
// calls, an End when five minutes did not.
func find(counts []int32, scores []float64, threshold float64) (found []Finding) {
	open, last := false, 0
	for m, u := range scores {
		hot := u >= threshold && counts[m] >= 3
		switch {
		case m < 26*60:
		case hot && !open:
			open, last = true, m
			found = append(found, Finding{Start: m, Decided: m, Direction: Spike})
		case hot:
			last = m
		case open && m-last >= 5:
			open = false
			found[len(found)-1].End = last + 1
		}
	}
	return found
}
