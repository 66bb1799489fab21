package events

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// gz compresses s into one gzip member.
func gz(t testing.TB, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// outcome is what reading a file came to.
type outcome struct {
	records []string // raw
	bad     []Fault  // of records
	fault   Fault    // of the file
	text    string   // of the last error
}

// readAll reads r to its end and checks that the end is sticky.
func readAll(t testing.TB, r *Reader) outcome {
	t.Helper()
	defer r.Close()
	var o outcome
	for {
		rec, err := r.Next()
		var re *RecordError
		var fe *FileError
		switch {
		case err == nil:
			o.records = append(o.records, string(rec.Raw()))
			continue
		case errors.As(err, &re) && !errors.As(err, &fe):
			o.bad = append(o.bad, re.Fault)
			o.text = err.Error()
			continue
		case errors.As(err, &fe):
			o.fault, o.text = fe.Fault, err.Error()
		case err != io.EOF:
			t.Fatalf("error of another kind: %v", err)
		}
		if _, again := r.Next(); again != err {
			t.Fatalf("after %v came %v", err, again)
		}
		return o
	}
}

func TestReaderOverInflatedText(t *testing.T) {
	deep := strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth)
	for name, c := range map[string]struct {
		in      string
		records string // joined with spaces
		bad     string // faults of records, joined with commas
		fault   Fault
		says    string // part of the error's text
	}{
		"an empty Records array is a good file without records":                {in: `{"Records":[]}`},
		"records come in order with their exact bytes":                         {in: `{"Records":[{"a": 1},{"b":2.50}]}`, records: `{"a": 1} {"b":2.50}`},
		"white space between all tokens is no fault":                           {in: " {\n\"Records\" : [\t{ \"a\" : [ 1 , { } ] , \"b\" : null }\r\n, {} ] } \n", records: `{ "a" : [ 1 , { } ] , "b" : null } {}`},
		"Records is found behind other keys":                                   {in: `{"x":{"Records":[1]},"y":[{}],"Records":[{"a":1}]}`, records: `{"a":1}`},
		"keys behind Records are ignored":                                      {in: `{"Records":[{"a":1}],"n":-1.5e+9,"z":{"Records":null}}`, records: `{"a":1}`},
		"an escaped name is the name":                                          {in: `{"\u0052ecords":[{"a":1}]}`, records: `{"a":1}`},
		"a byte order mark of UTF-8 is skipped":                                {in: utf8BOM + `{"Records":[{"a":1}]}`, records: `{"a":1}`},
		"brackets and quotes inside strings are text":                          {in: `{"Records":[{"a":"}]\"{["},{"b":"\\"}]}`, records: `{"a":"}]\"{["} {"b":"\\"}`},
		"invalid UTF-8 is kept as it is":                                       {in: "{\"Records\":[{\"a\":\"\xff\xc3\"}]}", records: "{\"a\":\"\xff\xc3\"}"},
		"a lone surrogate is kept as it is":                                    {in: `{"Records":[{"a":"\ud800"}]}`, records: `{"a":"\ud800"}`},
		"a number beyond float64 is kept as it is":                             {in: `{"Records":[{"a":1e400}]}`, records: `{"a":1e400}`},
		"objects as deep as the limit are read":                                {in: `{"Records":[{"a":` + deep[1:len(deep)-1] + `}]}`, records: `{"a":` + deep[1:len(deep)-1] + `}`},
		"a record nested deeper than the limit is bad and the next one good":   {in: `{"Records":[{"a":` + deep + `},{"b":1}]}`, records: `{"b":1}`, bad: "nested too deep", says: "more than 512"},
		"a record that is null is bad and the next one good":                   {in: `{"Records":[null,{"b":1}]}`, records: `{"b":1}`, bad: "not an object"},
		"records that are other values are bad":                                {in: `{"Records":["x",12,[{"a":1}],{"b":1},true]}`, records: `{"b":1}`, bad: "not an object,not an object,not an object,not an object"},
		"a misspelt literal makes a bad record":                                {in: `{"Records":[{"a":tru},{"b":1}]}`, records: `{"b":1}`, bad: "malformed JSON", says: `record 0: malformed JSON: unexpected '}' at byte 8`},
		"a control character in a string makes a bad record":                   {in: "{\"Records\":[{\"a\":\"x\ny\"},{\"b\":1}]}", records: `{"b":1}`, bad: "malformed JSON"},
		"an unknown escape makes a bad record":                                 {in: `{"Records":[{"a":"\q"},{"b":1}]}`, records: `{"b":1}`, bad: "malformed JSON"},
		"a number with a leading zero makes a bad record":                      {in: `{"Records":[{"a":01},{"b":1}]}`, records: `{"b":1}`, bad: "malformed JSON"},
		"a missing colon makes a bad record":                                   {in: `{"Records":[{"a" 1},{"b":1}]}`, records: `{"b":1}`, bad: "malformed JSON"},
		"a comma too many in a record makes a bad record":                      {in: `{"Records":[{"a":1,},{"b":1}]}`, records: `{"b":1}`, bad: "malformed JSON"},
		"a record without a comma before it damages the file":                  {in: `{"Records":[{"a":1}{"b":1}]}`, records: `{"a":1}`, fault: Malformed, says: "comma"},
		"a comma without a record behind it damages the file":                  {in: `{"Records":[{"a":1},]}`, records: `{"a":1}`, fault: Malformed, says: "a record"},
		"a bracket that closes what is not open damages the file":              {in: `{"Records":[{"a":[1},{"b":1}]}`, fault: Malformed, says: "brackets do not match in record 0"},
		"a file without a byte is empty":                                       {in: "", fault: Empty},
		"a file of white space is cut short":                                   {in: " \n", fault: CutShort},
		"an object without Records is no log file":                             {in: `{"records":[],"RECORDS":[]}`, fault: NotLog, says: `no key "Records"`},
		"an empty object is no log file":                                       {in: `{}`, fault: NotLog},
		"a bare array is no log file":                                          {in: `[{"a":1}]`, fault: NotLog},
		"a bare record is no log file":                                         {in: `{"eventVersion":"1.08"}`, fault: NotLog},
		"Records that is null is an error":                                     {in: `{"Records":null}`, fault: NotLog, says: "no array"},
		"Records that is an object is an error":                                {in: `{"Records":{"a":1}}`, fault: NotLog, says: "no array"},
		"Records twice is an error":                                            {in: `{"Records":[{"a":1}],"Records":[{"b":1}]}`, records: `{"a":1}`, fault: NotLog, says: "twice"},
		"Records twice, once escaped, is an error":                             {in: `{"Records":[{"a":1}],"Record\u0073":[]}`, records: `{"a":1}`, fault: NotLog, says: "twice"},
		"text behind the object is an error":                                   {in: `{"Records":[{"a":1}]}{"Records":[]}`, records: `{"a":1}`, fault: TrailingData},
		"UTF-16 with a mark is named":                                          {in: "\xff\xfe{\x00", fault: NotUTF8, says: "UTF-16, little endian"},
		"UTF-16 without a mark is named":                                       {in: "\x00{\x00\"", fault: NotUTF8, says: "UTF-16, big endian"},
		"UTF-32 is named":                                                      {in: "{\x00\x00\x00", fault: NotUTF8, says: "UTF-32"},
		"gzip where JSON should be is named":                                   {in: "\x1f\x8b\x08", fault: DoubleGzip},
		"zstd where JSON should be is named":                                   {in: "\x28\xb5\x2f\xfd", fault: NotLog, says: "zstd"},
		"malformed JSON behind Records damages the file":                       {in: `{"Records":[{"a":1}],"x":nul}`, records: `{"a":1}`, fault: Malformed},
		"the end inside a record is a cut file":                                {in: `{"Records":[{"a":1},{"b":"`, records: `{"a":1}`, fault: CutShort},
		"the end inside a bad record is a cut file":                            {in: `{"Records":[{"a":1},{"b"x"`, records: `{"a":1}`, fault: CutShort},
		"the end before the last brace is a cut file":                          {in: `{"Records":[{"a":1}]`, records: `{"a":1}`, fault: CutShort},
		"a key of another case is not Records, though it comes first":          {in: `{"RecordS":[{"x":1}],"Records":[{"a":1}]}`, records: `{"a":1}`},
		"the same record twice is two records":                                 {in: `{"Records":[{"eventID":"1"},{"eventID":"1"}]}`, records: `{"eventID":"1"} {"eventID":"1"}`},
		"a record without any known field is a record":                         {in: `{"Records":[{}]}`, records: `{}`},
		"known fields of odd types are no fault of the record":                 {in: `{"Records":[{"eventName":[],"userIdentity":7,"resources":"x"}]}`, records: `{"eventName":[],"userIdentity":7,"resources":"x"}`},
		"a malformed key before Records damages the file":                      {in: `{x":1,"Records":[]}`, fault: Malformed},
		"a value outside Records that is nested too deep damages the file":     {in: `{"x":` + deep + `,"Records":[]}`, fault: Malformed},
		"a second opening brace in place of the first key damages the file":    {in: `{{"Records":[]}}`, fault: Malformed},
		"a colon in place of the comma between the frame's keys damages it":    {in: `{"x":1:"Records":[]}`, fault: Malformed},
		"an aggregated event with eventId and timeWindow is a record like any": {in: `{"Records":[{"eventId":"1","accountId":"2","timeWindow":{}}]}`, records: `{"eventId":"1","accountId":"2","timeWindow":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]*Reader{
				"at once":        NewReader(strings.NewReader(c.in), Limits{}),
				"byte by byte":   NewReader(byteByByte{strings.NewReader(c.in)}, Limits{}),
				"small window":   smallWindow(strings.NewReader(c.in)),
				"inflated ahead": OpenGzipAhead(bytes.NewReader(gz(t, c.in)), Limits{Ratio: -1}),
			} {
				o := readAll(t, r)
				if got := strings.Join(o.records, " "); got != c.records {
					t.Errorf("%s: records %s, want %s", how, got, c.records)
				}
				if got := joinFaults(o.bad); got != c.bad {
					t.Errorf("%s: record faults %q, want %q (%s)", how, got, c.bad, o.text)
				}
				if o.fault != c.fault || !strings.Contains(o.text, c.says) {
					t.Errorf("%s: fault %q, %s; want %q, %s", how, o.fault, o.text, c.fault, c.says)
				}
			}
		})
	}
}

func joinFaults(faults []Fault) string {
	var words []string
	for _, f := range faults {
		words = append(words, string(f))
	}
	return strings.Join(words, ",")
}

// byteByByte gives one byte at each Read.
type byteByByte struct{ r io.Reader }

func (o byteByByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.r.Read(p[:1])
}

// smallWindow gives a Reader whose window must grow again and again.
func smallWindow(src io.Reader) *Reader {
	r := NewReader(src, Limits{})
	r.buf = make([]byte, 16)
	return r
}

func TestNewReaderHoldsItsLimits(t *testing.T) {
	in := `{"Records":[{"a":"` + strings.Repeat("x", 200) + `"},{"b":1}]}`
	for name, c := range map[string]struct {
		lim     Limits
		records string
		bad     string
		fault   Fault
	}{
		"a record over the limit is bad and the next one good": {lim: Limits{Record: 100}, records: `{"b":1}`, bad: "over limit"},
		"a file over the limit is damaged":                     {lim: Limits{Inflated: 100}, fault: OverLimit},
		"a file of the very limit is good":                     {lim: Limits{Inflated: int64(len(in)), Record: 100}, records: `{"b":1}`, bad: "over limit"},
	} {
		t.Run(name, func(t *testing.T) {
			o := readAll(t, NewReader(byteByByte{strings.NewReader(in)}, c.lim))
			if got := strings.Join(o.records, " "); got != c.records || joinFaults(o.bad) != c.bad || o.fault != c.fault {
				t.Errorf("records %s, bad %v, fault %q: %s", got, o.bad, o.fault, o.text)
			}
		})
	}
}
