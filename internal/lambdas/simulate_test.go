package lambdas_test

import (
	"math/rand/v2"
	"slices"
)

// busy is what a simulation saw of one function.
type busy struct {
	mean float64 // concurrency
	most int
	wait float64 // 99 % of the messages waited less, seconds
}

type simulated struct {
	readers, detectors busy
	judged             float64 // from delivery to judged, 99 %, seconds
}

// arrival is a log file, or its tallies.
type arrival struct {
	delivered, at float64
	place         int
}

const (
	simulatedTime = 1800.0 // seconds
	settledAfter  = 300.0  // what came before is in no figure
	batch         = 10     // messages that an invocation takes at most
)

// simulate delivers a file for each place about every five minutes, has so many
// log readers read them one at a time, and a detector for each place run in turn.
// Work takes half to one and a half of its mean.
func simulate(s size, n tallied, readers int) (out simulated) {
	r := rand.New(rand.NewPCG(1, 2))
	var files []arrival
	for place := range s.places {
		for at := r.Float64() * 300; at < simulatedTime; at += 300 * (0.9 + 0.2*r.Float64()) {
			files = append(files, arrival{at, at, place})
		}
	}
	byTime := func(a, b arrival) int { return int(1e6 * (a.at - b.at)) }
	slices.SortFunc(files, byTime)
	free := make([]float64, readers)
	var waits []float64
	var work [][2]float64
	for i := range files {
		next := 0
		for k := range free {
			if free[k] < free[next] {
				next = k
			}
		}
		begin := max(files[i].at, free[next])
		waits = append(waits, begin-files[i].at)
		free[next] = begin + readSeconds(s.recordsInAFile)*(0.5+r.Float64())
		work = append(work, [2]float64{begin, free[next]})
		files[i].at = free[next]
	}
	out.readers = seen(waits, work)
	slices.SortFunc(files, byTime)
	out.detectors, out.judged = judge(files, n, r)
	return out
}

// judge runs the detector: a place's messages in their order, up to ten at a time.
func judge(files []arrival, n tallied, r *rand.Rand) (busy, float64) {
	places := map[int][]arrival{}
	for _, f := range files {
		places[f.place] = append(places[f.place], f)
	}
	var waits, ages []float64
	var work [][2]float64
	for place := range len(places) {
		free, queue := 0.0, places[place]
		for len(queue) > 0 {
			begin := max(free, queue[0].at)
			taken := 1
			for taken < len(queue) && queue[taken].at <= begin && (taken+1)*n.messages <= batch {
				taken++
			}
			runs := float64((taken*n.messages + batch - 1) / batch)
			free = begin + runs*(detect/share+2*s3Wait)*(0.5+r.Float64())
			work = append(work, [2]float64{begin, free})
			for _, f := range queue[:taken] {
				waits, ages = append(waits, begin-f.at), append(ages, free-f.delivered)
			}
			queue = queue[taken:]
		}
	}
	return seen(waits, work), ninetyNinth(ages)
}

// seen gives the concurrency of work, and the waits.
func seen(waits []float64, work [][2]float64) busy {
	type change struct {
		at float64
		by int
	}
	var changes []change
	var total float64
	for _, w := range work {
		changes = append(changes, change{w[0], 1}, change{w[1], -1})
		total += max(0, min(w[1], simulatedTime)-max(w[0], settledAfter))
	}
	slices.SortFunc(changes, func(a, b change) int {
		if a.at != b.at {
			return map[bool]int{true: -1, false: 1}[a.at < b.at]
		}
		return a.by - b.by
	})
	b := busy{mean: total / (simulatedTime - settledAfter), wait: ninetyNinth(waits)}
	now := 0
	for _, c := range changes {
		if now += c.by; c.at > settledAfter {
			b.most = max(b.most, now)
		}
	}
	return b
}

func ninetyNinth(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)*99/100]
}
