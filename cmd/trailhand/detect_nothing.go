package main

import (
	"fmt"
	"io"
	"time"

	"github.com/trailhand/trailhand/internal/replay"
)

// explainNothing says why there may be no insight, from what the detector had.
func explainNothing(w io.Writer, log *replay.Log, judged []replay.Judged) {
	rates := 0
	var history time.Duration
	for _, j := range judged {
		rates += j.Rates
		history = max(history, j.History)
	}
	if log.Len() == 0 {
		fmt.Fprintln(w, "trailhand: no insight: there is no call in the input")
		return
	}
	if rates == 0 {
		fmt.Fprintf(w, "trailhand: no insight: none of %s is of a rate (calls that only read are rated by their errors)\n", tallies(log.Len()))
		return
	}
	fmt.Fprintf(w, "trailhand: no insight: %s in %s, with %s of history at most\n", count(rates, "rate"), places(len(judged)), lasting(history))
	for _, need := range []struct {
		what string
		time time.Duration
	}{{"rise", replay.BeforeRises}, {"drop", replay.BeforeDrops}} {
		if short := withLess(judged, need.time); short > 0 {
			fmt.Fprintf(w, "trailhand: too little history for a %s: %d of %d rates belong to an account and Region with less than %s\n",
				need.what, short, rates, lasting(need.time))
		}
	}
}

// withLess counts the rates of places with less history than a time.
func withLess(judged []replay.Judged, than time.Duration) (rates int) {
	for _, j := range judged {
		if j.History < than {
			rates += j.Rates
		}
	}
	return rates
}

func tallies(n int) string {
	if n == 1 {
		return "the one tally"
	}
	return fmt.Sprintf("the %d tallies", n)
}

func places(n int) string {
	if n == 1 {
		return "one account and Region"
	}
	return fmt.Sprintf("%d accounts and Regions", n)
}

// lasting writes a time in its largest unit of which there are two.
func lasting(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	}
	return count(int(d/time.Minute), "minute")
}
