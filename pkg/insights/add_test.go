package insights_test

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

func TestABatchCountsOnce(t *testing.T) {
	s := insights.NewState(account, region, insights.DefaultConfig())
	b := batch("bucket/key@1#0", tally(monday(), "PutObject", 3))
	if a := s.Add(b); a.Duplicate || a.Counted != 1 || a.Calls != 3 {
		t.Errorf("the first time: %+v", a)
	}
	if a := s.Add(b); !a.Duplicate || a.Counted != 0 || a.Calls != 0 {
		t.Errorf("the second time: %+v", a)
	}
}

func TestTalliesAreTakenUntilTheirMinuteIsClosed(t *testing.T) {
	cfg := insights.DefaultConfig()
	s := insights.NewState(account, region, cfg)
	now := monday().Add(time.Hour)
	s.Add(batch("1", tally(now, "A", 1), tally(now.Add(-10*time.Minute), "A", 1)))
	s.Advance(now)
	if got, want := s.Watermark(), now.Add(-10*time.Minute); got.Before(want.Add(-cfg.Lateness)) || got.After(want) {
		t.Fatalf("watermark %s, want at most %s", got, want)
	}
	s.Add(batch("2", tally(now.Add(20*time.Minute), "A", 1)))
	s.Advance(now.Add(20 * time.Minute))
	if got, want := s.Watermark(), now.Add(5*time.Minute); !got.Equal(want) {
		t.Fatalf("watermark %s, want %s", got, want)
	}
	if a := s.Add(batch("3", tally(now.Add(5*time.Minute), "A", 7))); a.Counted != 1 || a.Late != 0 {
		t.Errorf("the oldest open minute: %+v", a)
	}
	if a := s.Add(batch("4", tally(now.Add(4*time.Minute), "A", 7))); a.Late != 1 || a.LateCalls != 7 || a.Counted != 0 {
		t.Errorf("a closed minute: %+v", a)
	}
}

func TestTheClockClosesMinutesWhenNoBatchComes(t *testing.T) {
	s := insights.NewState(account, region, insights.DefaultConfig())
	now := monday().Add(time.Hour)
	s.Add(batch("1", tally(now, "A", 1)))
	s.Advance(now.Add(5 * time.Minute)) // the file came five minutes after its calls
	s.Advance(now.Add(25 * time.Minute))
	if got, want := s.Watermark(), now.Add(5*time.Minute); !got.Equal(want) {
		t.Errorf("watermark %s, want %s", got, want)
	}
	s.Advance(now.Add(3 * time.Hour))
	if got := s.Watermark(); got.After(now.Add(12 * time.Minute)) {
		t.Errorf("watermark %s: a silence of all was not held as an outage", got)
	}
	s.Advance(now.Add(10 * time.Hour))
	if got, want := s.Watermark(), now.Add(9*time.Hour); got.Before(want) {
		t.Errorf("watermark %s: the silence was held for ever, want %s at least", got, want)
	}
}

// Two hundred keys of 20 calls a minute; for an hour nothing comes from the whole account.
func TestAnOutageIsNoDropAndOneSilentKeyIs(t *testing.T) {
	for name, outage := range map[string]bool{"everything is silent": true, "one key is silent": false} {
		t.Run(name, func(t *testing.T) {
			s := insights.NewState(account, region, insights.DefaultConfig())
			var ts []insights.Transition
			begin := 9*1440 + 600
			for m := range begin + 120 {
				at := monday().Add(time.Duration(m) * time.Minute)
				silent := m >= begin && m < begin+60
				if !outage || !silent {
					b := batch("", tally(at, "Other", 20), tally(at, "Another", 20))
					if !silent {
						b.Tallies = append(b.Tallies, tally(at, "One", 20))
					}
					s.Add(b)
				}
				ts = append(ts, s.Advance(at)...)
			}
			ts = append(ts, s.Close(monday().Add(time.Duration(begin+120)*time.Minute))...)
			switch {
			case outage && len(ts) != 0:
				t.Errorf("the outage was told: %+v", ts)
			case !outage && (len(ts) != 2 || ts[0].Reason.Direction != insights.Drop || ts[0].Statistics.InsightAverage != 0):
				t.Errorf("the drop was told as %+v", ts)
			}
		})
	}
}

func TestBadTalliesAreNamedAndTheOthersCount(t *testing.T) {
	s := insights.NewState(account, region, insights.DefaultConfig())
	foreign, nameless := tally(monday(), "A", 1), tally(monday(), "", 1)
	foreign.Region = "us-east-1"
	a := s.Add(batch("b", foreign, tally(monday(), "A", 0), nameless, tally(time.Time{}, "A", 1), tally(monday(), "A", 2)))
	if len(a.Bad) != 4 || a.Counted != 1 || a.Calls != 2 {
		t.Fatalf("%+v", a)
	}
	for i, want := range []string{"us-east-1", "count 0", "eventName is empty", "not in this age"} {
		if got := a.Bad[i].Error(); !strings.Contains(got, want) || !strings.HasPrefix(got, `batch "b": tally `) {
			t.Errorf("error %q does not say %q", got, want)
		}
	}
}

func TestExclusionsLeaveCallsOut(t *testing.T) {
	cfg := insights.DefaultConfig()
	cfg.Exclusions = []insights.Match{{UserIdentityARN: "arn:aws:sts::123456789012:assumed-role/App"}}
	s := insights.NewState(account, region, cfg)
	tl := tally(monday(), "A", 5)
	tl.UserIdentityARNs["arn:aws:iam::123456789012:user/mary"] = 2
	tl.Count = 7
	if a := s.Add(batch("", tl)); a.Excluded != 5 || a.Calls != 2 {
		t.Errorf("%+v, want 5 left out and 2 counted", a)
	}
}

