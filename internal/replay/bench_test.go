package replay

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// BenchmarkDecoder reports how often the decoder reads a tally in the time in
// which encoding/json reads it once, by turns over the same line.
func BenchmarkDecoder(b *testing.B) {
	line, err := json.Marshal(tally(7, "DeleteBucket", 3))
	if err != nil {
		b.Fatal(err)
	}
	d := newDecoder()
	var own, standard time.Duration
	var t insights.Tally
	for b.Loop() {
		const turns = 100
		begin := time.Now()
		for range turns {
			if err := d.tally(line, &t); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for range turns {
			var t insights.Tally
			if err := json.Unmarshal(line, &t); err != nil {
				b.Fatal(err)
			}
		}
		own, standard = own+middle.Sub(begin), standard+time.Since(middle)
	}
	b.ReportMetric(float64(standard)/float64(own), "×encoding/json")
	b.ReportMetric(0, "ns/op")
}
