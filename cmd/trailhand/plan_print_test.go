package main

import (
	"bufio"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/pkg/trail"
)

func TestAPlanIsColouredForTheEyeAlone(t *testing.T) {
	proposals := []trail.Proposal{
		{Name: "audit", Region: "eu-west-1", Repair: []trail.Drift{{Field: trail.Tags, Want: map[string]string{"a": "b"}, Got: map[string]string{"c": "d"}}},
			Report: []trail.Drift{{Field: trail.S3KeyPrefix, Want: "p", Got: "", Why: "reported only"}, {Field: trail.KMSKeyID, Want: "k"}},
			Calls:  []trail.Call{{Operation: trail.AddTags}}},
		{Name: "shadow", Region: "us-east-1", Left: "it is the shadow of a trail in eu-west-1"},
		{Name: "rogue", Region: "us-east-1", Report: []trail.Drift{{Field: trail.Exists, Want: false, Got: true, Why: "nobody asked"}}},
	}
	const plain = `~ audit in eu-west-1
  ~ Tags
      - - Key: c
      -   Value: d
      + - Key: a
      +   Value: b
  ! S3KeyPrefix: "" -> p  (reported only)
  ! KMSKeyId: unknown -> k
    by AddTags

  shadow in us-east-1 is left alone: it is the shadow of a trail in eu-west-1
! rogue in us-east-1
  ! the trail should not exist  (nobody asked)

3 trails: 0 as desired; 1 setting to repair by 1 call, 3 only reported.
`
	for _, colour := range []bool{false, true} {
		var out strings.Builder
		if err := writePlan(&ink{bufio.NewWriter(&out), colour}, proposals); err != nil {
			t.Fatal(err)
		}
		got := strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[36m", "", "\x1b[0m", "").Replace(out.String())
		if d := cmp.Diff(plain, got); d != "" || (got != out.String()) != colour {
			t.Errorf("coloured: %v, wanted %v (-want +got)\n%s", got != out.String(), colour, d)
		}
	}
	if p := newInk(process{stdout: &strings.Builder{}}); p.colour {
		t.Error("what is no terminal is coloured")
	}
}

func TestCompareGivesBothTextsBack(t *testing.T) {
	for seed := range uint64(500) {
		dice := rand.New(rand.NewPCG(seed, 1))
		text := func() (lines []string) {
			for range dice.IntN(8) {
				lines = append(lines, string(rune('a'+dice.IntN(4))))
			}
			return lines
		}
		from, to := text(), text()
		var before, after []string
		for _, l := range compare(from, to) {
			if l.mark != '+' {
				before = append(before, l.text)
			}
			if l.mark != '-' {
				after = append(after, l.text)
			}
		}
		if !slices.Equal(before, from) || !slices.Equal(after, to) {
			t.Errorf("seed %d: %q and %q came back as %q and %q", seed, from, to, before, after)
		}
	}
}
