package analysis

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Whatever cannot be told at first, and however often the process begins anew,
// each Insight is told once, under one eventID, and each call counted once.
func TestFaultsAndRestartsLoseNothingAndTellNothingTwice(t *testing.T) {
	want := newWorld(t)
	want.play(func() {})
	if n := len(want.listed()); n != 8 || want.calls("") != 150 || want.calls("AccessDenied") != 150 {
		t.Fatalf("without faults %d Insights are told, of %g calls and %g errors; want 8 of 150", n, want.calls(""), want.calls("AccessDenied"))
	}
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 5))
		w := newWorld(t)
		w.fail = func([]byte) error {
			if r.IntN(2) == 0 {
				return errFault
			}
			return nil
		}
		w.play(func() {
			if r.IntN(3) == 0 {
				w.start()
			}
		})
		if got := w.listed(); !slices.Equal(got, want.listed()) {
			t.Errorf("seed %d: listed %q, want %q", seed, got, want.listed())
		}
		for what, n := range w.told {
			if n != 1 || want.told[what] != 1 {
				t.Errorf("seed %d: %s was told %d times", seed, what, n)
			}
		}
		if w.calls("") != 150 || w.calls("AccessDenied") != 150 {
			t.Errorf("seed %d: %g calls and %g errors, want 150", seed, w.calls(""), w.calls("AccessDenied"))
		}
	}
}

func TestAnInsightThatCannotBeToldKeepsNoOtherBack(t *testing.T) {
	w := newWorld(t)
	w.fail = func(record []byte) error {
		if strings.HasSuffix(about(t, record), "ApiCallRateInsight StopInstances Start") {
			return errFault
		}
		return nil
	}
	for n := range hours {
		w.now = first().Add(time.Duration(n+1) * time.Hour)
		file, gz := hour(t, n)
		if err := w.a.Add(t.Context(), source(), file, gz); err != nil && !errors.Is(err, errFault) {
			t.Fatal(err)
		}
	}
	if len(w.told) != 6 {
		t.Errorf("told %v, want all but two", w.told)
	}
}

func TestAStateThatCannotBeReadKeepsNoOtherBackAndItsCallsAreCountedLater(t *testing.T) {
	w := newWorld(t)
	file, gz := hour(t, 0)
	if err := w.a.Add(t.Context(), source(), file, gz); err != nil {
		t.Fatal(err)
	}
	state := w.a.trails[testARN].stateFile("123456789012", "us-east-1")
	good, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	other := w.a.trails[testARN].stateFile("123456789012", "us-west-2")
	before, err := os.ReadFile(other)
	if err == nil {
		err = os.WriteFile(state, []byte("damaged"), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	file, gz = hour(t, 1)
	if err := w.a.Add(t.Context(), source(), file, gz); err == nil {
		t.Error("nothing is told")
	}
	if after, err := os.ReadFile(other); err != nil || bytes.Equal(before, after) {
		t.Errorf("the other Region's calls were not counted: %v", err)
	}
	if err := os.WriteFile(state, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.a.Add(t.Context(), source(), file, gz); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(state); err != nil || bytes.Equal(good, after) {
		t.Errorf("its calls were not counted: %v", err)
	}
}

func TestTheFileOfRatesIsCompactedAndSaysTheSame(t *testing.T) {
	w := newWorld(t)
	w.play(func() {})
	path := filepath.Join(w.a.trails[testARN].dir, ratesFile)
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.a.trails[testARN].compact(); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(path)
	if err != nil || after.Size() >= before.Size()/2 {
		t.Errorf("%d bytes are compacted to %d: %v", before.Size(), after.Size(), err)
	}
	for range 2 {
		file, gz := hour(t, hours-3) // it comes again
		if err := w.a.Add(t.Context(), source(), file, gz); err != nil {
			t.Fatal(err)
		}
		w.start()
		if w.calls("") != 150 {
			t.Errorf("%g calls, want 150", w.calls(""))
		}
	}
	w.now = w.now.AddDate(0, 0, 91)
	if err := w.a.trails[testARN].compact(); err != nil {
		t.Fatal(err)
	}
	if empty, err := os.Stat(path); err != nil || empty.Size() != 0 {
		t.Errorf("after 91 days it has %d bytes: %v", empty.Size(), err)
	}
}

func TestACutLineDamagesNoOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	if err := os.WriteFile(path, []byte("1\n2\n[3,3,3"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := openLines(path, func([]byte) {})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []int{4, 5} {
		if err := l.append(v); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	if _, err := openLines(path, func(line []byte) { got = append(got, string(line)) }); err != nil || !slices.Equal(got, []string{"1", "2", "4", "5"}) {
		t.Errorf("%q, %v", got, err)
	}
}
