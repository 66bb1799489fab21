package intake

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/trailhand/trailhand/internal/cloud/logfiles"
	"github.com/trailhand/trailhand/pkg/events"
)

var (
	errFault = errors.New("fault injected")
	errDeath = errors.New("the process died")
)

// disk is what outlives a process: journals and event history. Writing to it
// fails, or ends the process, now and then.
type disk struct {
	r       *rand.Rand
	calm    bool
	lines   []record
	history map[string]int
}

// moment is one at which something may go wrong.
func (d *disk) moment() error {
	if d.calm {
		return nil
	}
	switch d.r.IntN(8) {
	case 0:
		return errFault
	case 1:
		panic(errDeath)
	}
	return nil
}

// journals are those of a disk.
type journals struct{ *disk }

func (j journals) Append(rec *events.Record, to []logfiles.Destination, also func() error) error {
	if err := j.moment(); err != nil {
		return err
	}
	j.lines = append(j.lines, record{*rec, to})
	err := j.moment()
	if err == nil {
		err = also()
	}
	if err != nil {
		j.lines = j.lines[:len(j.lines)-1]
	}
	return err
}

// memory is the event history of a disk.
type memory struct{ *disk }

func id(rec *events.Record) string { return rec.String(events.EventID) }

func (m memory) Has(rec *events.Record) bool { return m.history[id(rec)] > 0 }

func (m memory) Append(rec *events.Record) error {
	if m.Has(rec) {
		return nil
	}
	if err := m.moment(); err != nil {
		return err
	}
	m.history[id(rec)]++
	_ = m.moment() // dies before it can answer, or not
	return nil
}

// start is a process that finds what the one before it left.
func (d *disk) start(t *testing.T) *Intake {
	t.Helper()
	calm := d.calm
	d.calm = true
	defer func() { d.calm = calm }()
	in := New(memory{d})
	in.Journals = journals{d}
	for _, l := range d.lines {
		if err := in.Found(l.Record, l.to); err != nil {
			t.Fatal(err)
		}
	}
	return in
}

// send sends a record once; answered is false if the process died of it.
func send(in *Intake, rec record) (first, answered bool, err error) {
	defer func() {
		if dead := recover(); dead != nil && dead != any(errDeath) {
			panic(dead)
		}
	}()
	first, err = in.Take(&rec.Record, rec.to)
	return first, true, err
}

func destinations(trails ...string) (to []logfiles.Destination) {
	for _, name := range trails {
		to = append(to, logfiles.Destination{TrailARN: name, Bucket: "logs"})
	}
	return to
}

// made is the nth record, of one of three categories and with up to two trails.
func made(t *testing.T, n int) record {
	t.Helper()
	details := ""
	if n%3 == 2 {
		details = `,"insightDetails":{"state":"Start"}`
	}
	rec, err := events.Parse(fmt.Appendf(nil, `{"eventID":"%d","eventCategory":%q,"recipientAccountId":"123456789012","awsRegion":"us-east-1"%s}`,
		n, []string{"Management", "Data", "Insight"}[n%3], details))
	if err != nil {
		t.Fatal(err)
	}
	return record{rec, destinations([]string{"one", "two"}[:1+n/3%2]...)}
}

// Whatever fails, and wherever the process dies, a client that sends a record
// until it is answered well has it taken once, everywhere.
func TestARecordThatIsSentUntilItIsTakenIsTakenOnce(t *testing.T) {
	for seed := range uint64(300) {
		d := &disk{r: rand.New(rand.NewPCG(seed, 3)), history: map[string]int{}}
		in := d.start(t)
		const n = 30
		for i := range n {
			taken := 0
			for again := 0; again < 2; {
				first, answered, err := send(in, made(t, i))
				switch {
				case !answered:
					in = d.start(t)
				case err == nil && first:
					taken++
					again++
				case err == nil:
					again++
				}
			}
			if taken > 1 {
				t.Fatalf("seed %d: record %d was said to be new %d times", seed, i, taken)
			}
		}
		times := map[string]int{}
		for _, l := range d.lines {
			times[id(&l.Record)]++
		}
		for i := range n {
			rec := made(t, i)
			kept := d.history[fmt.Sprint(i)]
			if want := map[bool]int{true: 1}[rec.Category() != events.Data]; times[fmt.Sprint(i)] != 1 || kept != want {
				t.Fatalf("seed %d: record %d is %d times on its way, and %d times in the history", seed, i, times[fmt.Sprint(i)], kept)
			}
		}
	}
}

