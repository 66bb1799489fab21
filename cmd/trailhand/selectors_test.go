package main

import (
	"math"
	"testing"
	"time"
)

// The figures are those of the examples on CloudTrail's pricing page and in the
// user guide's "Costs for Insights events".
func TestAMonthCostsWhatThePricingPageSays(t *testing.T) {
	month := hoursOfMonth * time.Hour
	tests := []struct {
		name string
		log  logged
		span time.Duration
		usd  []float64 // in the order of the bill
	}{
		{"150,000 management events, another trail having the first copy, and 2 million data events",
			logged{Management: 150_000, Data: 2_000_000}, month, []float64{0, 3, 2, 0, 0, 0.525, 1.2}},
		{"300,000 management events, 30,000 of them writes, with Insights",
			logged{Management: 300_000, ManagementWrites: 30_000}, month, []float64{0, 6, 0, 0, 0.105, 1.05, 0}},
		{"300,000 management events, 30,000 of them writes, and 400,000 data events, all with Insights of both types: 1,130,000 are analysed",
			logged{Management: 300_000, ManagementWrites: 30_000, Data: 400_000}, month, []float64{0, 6, 0.4, 0, 0.105, 1.05, 0.24}},
		{"a tenth of a month counts ten times",
			logged{NetworkActivity: 100_000}, month / 10, []float64{0, 0, 0, 1, 0, 0, 0}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := costs(test.log, test.span)
			for i, item := range got.Items {
				if math.Abs(item.USD-test.usd[i]) > 1e-9 {
					t.Errorf("%s: $%v, want $%v", item.What, item.USD, test.usd[i])
				}
			}
		})
	}
	if got := costs(logged{Management: 1}, 0); got != nil {
		t.Errorf("from no time at all: %+v", got)
	}
}
