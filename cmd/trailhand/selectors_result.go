package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/pkg/delivery"
)

// CloudTrail's prices in US dollars for most Regions, as they were known on
// pricesAsOf: the first copy of management events is free, all else is per
// 100,000 events. They are those of the AWS Price List, service AWSCloudTrail, by
// these usage types:
//
//	PaidEventsRecorded     0.00002    an event; in the list of 2025-07-01
//	DataEventsRecorded     0.000001
//	NetworkEventsRecorded  0.000001   in the list of 2025-07-01
//	InsightsEvents         0.0000035  an event analysed, for each Insight type
//	DataInsightsEvents     0.0000003
//
// How often Insights analyse an event is in the user guide, "Costs for Insights
// events". AWS changes prices, and some Regions have others:
// https://aws.amazon.com/cloudtrail/pricing/
const (
	pricesAsOf         = "2026-11-21"
	priceSecondCopy    = 2.00 // management events, each copy after the first
	priceData          = 0.10
	priceNetwork       = 0.10
	priceInsights      = 0.35 // management events analysed, for each Insight type
	priceDataInsights  = 0.03 // data events analysed, for each Insight type
	perEvents          = 100_000
	hoursOfMonth       = 730
	shortestTellingLog = 24 * time.Hour
)

// selected is the result of `trailhand selectors test`, as --json prints it.
type selected struct {
	Files     int       `json:"files"`
	Records   int       `json:"records"`
	Kept      int       `json:"kept"`
	First     time.Time `json:"firstEventTime,omitzero"`
	Last      time.Time `json:"lastEventTime,omitzero"`
	Selectors []keptBy  `json:"selectors"`
	Kinds     []counted `json:"events"`
	Month     *month    `json:"month,omitempty"`
}

// keptBy counts the events that one selector keeps first.
type keptBy struct {
	Selector string `json:"selector"`
	Kept     int    `json:"kept"`
}

// counted is how many events of a kind there are.
type counted struct {
	Count int `json:"count"`
	kind
}

// month is what a month would cost, extrapolated.
type month struct {
	PricesAsOf string  `json:"pricesAsOf"`
	FromHours  float64 `json:"extrapolatedFromHours"`
	Items      []item  `json:"items"`
}

// item is one line of the bill.
type item struct {
	What   string  `json:"what"`
	Events int     `json:"events"` // a month
	USD    float64 `json:"usd"`
	If     string  `json:"if,omitempty"` // what it is only charged for
}

// costs extrapolates to a month; nil where there is no time to extrapolate from.
func costs(l logged, span time.Duration) *month {
	if span <= 0 {
		return nil
	}
	m := &month{PricesAsOf: pricesAsOf, FromHours: span.Hours()}
	line := func(what string, events int, price float64, only string) {
		monthly := float64(events) * hoursOfMonth / span.Hours()
		m.Items = append(m.Items, item{what, int(monthly + 0.5), monthly / perEvents * price, only})
	}
	line("management events", l.Management, 0, "the first copy, which is free")
	line("management events", l.Management, priceSecondCopy, "another trail of the account logs them already")
	line("data events", l.Data, priceData, "")
	line("network activity events", l.NetworkActivity, priceNetwork, "")
	line("Insights on the call rate", l.ManagementWrites, priceInsights, "Insights are on: management writes")
	line("Insights on the error rate", l.Management, priceInsights, "Insights are on: management events")
	line("Insights on data events", 2*l.Data, priceDataInsights, "Insights of both types are on")
	return m
}

// print prints the result.
func (s selected) print(w io.Writer, top int, asJSON bool) error {
	if asJSON {
		return printJSON(w, s, "  ")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d records of %d files: %d kept, %d refused\n\n", s.Records, s.Files, s.Kept, s.Records-s.Kept)
	for _, k := range s.Selectors {
		fmt.Fprintf(&b, "%9d  kept by %s\n", k.Kept, logs.Visible(k.Selector))
	}
	s.kinds(&b, "Kept", true, top)
	s.kinds(&b, "Refused", false, top)
	s.Month.print(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// kinds prints the most frequent kinds of events that are kept, or refused.
func (s selected) kinds(b *strings.Builder, title string, kept bool, top int) {
	shown, rest, restCount := 0, 0, 0
	for _, k := range s.Kinds {
		switch {
		case k.Kept != kept:
			continue
		case shown == top:
			rest++
			restCount += k.Count
			continue
		case shown == 0:
			fmt.Fprintf(b, "\n%s:\n", title)
		}
		shown++
		fmt.Fprintf(b, "%9d  %s %s %s\n", k.Count, k.Category, logs.Visible(cmp.Or(k.EventSource, delivery.Absent)), logs.Visible(cmp.Or(k.EventName, delivery.Absent)))
		for line := range strings.SplitSeq(k.Why, "\n") {
			fmt.Fprintf(b, "             %s\n", logs.Visible(line))
		}
	}
	if rest > 0 && top > 0 {
		fmt.Fprintf(b, "%9d  events of %d more kinds\n", restCount, rest)
	}
}

func (m *month) print(b *strings.Builder) {
	if m == nil {
		b.WriteString("\nThe events are of one moment: there is nothing to say of a month.\n")
		return
	}
	fmt.Fprintf(b, "\nA month of this, extrapolated from %.1f hours to %d, at the prices of %s:\n", m.FromHours, hoursOfMonth, m.PricesAsOf)
	for _, i := range m.Items {
		condition := ""
		if i.If != "" {
			condition = "  if: " + i.If
		}
		fmt.Fprintf(b, "%12d  %-27s $%.2f%s\n", i.Events, i.What, i.USD, condition)
	}
	if m.FromHours < shortestTellingLog.Hours() {
		b.WriteString("That is less than a day of logs: take it for a guess.\n")
	}
}
