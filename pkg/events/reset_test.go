package events

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// account is all that a Reader says of a file up to so many records and
// errors, and where their fields are.
func account(r *Reader, most int) []string {
	var said []string
	for len(said) < most {
		rec, err := r.Next()
		if err != nil {
			said = append(said, err.Error())
		} else {
			said = append(said, fmt.Sprint(string(rec.Raw()), rec.bounds))
		}
		if r.err != nil {
			break
		}
	}
	return append(said, fmt.Sprint(r.Inflated()))
}

// draw gives a log file: of generated records, of odd ones, or with one that
// is larger than the window.
func draw(t *testing.T, random *rand.Rand) []byte {
	t.Helper()
	var text bytes.Buffer
	switch random.IntN(8) {
	case 0:
		odd := oddRecords()
		random.Shuffle(len(odd), func(i, j int) { odd[i], odd[j] = odd[j], odd[i] })
		text.WriteString(`{"x":1,"Records":[` + strings.Join(odd[random.IntN(len(odd)):], ",") + `]}`)
	case 1:
		text.WriteString(`{"Records":[{"a":"` + strings.Repeat("x", 2*windowSize) + `"},{},1]}`)
	default:
		if err := genlogs.WriteJSON(&text, random.Uint64(), random.IntN(30), genlogs.Entropy(random.IntN(2))); err != nil {
			t.Fatal(err)
		}
	}
	return text.Bytes()
}

// TestAReusedReaderReadsAsANewOne reads files one after another by one Reader:
// good and damaged ones, to their end or not, closed or not.
func TestAReusedReaderReadsAsANewOne(t *testing.T) {
	for name, open := range map[string]func(io.Reader, Limits) *Reader{
		"inflated": NewReader, "gzip": OpenGzip, "gzip ahead": OpenGzipAhead,
	} {
		random := rand.New(rand.NewPCG(1, 7))
		reused := open(strings.NewReader(""), Limits{})
		defer reused.Close()
		for i := range 200 {
			file := draw(t, random)
			if name != "inflated" {
				file = gz(t, string(file))
			}
			switch at := random.IntN(len(file)); random.IntN(4) {
			case 0:
				file = file[:at]
			case 1:
				file = flip(file, at)
			}
			most := 1 + random.IntN(60)
			fresh := open(bytes.NewReader(file), Limits{})
			want := account(fresh, most)
			fresh.Close()
			reused.Reset(bytes.NewReader(file))
			if got := account(reused, most); !slices.Equal(got, want) {
				t.Fatalf("%s, file %d: a reused reader says\n%q, want\n%q", name, i, got, want)
			}
			if random.IntN(4) == 0 {
				reused.Close()
			}
		}
	}
}

func TestAReusedReaderKeepsItsLimits(t *testing.T) {
	for name, open := range map[string]func(io.Reader, Limits) *Reader{"gzip": OpenGzip, "gzip ahead": OpenGzipAhead} {
		r := open(strings.NewReader(""), Limits{Inflated: 1000, Ratio: 3, Record: 20})
		for range 2 {
			r.Reset(bytes.NewReader(gz(t, `{"Records":[{"eventName":"longer than 20"}]}`)))
			if o := readAll(t, r); len(o.bad) != 1 || o.bad[0] != OverLimit {
				t.Errorf("%s: a record over the limit: %v %s", name, o.bad, o.text)
			}
			r.Reset(bytes.NewReader(gz(t, `{"Records":[`+strings.Repeat(" ", 2000)+`]}`)))
			if o := readAll(t, r); o.fault != OverLimit {
				t.Errorf("%s: a file over the limit: %s", name, o.text)
			}
		}
	}
}

func TestAReusedReaderGivesALargeWindowBack(t *testing.T) {
	r := NewReader(strings.NewReader(`{"Records":[{"a":"`+strings.Repeat("x", 4<<20)+`"}]}`), Limits{})
	readAll(t, r)
	r.Reset(strings.NewReader(oneRecord))
	if len(r.buf) != windowSize {
		t.Errorf("the window has %d bytes", len(r.buf))
	}
}

// TestShapesThatAreTooUnlikeAreTriedAgain: what one file was like says little
// of the next one.
func TestShapesThatAreTooUnlikeAreTriedAgain(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"Records":[{}`)
	for i := range 2000 {
		fmt.Fprintf(&text, `,{"eventName":"A","key%d":"x"}`, i)
	}
	r := NewReader(strings.NewReader(text.String()+"]}"), Limits{})
	if readAll(t, r); !r.shapes.off {
		t.Fatal("shapes are still looked for")
	}
	r.Reset(strings.NewReader(oneRecord))
	if o := readAll(t, r); len(o.records) != 1 || r.shapes.off {
		t.Errorf("%d records, off %t", len(o.records), r.shapes.off)
	}
}
