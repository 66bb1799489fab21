package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

func gz(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	if _, err := io.WriteString(zw, text); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// call makes a record; each change is "field=JSON value", "field=" removes it.
func callRecord(changes ...string) string {
	fields := map[string]json.RawMessage{}
	_ = json.Unmarshal([]byte(`{"eventTime":"2024-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket",
		"awsRegion":"us-east-1","eventType":"AwsApiCall","managementEvent":true,"eventCategory":"Management","readOnly":false,
		"recipientAccountId":"111122223333","userAgent":"cli","userIdentity":{"arn":"arn:aws:sts::111122223333:assumed-role/Admin/alice"}}`), &fields)
	for _, c := range changes {
		name, value, _ := strings.Cut(c, "=")
		delete(fields, name)
		if value != "" {
			fields[name] = json.RawMessage(value)
		}
	}
	b, _ := json.Marshal(fields)
	return string(b)
}

func fileOf(records ...string) string { return `{"Records":[` + strings.Join(records, ",") + `]}` }

// recorder is a Sink that remembers what was done with each stage.
type recorder struct {
	added, committed, discarded int
	beginErr, addErr, commitErr error
}

func (r *recorder) Begin(context.Context, File) (Stage, error) { return r, r.beginErr }
func (r *recorder) Add(*events.Record) error                   { r.added++; return r.addErr }
func (r *recorder) Commit(context.Context, *Summary) error     { r.committed++; return r.commitErr }
func (r *recorder) Discard(context.Context)                    { r.discarded++ }

func TestAFileThatIsCutAnywhereLeavesNothingBehind(t *testing.T) {
	whole := gz(t, fileOf(callRecord(), callRecord(), callRecord()))
	for n := range len(whole) {
		sink := &recorder{}
		p := Pipeline{Sinks: []Sink{sink}}
		sum, err := p.Read(t.Context(), File{Key: "f"}, events.OpenGzip(bytes.NewReader(whole[:n]), events.Limits{}))
		if err == nil || !Permanent(err) {
			t.Fatalf("cut at %d of %d: error %v", n, len(whole), err)
		}
		if sum.Files != 0 || sum.Records != 0 || len(sum.ByEvent) != 0 || len(sum.Failed) != 1 || sum.Failed[0].Records != sink.added {
			t.Fatalf("cut at %d: %+v", n, sum)
		}
		if sink.committed != 0 || sink.discarded != 1 {
			t.Fatalf("cut at %d: committed %d, discarded %d", n, sink.committed, sink.discarded)
		}
	}
}

func TestAChangedByteNeverCountsAsAnotherFile(t *testing.T) {
	whole := gz(t, fileOf(callRecord(), callRecord()))
	for i := range whole {
		broken := slices.Clone(whole)
		broken[i] ^= 0x10
		sink := &recorder{}
		p := Pipeline{Sinks: []Sink{sink}}
		sum, err := p.Read(t.Context(), File{Key: "f"}, events.OpenGzip(bytes.NewReader(broken), events.Limits{}))
		if err != nil && (sink.committed != 0 || sum.Records != 0) {
			t.Fatalf("byte %d: %v, but something was committed: %+v", i, err, sum)
		}
		if err == nil && sum.Records != 2 { // a header's time or flags may differ
			t.Fatalf("byte %d: took %d records for the whole", i, sum.Records)
		}
	}
}

func TestABadRecordIsCountedAndPassedOver(t *testing.T) {
	sink := &recorder{}
	p := Pipeline{Sinks: []Sink{sink}}
	sum, err := p.Read(t.Context(), File{Key: "f"}, events.NewReader(strings.NewReader(fileOf(callRecord(), `7`, callRecord())), events.Limits{}))
	if err != nil || sum.Records != 2 || len(sum.BadRecords) != 1 || sum.BadRecords[0].Record != 1 || sink.committed != 1 {
		t.Fatalf("%v %+v", err, sum)
	}
}

func TestEveryFaultOfASinkEndsEveryStage(t *testing.T) {
	fault := errors.New("full")
	for name, first := range map[string]*recorder{
		"begin": {beginErr: fault}, "add": {addErr: fault}, "commit": {commitErr: fault},
	} {
		t.Run(name, func(t *testing.T) {
			before, after := &recorder{}, &recorder{}
			p := Pipeline{Sinks: []Sink{before, first, after}}
			sum, err := p.Read(t.Context(), File{Key: "f"}, events.NewReader(strings.NewReader(fileOf(callRecord())), events.Limits{}))
			if !errors.Is(err, fault) || Permanent(err) || len(sum.Failed) != 1 || sum.Records != 0 {
				t.Fatalf("%v %+v", err, sum)
			}
			if before.committed+before.discarded != 1 || after.committed != 0 {
				t.Errorf("before %+v, after %+v", before, after)
			}
			if begun := name != "begin"; begun && after.discarded != 1 {
				t.Errorf("a later stage was left open: %+v", after)
			}
		})
	}
}

func TestWhatTheFilterDropsReachesNoSink(t *testing.T) {
	sink := &recorder{}
	p := Pipeline{Sinks: []Sink{sink}, Keep: func(r *events.Record) bool { return r.String(events.EventName) == "DeleteBucket" }}
	sum, err := p.Read(t.Context(), File{}, events.NewReader(strings.NewReader(fileOf(callRecord(), callRecord(`eventName="X"`))), events.Limits{}))
	if err != nil || sum.Records != 1 || sum.Dropped != 1 || sink.added != 1 {
		t.Fatalf("%v %+v", err, sum)
	}
}

func TestSummariesMergeTheSameInAnyOrder(t *testing.T) {
	parts := make([]*Summary, 0, 4)
	for i := range 3 {
		p := Pipeline{}
		name := fmt.Sprintf(`eventTime="2024-01-0%dT00:00:00Z"`, i+1)
		sum, err := p.Read(t.Context(), File{Key: fmt.Sprint(i)}, events.NewReader(strings.NewReader(
			fileOf(callRecord(name), callRecord(`userIdentity={"arn":"`+fmt.Sprint(i%2)+`"}`), `"bad"`)), events.Limits{}))
		if err != nil {
			t.Fatal(err)
		}
		sum.Skip(fmt.Sprint("s", i), "x")
		parts = append(parts, sum)
	}
	failed := NewSummary()
	failed.Fail("f", 3, errors.New("damaged"))
	parts = append(parts, failed)
	merged := func(order ...int) string {
		total := NewSummary()
		for _, i := range order {
			total.Merge(parts[i])
		}
		b, err := json.Marshal(total)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	want := merged(0, 1, 2, 3)
	if got := merged(3, 1, 0, 2); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, part := range []string{`"files":3`, `"records":6`, `"distinctPrincipals":3`, `"firstEventTime":"2024-01-01T00:00:00Z"`, `"failed":[{"file":"f"`} {
		if !strings.Contains(want, part) {
			t.Errorf("%s lacks %s", want, part)
		}
	}
}

func tally(t *testing.T, f File, records ...string) *Counter {
	t.Helper()
	c := NewCounter(f)
	for _, raw := range records {
		r, err := events.Parse([]byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		c.Add(&r)
	}
	return c
}

func TestTalliesCountCallsOfAnAPIInAMinute(t *testing.T) {
	tests := map[string]struct {
		records []string
		want    []int // counts, in order
	}{
		"seconds of one minute are one tally":      {[]string{callRecord(), callRecord(`eventTime="2024-01-02T03:04:59Z"`)}, []int{2}},
		"the next minute is another":               {[]string{callRecord(), callRecord(`eventTime="2024-01-02T03:05:00Z"`)}, []int{1, 1}},
		"an event that is there twice counts once": {[]string{callRecord(`eventID="a"`), callRecord(`eventID="a"`)}, []int{1}},
		"events without an ID all count":           {[]string{callRecord(), callRecord()}, []int{2}},
		"a call of nobody counts":                  {[]string{callRecord(`userIdentity=`), callRecord(`userIdentity="x"`)}, []int{2}},
		"an error is another tally":                {[]string{callRecord(), callRecord(`errorCode="AccessDenied"`)}, []int{1, 1}},
		"sign-ins and service events are no calls": {
			[]string{callRecord(`eventType="AwsConsoleSignIn"`), callRecord(`eventType="AwsServiceEvent"`), callRecord(`eventType=`)}, []int{}},
		"Insight events are no calls":        {[]string{callRecord(`eventCategory="Insight"`)}, []int{}},
		"data events are another tally":      {[]string{callRecord(), callRecord(`eventCategory="Data"`)}, []int{1, 1}},
		"a time that is none is in no tally": {[]string{callRecord(`eventTime="..."`), callRecord(`eventTime=`)}, []int{}},
		"accounts and Regions are apart": {
			[]string{callRecord(`recipientAccountId="2"`), callRecord(`awsRegion="eu-west-1"`), callRecord()}, []int{1, 1, 1}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := []int{}
			for _, tl := range tally(t, File{}, test.records...).Tallies() {
				got = append(got, tl.Count)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestAttributionsNameRolesWithoutTheirSessions(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:sts::1:assumed-role/Admin/alice": "arn:aws:sts::1:assumed-role/Admin",
		"arn:aws:sts::1:assumed-role/Admin":       "arn:aws:sts::1:assumed-role/Admin",
		"arn:aws:iam::1:user/path/bob":            "arn:aws:iam::1:user/path/bob",
	} {
		if got := string(principal([]byte(arn))); got != want {
			t.Errorf("%s: got %s", arn, got)
		}
	}
}

func TestATallyNamesTheMostFrequentAttributionsOnly(t *testing.T) {
	var records []string
	for i := range 100 {
		for range 1 + i%3 {
			records = append(records, callRecord(fmt.Sprintf(`userAgent="agent-%03d"`, i)))
		}
	}
	got := tally(t, File{}, records...).Tallies()
	if len(got) != 1 || got[0].Count != len(records) || len(got[0].UserAgents) != keptShares {
		t.Fatalf("got %+v", got)
	}
	for agent, n := range got[0].UserAgents {
		if n != 3 {
			t.Errorf("%s with %d calls was kept", agent, n)
		}
	}
}

func TestBatchesAreSmallNamedByTheObjectAndAlwaysTheSame(t *testing.T) {
	f := File{Bucket: "logs", Key: "k", Version: "v1"}
	var records []string
	for i := range 3000 {
		records = append(records, callRecord(fmt.Sprintf(`eventName="Call%04d"`, i), fmt.Sprintf(`awsRegion="r-%d"`, i%2)))
	}
	batches := tally(t, f, records...).Batches()
	slices.Reverse(records)
	again := tally(t, f, records...).Batches()
	total, size := 0, 0
	for i, b := range batches {
		total += len(b.Tallies)
		raw, _ := json.Marshal(b)
		other, _ := json.Marshal(again[i])
		size = max(size, len(raw))
		if b.ID != fmt.Sprintf("logs/k@v1#%d", i) || !bytes.Equal(raw, other) {
			t.Fatalf("batch %d: %q differs, or its ID", i, b.ID)
		}
		if slices.ContainsFunc(b.Tallies, func(t insights.Tally) bool { return t.Region != b.Region || t.AccountID != b.AccountID }) {
			t.Errorf("batch %d mixes Regions", i)
		}
	}
	if total != 3000 || size > 256<<10 || len(batches) < 4 || len(again) != len(batches) {
		t.Errorf("%d tallies in %d batches, the largest of %d bytes", total, len(batches), size)
	}
}