func TestAnInsightCanBeMutedByWhoCalls(t *testing.T) {
	for name, c := range map[string]struct {
		o    insights.Override
		want int
	}{
		"of another name":     {insights.Override{Match: insights.Match{EventName: "Nothing*"}, Mute: true}, 2},
		"of the caller":       {insights.Override{Match: insights.Match{UserIdentityARN: "*role/App"}, Mute: true}, 2},
		"of the caller's ARN": {insights.Override{Match: insights.Match{UserIdentityARN: "arn:aws:sts::*"}, Mute: true}, 0},
		"of the source":       {insights.Override{Match: insights.Match{EventSource: "s3.amazonaws.com"}, MinCount: 1000}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := insights.DefaultConfig()
			cfg.Overrides = []insights.Override{c.o}
			s := insights.NewState(account, region, cfg)
			for m := range 1700 {
				n := 2
				if m >= 1650 && m < 1655 {
					n = 60
				}
				s.Add(batch("", tally(monday().Add(time.Duration(m)*time.Minute), "A", n)))
			}
			if ts := s.Close(monday().Add(1700 * time.Minute)); len(ts) != c.want {
				t.Errorf("%d transitions, want %d", len(ts), c.want)
			}
		})
	}
}

func TestConfigReadsTextAndNamesEveryFault(t *testing.T) {
	cfg := insights.DefaultConfig()
	if err := json.Unmarshal([]byte(`{"lateness":"20m","minCount":2}`), &cfg); err != nil {
		t.Fatal(err)
	}
	if cfg.Lateness != 20*time.Minute || cfg.MinCount != 2 || cfg.K != 20 {
		t.Errorf("%+v", cfg)
	}
	if err := json.Unmarshal([]byte(`{"latness":"20m"}`), &cfg); err == nil {
		t.Error("an unknown knob was taken")
	}
	again, err := json.Marshal(cfg)
	if err != nil || !strings.Contains(string(again), `"lateness":"20m0s"`) {
		t.Errorf("written as %s, %v", again, err)
	}
	bad := insights.Config{MinCount: 0, K: 0, ThetaFloor: 0, Lateness: time.Second, Exclusions: []insights.Match{{}, {EventName: "a*b"}}}
	text := bad.Validate().Error()
	for _, want := range []string{"minCount 0", "k 0", "thetaFloor 0", "lateness 1s", "exclusions[0]", "exclusions[1]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
	if err := insights.DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
}

// A rate that doubles for good, and one that grows for days, End by themselves and are learned.
func TestALastingChangeEndsAndIsLearned(t *testing.T) {
	for name, rate := range map[string]func(m int) int{
		"a new level": func(m int) int { return 10 + 90*min(1, m/(10*1440)) },
		"a ramp":      func(m int) int { return 10 + max(0, min(m-10*1440, 4*1440))/20 },
	} {
		t.Run(name, func(t *testing.T) {
			s := insights.NewState(account, region, insights.DefaultConfig())
			open, starts, late := 0, 0, 0
			for m := range 28 * 1440 {
				at := monday().Add(time.Duration(m) * time.Minute)
				s.Add(batch("", tally(at, "A", rate(m)+m*7%5)))
				for _, tr := range s.Advance(at) {
					if tr.Phase == insights.End {
						open--
						continue
					}
					open++
					starts++
					if m > 17*1440 {
						late++
					}
				}
			}
			if open != 0 || starts == 0 || late != 0 {
				t.Errorf("%d Starts, %d of them once it was steady, %d still open", starts, late, open)
			}
		})
	}
}

func TestIDsThatAreTooManyAreCountedAndTheirCallsToo(t *testing.T) {
	const kept, more = 1 << 20, 10
	one := tally(monday(), "Act", kept+more)
	for i := range uint64(kept + more) {
		one.EventIDs = binary.LittleEndian.AppendUint64(one.EventIDs, i)
	}
	s := insights.NewState(account, region, insights.DefaultConfig())
	first, second := s.Add(batch("a", one)), s.Add(batch("b", one))
	if first.Calls != kept+more || first.Copies != 0 || first.Unchecked != more {
		t.Errorf("the first time: %+v", first)
	}
	if second.Calls != more || second.Copies != kept || second.Unchecked != more {
		t.Errorf("the second time: %+v", second)
	}
	s.Close(monday().Add(time.Minute))
	if other := s.Add(batch("c", tally(monday().Add(time.Minute), "Act", 1))); other.Calls != 1 {
		t.Errorf("a minute later: %+v", other)
	}
	if stored := len(encode(t, s)); stored > 1<<20 {
		t.Errorf("%d bytes are stored: the IDs of a closed minute are kept", stored)
	}
}

func TestIDsThatAreNotThoseOfTheCallsAreRefused(t *testing.T) {
	for _, ids := range [][]byte{make([]byte, 7), make([]byte, 24)} {
		bad := tally(monday(), "Act", 2)
		bad.EventIDs = ids
		s := insights.NewState(account, region, insights.DefaultConfig())
		if a := s.Add(batch("a", bad)); len(a.Bad) != 1 || a.Calls != 0 {
			t.Errorf("%d bytes: %+v", len(ids), a)
		}
	}
}