func TestARecordThatWasRefusedIsNowhere(t *testing.T) {
	d := &disk{history: map[string]int{}, calm: true}
	in := d.start(t)
	in.history = failing{memory{d}}
	rec := made(t, 0)
	if _, err := in.Take(&rec.Record, rec.to); !errors.Is(err, errFault) {
		t.Fatalf("answered %v", err)
	}
	if len(d.lines)+len(d.history) > 0 {
		t.Errorf("%d records are on their way, and %d in the history", len(d.lines), len(d.history))
	}
}

// failing is an event history that takes nothing.
type failing struct{ memory }

func (failing) Append(*events.Record) error { return errFault }

func TestTheInsightsOfTwoTrailsHaveOneIDAndGoToBoth(t *testing.T) {
	d := &disk{history: map[string]int{}, calm: true}
	in := d.start(t)
	rec := made(t, 2)
	for _, trail := range []string{"one", "two", "one", "two"} {
		if _, err := in.Take(&rec.Record, destinations(trail)); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.lines) != 2 || d.lines[0].to[0].TrailARN == d.lines[1].to[0].TrailARN {
		t.Errorf("on their way: %v", d.lines)
	}
}

func TestARecordThatNobodyElseHasWaitsUntilItCanBeWritten(t *testing.T) {
	d := &disk{history: map[string]int{}, calm: true}
	in := d.start(t)
	whole := in.history
	in.history = failing{memory{d}}
	for i := range 3 {
		rec := made(t, 3*i)
		if _, err := in.Keep(&rec.Record, rec.to); !errors.Is(err, errFault) {
			t.Fatalf("answered %v", err)
		}
	}
	if held, lost, cause := in.Waiting(); held != 3 || lost != 0 || !errors.Is(cause, errFault) || len(d.lines) > 0 {
		t.Fatalf("%d held, %d lost, %v; %d on their way", held, lost, cause, len(d.lines))
	}
	in.history = whole
	rec := made(t, 9)
	if _, err := in.Keep(&rec.Record, rec.to); err != nil {
		t.Fatal(err)
	}
	if held, _, cause := in.Waiting(); held != 0 || cause != nil || len(d.lines) != 4 || in.bytes != 0 {
		t.Errorf("%d held (%d bytes), %v; %d on their way", held, in.bytes, cause, len(d.lines))
	}
}

func TestMemoryForWhatCannotBeWrittenHasAnEndThatIsCounted(t *testing.T) {
	d := &disk{history: map[string]int{}, calm: true}
	in := d.start(t)
	in.history = failing{memory{d}}
	in.bytes = maxHeld
	rec := made(t, 0)
	if _, err := in.Keep(&rec.Record, rec.to); err == nil {
		t.Error("nothing was said")
	}
	if held, lost, _ := in.Waiting(); held != 0 || lost != 1 {
		t.Errorf("%d held, %d lost", held, lost)
	}
}

func TestWhatWasTakenLatelyIsKnownForTwoGenerations(t *testing.T) {
	d := &disk{history: map[string]int{}, calm: true}
	in := d.start(t)
	to := destinations("one")
	data := func(n int) *events.Record { r := made(t, 3*n+1); return &r.Record }
	for n := range 2 * generation {
		in.known.add(data(n), to)
	}
	if !in.known.has(data(generation), to) || len(in.known.younger)+len(in.known.older) > 2*generation {
		t.Error("a record is forgotten too early, or too many are known")
	}
	in.known.add(data(2*generation), to)
	if in.known.has(data(0), to) {
		t.Error("what is old is still known")
	}
}
