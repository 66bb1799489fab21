package demo

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// told is what the detector says of each case when all is well.
func told() []found {
	var all []found
	for i, c := range cases() {
		id := string(rune('a' + i))
		all = append(all,
			found{Key: c.Key, phase: insights.Start, at: c.from, sharedID: id, minutes: 1},
			found{Key: c.Key, phase: insights.End, at: c.to, sharedID: id, minutes: int(c.to.Sub(c.from) / time.Minute)})
	}
	return all
}

func TestTheThirdActFailsUnlessExactlyTheCasesAreTold(t *testing.T) {
	tests := []struct {
		name   string
		change func([]found) []found
		want   string // in the error; empty: none
	}{
		{"all cases are told", func(all []found) []found { return all }, ""},
		{"nothing is told", func([]found) []found { return nil }, "0 records, want a Start and an End"},
		{"an End is missing", func(all []found) []found { return all[:len(all)-1] }, "1 records"},
		{"one is told twice", func(all []found) []found { return append(all, all[0]) }, "3 records"},
		{"a Start is before its incident", func(all []found) []found { all[0].at = all[0].at.Add(-time.Minute); return all }, "Start at 09:59"},
		{"an End is far too late", func(all []found) []found { all[1].at = all[1].at.Add(10 * time.Minute); return all }, "End at 10:22"},
		{"Start and End do not belong together", func(all []found) []found { all[1].sharedID = "z"; return all }, "two sharedEventIDs"},
		{"the background is told too", func(all []found) []found {
			return append(all, found{Key: key(insights.CallRate, "ssm.amazonaws.com", "SendCommand", ""), phase: insights.Start})
		}, "nothing unusual was there"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := check(test.change(told()))
			if test.want == "" {
				if err != nil || n != len(cases()) {
					t.Errorf("%d told, %v", n, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
}

func TestTheTrafficHasTheUserGuidesRates(t *testing.T) {
	tr, err := traffic(1)
	if err != nil {
		t.Fatal(err)
	}
	rate := func(e expected, from, to time.Time) float64 {
		calls := 0
		for i, api := range tr.APIs {
			if api.EventName != e.EventName || api.ErrorCode != e.ErrorCode {
				continue
			}
			for at := from; at.Before(to); at = at.Add(time.Minute) {
				calls += tr.Count(i, at)
			}
		}
		return float64(calls) / to.Sub(from).Minutes()
	}
	c := cases()
	for i, want := range []struct{ before, during float64 }{{20, 100}, {20, 0}, {0, 12}} {
		if got := rate(c[i], tr.Start, c[i].from); got < want.before-1 || got > want.before+1 {
			t.Errorf("%s: %g calls a minute before, want about %g", c[i].EventName, got, want.before)
		}
		if got := rate(c[i], c[i].from, c[i].to); got != want.during {
			t.Errorf("%s: %g calls a minute in the incident, want %g", c[i].EventName, got, want.during)
		}
	}
}

func TestTheFirstTwoActsEndAsTheyShould(t *testing.T) {
	var out strings.Builder
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	p, err := newPlay(ctx, Config{Out: &out, Log: slog.New(slog.DiscardHandler), Seed: 1}, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.cloud.Close(context.WithoutCancel(ctx)); err != nil {
			t.Error(err)
		}
	}()
	for _, l := range []line{p.drift(ctx), p.delivered(ctx)} {
		if l.Err != nil {
			t.Errorf("%s: %v", l.Act, l.Err)
		}
	}
	for _, shown := range []string{
		"StopLogging", "CreateTrail, PutEventSelectors, PutInsightSelectors, StartLogging", "EnableLogFileValidation",
		"11 files, 191 records", "Insight 1", "NetworkActivity 2", "cutInTheMiddle00",
	} {
		if !strings.Contains(out.String(), shown) {
			t.Errorf("%q is not shown:\n%s", shown, out.String())
		}
	}
}

func TestARunThatCannotStartLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := Run(ctx, Config{Out: &strings.Builder{}, Log: slog.New(slog.DiscardHandler), Report: filepath.Join(dir, "r.html")})
	if err == nil {
		t.Error("a cancelled run succeeded")
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := os.Stat(filepath.Join("..", "s3.sock")); err == nil {
		t.Error("the object store's socket was left beside this folder")
	}
}
