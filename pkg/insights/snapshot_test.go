package insights_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/insights"
)

func decode(t testing.TB, data []byte) *insights.State {
	t.Helper()
	s, err := insights.Decode(data, insights.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func encode(t testing.TB, s *insights.State) []byte {
	t.Helper()
	data, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The snapshots in testdata were written by earlier versions after nine days and ten hours: three
// APIs of two to four calls a minute, a rare one, and Act0 five minutes into a rise to 62 a
// minute. They have ten more minutes open.
func TestASnapshotOfAnEarlierVersionGoesOn(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) { goesOn(t, "testdata/"+version+".state") })
	}
}

func goesOn(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := decode(t, data)
	if n := s.Keys(); n != 4 {
		t.Fatalf("%d keys, want 4", n)
	}
	begin := monday().Add((9*24 + 10) * time.Hour)
	if got, want := s.Watermark(), begin.Add(5*time.Minute); !got.Equal(want) {
		t.Fatalf("watermark %s, want %s", got, want)
	}
	if a := s.Add(batch(begin.Add(3 * time.Minute).String())); !a.Duplicate {
		t.Error("a batch was forgotten")
	}
	for m := 10; m < 40; m++ {
		s.Add(batch("", tally(begin.Add(time.Duration(m)*time.Minute), "Act0", 2)))
	}
	ts := s.Close(begin.Add(40 * time.Minute))
	var end *insights.Transition
	for i := range ts {
		if ts[i].Key.EventName == "Act0" {
			end = &ts[i]
		}
	}
	if end == nil || end.Phase != insights.End || !end.Time.Equal(begin.Add(10*time.Minute)) {
		t.Fatalf("the open insight went on as %+v, want its End at %s", end, begin.Add(10*time.Minute))
	}
	if got, want := end.Statistics.InsightAverage, 62.0; got != want {
		t.Errorf("insight average %v, want %v", got, want)
	}
	again := encode(t, s)
	if bytes.Equal(again[:17], data[:17]) {
		t.Error("the state was written as that version again")
	}
	decode(t, again)
}

func TestEqualStatesGiveEqualSnapshots(t *testing.T) {
	build := func(backwards bool) []byte {
		s := insights.NewState(account, region, insights.DefaultConfig())
		for hour := range 48 {
			var b insights.Batch
			for m := range 60 {
				at := monday().Add(time.Duration(hour*60+m) * time.Minute)
				for api := range 7 {
					b.Tallies = append(b.Tallies, tally(at, fmt.Sprintf("Act%d", api), 1+(m*api)%5))
				}
			}
			if backwards {
				for i, j := 0, len(b.Tallies)-1; i < j; i, j = i+1, j-1 {
					b.Tallies[i], b.Tallies[j] = b.Tallies[j], b.Tallies[i]
				}
			}
			s.Add(b)
			s.Close(monday().Add(time.Duration(hour*60+50) * time.Minute))
		}
		return encode(t, s)
	}
	one, other := build(false), build(true)
	if !bytes.Equal(one, other) {
		t.Error("the order within a batch changed the snapshot")
	}
	if again := encode(t, decode(t, one)); !bytes.Equal(one, again) {
		t.Error("decoding and encoding changed the snapshot")
	}
}

func TestADecodedStateDecidesAsTheOneThatWasEncoded(t *testing.T) {
	s := decode(t, history(t))
	var straight, broken []insights.Transition
	for _, b := range incidents() {
		s.Add(b)
		straight = append(straight, s.Advance(b.Tallies[0].Minute)...)
	}
	s = decode(t, history(t))
	for _, b := range incidents() {
		s.Add(b)
		broken = append(broken, s.Advance(b.Tallies[0].Minute)...)
		s = decode(t, encode(t, s))
	}
	if len(straight) == 0 {
		t.Fatal("no transition to compare")
	}
	if d := cmp.Diff(straight, broken); d != "" {
		t.Errorf("a state that is written between batches decides otherwise:\n%s", d)
	}
}

func TestDamagedSnapshotsAreErrors(t *testing.T) {
	good := history(t)
	for name, bad := range map[string][]byte{
		"empty": nil, "no magic": good[1:], "cut": good[:len(good)/2], "of the future": append(append([]byte{}, good[:16]...), append([]byte{99}, good[17:]...)...),
	} {
		if _, err := insights.Decode(bad, insights.DefaultConfig()); err == nil {
			t.Errorf("%s: no error", name)
		} else {
			t.Log(err)
		}
	}
}

func FuzzDecodeBody(f *testing.F) {
	f.Add(insights.Body(f, smallState(f)))
	f.Fuzz(func(t *testing.T, body []byte) {
		if s, err := insights.DecodeBody(body); err == nil {
			sameAgain(t, s)
		}
	})
}

// sameAgain writes a state twice.
func sameAgain(t *testing.T, s *insights.State) {
	t.Helper()
	one := insights.EncodeBody(t, s)
	again, err := insights.DecodeBody(one)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one, insights.EncodeBody(t, again)) {
		t.Fatal("a second round changed the snapshot")
	}
}

// Bytes that are not those that were written give an error or a state that can be written.
func TestDamagedBodiesDoNoHarm(t *testing.T) {
	body := insights.Body(t, smallState(t))
	rnd := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		bad := bytes.Clone(body)
		for range 1 + rnd.IntN(3) {
			bad[rnd.IntN(len(bad))] = byte(rnd.Uint32())
		}
		if s, err := insights.DecodeBody(bad); err == nil {
			sameAgain(t, s)
		}
	}
}

// smallState has a key of every kind: rare, busy, and with an insight that is open.
func smallState(t testing.TB) []byte {
	t.Helper()
	s := insights.NewState(account, region, insights.DefaultConfig())
	for m := range 1700 {
		at := monday().Add(time.Duration(m) * time.Minute)
		b := batch("", tally(at, "Busy", 2))
		if m > 1690 {
			b.ID = at.String()
			b.Tallies = append(b.Tallies, tally(at, "Rare", 9))
		}
		s.Add(b)
	}
	s.Close(monday().Add(1697 * time.Minute))
	return encode(t, s)
}
