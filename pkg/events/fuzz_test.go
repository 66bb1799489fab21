package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// The oracle is encoding/json, with key names that match exactly.

// fieldPaths gives the path of each field that is a text.
func fieldPaths() map[Field][]string {
	return map[Field][]string{
		EventTime: {"eventTime"}, EventSource: {"eventSource"}, EventName: {"eventName"},
		AWSRegion: {"awsRegion"}, ErrorCode: {"errorCode"}, EventCategory: {"eventCategory"},
		EventType: {"eventType"}, ManagementEvent: {"managementEvent"}, ReadOnly: {"readOnly"},
		RecipientAccountID: {"recipientAccountId"}, EventID: {"eventID"}, SharedEventID: {"sharedEventID"},
		UserIdentityType: {"userIdentity", "type"}, UserIdentityARN: {"userIdentity", "arn"},
		UserIdentityAccountID: {"userIdentity", "accountId"}, UserIdentityInvokedBy: {"userIdentity", "invokedBy"},
		UserAgent: {"userAgent"}, SourceIPAddress: {"sourceIPAddress"},
		SessionCredentialFromConsole: {"sessionCredentialFromConsole"}, VPCEndpointID: {"vpcEndpointId"},
	}
}

// oracleText gives what Text should: the text of a scalar, and whether there is one.
func oracleText(t *testing.T, raw []byte, path []string) (string, bool) {
	for _, name := range path {
		var m map[string]json.RawMessage
		if json.Unmarshal(raw, &m) != nil {
			return "", false
		}
		var found bool
		if raw, found = m[name]; !found {
			return "", false
		}
	}
	switch raw[0] {
	case '{', '[', 'n':
		return "", false
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatalf("the oracle cannot read %q: %v", raw, err)
		}
		return s, true
	}
	return string(raw), true
}

// checkTexts compares every field of a record with the oracle's, and with
// what Decode gives.
func checkTexts(t *testing.T, r *Record) {
	t.Helper()
	for f, path := range fieldPaths() {
		want, present := oracleText(t, r.Raw(), path)
		got := r.Text(f)
		if string(got) != want || (got != nil) != present {
			t.Errorf("%v of %q: text %q (%t), want %q (%t)", path, r.Raw(), got, got != nil, want, present)
		}
	}
	e := r.Decode()
	if e.EventName != r.String(EventName) || e.EventCategory != r.String(EventCategory) {
		t.Errorf("Decode of %q disagrees with Text", r.Raw())
	}
	if u := e.UserIdentity; u != nil && u.ARN != r.String(UserIdentityARN) {
		t.Errorf("userIdentity.arn of %q is %q for Decode", r.Raw(), u.ARN)
	}
}

// deeperThan says whether b has more than n brackets inside one another.
func deeperThan(b []byte, n int) bool {
	dec := json.NewDecoder(bytes.NewReader(b))
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return false
		}
		if d, isDelim := token.(json.Delim); isDelim {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
		}
		if depth > n {
			return true
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range oddRecords() {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := Parse(raw)
		trimmed := bytes.Trim(raw, " \t\r\n")
		wellFormed := json.Valid(raw) && trimmed[0] == '{'
		if wellFormed != (err == nil) && !deeperThan(raw, maxDepth) {
			t.Fatalf("Parse(%q): %v, but well-formed is %t", raw, err, wellFormed)
		}
		if err != nil {
			return
		}
		if !bytes.Equal(r.Raw(), trimmed) {
			t.Fatalf("Raw is %q, want %q", r.Raw(), trimmed)
		}
		checkTexts(t, &r)
		r.Category()
		r.EachResource(func(typ, arn []byte) bool { return true })
	})
}

// oracleRecords reads a log file with encoding/json. good says whether it is
// one whose every record is an object.
func oracleRecords(text []byte) (records []string, good bool) {
	text = bytes.TrimPrefix(text, []byte(utf8BOM))
	if !json.Valid(text) {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	found := false
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, false
		}
		if key != "Records" {
			continue
		}
		var all []json.RawMessage
		if found || value[0] != '[' || json.Unmarshal(value, &all) != nil {
			return nil, false
		}
		found = true
		for _, raw := range all {
			if raw[0] != '{' {
				return nil, false
			}
			records = append(records, string(raw))
		}
	}
	return records, found
}

func FuzzReader(f *testing.F) {
	for _, s := range oddRecords() {
		f.Add([]byte(`{"Records":[`+s+`]}`), uint16(0))
		f.Add([]byte(`{"a":[{}],"Records":[`+s+`,{"eventName":"b"},`+s+`], "z":1}`), uint16(7))
	}
	f.Fuzz(func(t *testing.T, text []byte, window uint16) {
		r := NewReader(bytes.NewReader(text), Limits{})
		r.buf = make([]byte, 16+int(window))
		for range 3 { // names are met, shapes learned, records predicted
			compareWithOracle(t, r, text)
			r.Reset(bytes.NewReader(text))
		}
	})
}

// compareWithOracle reads text through r.
func compareWithOracle(t *testing.T, r *Reader, text []byte) {
	t.Helper()
	var records []string
	var err error
	bad := 0
	for {
		var rec *Record
		if rec, err = r.Next(); err == nil {
			records = append(records, string(rec.Raw()))
			checkTexts(t, rec)
			if alone, err := Parse(rec.Raw()); err != nil || alone.bounds != rec.bounds {
				t.Fatalf("%q read by prediction has other fields than alone (%v)", rec.Raw(), err)
			}
			continue
		}
		var re *RecordError
		if !errors.As(err, &re) || r.err != nil {
			break
		}
		bad++
	}
	want, good := oracleRecords(text)
	if good != (err == io.EOF && bad == 0) && !deeperThan(text, maxDepth) {
		t.Fatalf("read %q with %d bad records and %v, but the oracle's verdict is %t", text, bad, err, good)
	}
	if good && err == io.EOF && bad == 0 && strings.Join(records, "\n") != strings.Join(want, "\n") {
		t.Fatalf("records %q, want %q", records, want)
	}
}

// FuzzDamage cuts a good gzip file short or flips a bit of it. It must never
// be read as another good file.
func FuzzDamage(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint32(40), uint8(0))
	f.Add(uint64(2), uint8(1), uint32(9), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, records uint8, at uint32, how uint8) {
		records %= 32 // the more, the slower
		var file bytes.Buffer
		if err := genlogs.WriteFile(&file, seed, int(records), genlogs.High); err != nil {
			t.Fatal(err)
		}
		good := readAll(t, OpenGzip(bytes.NewReader(file.Bytes()), Limits{}))
		if good.fault != "" || len(good.records) != int(records) {
			t.Fatalf("the whole file gives %d records and %s", len(good.records), good.text)
		}
		damaged := bytes.Clone(file.Bytes())
		if i := int(at) % len(damaged); how%2 == 0 {
			damaged = damaged[:i]
		} else {
			damaged[i] ^= 1 << (how / 2 % 8)
		}
		o := readAll(t, OpenGzip(bytes.NewReader(damaged), Limits{}))
		if o.fault == "" && strings.Join(o.records, "") != strings.Join(good.records, "") {
			t.Fatalf("damage at %d (%d) gives other records and no error", at, how)
		}
		if how%2 == 0 && o.fault == "" {
			t.Fatalf("a file cut at %d is good", at)
		}
	})
}

func TestAFileCutAtAnyByteIsNeverGood(t *testing.T) {
	var file bytes.Buffer
	if err := genlogs.WriteFile(&file, 1, 5, genlogs.Low); err != nil {
		t.Fatal(err)
	}
	for n := range file.Len() {
		cut := file.Bytes()[:n]
		for _, r := range []*Reader{OpenGzip(bytes.NewReader(cut), Limits{}), OpenGzipAhead(bytes.NewReader(cut), Limits{})} {
			want := CutShort
			if n == 0 {
				want = Empty
			}
			if o := readAll(t, r); o.fault != want {
				t.Fatalf("cut at %d of %d bytes: %q", n, file.Len(), o.fault)
			}
		}
	}
}

// oddRecords are records that readers have been known to get wrong.
func oddRecords() []string {
	return []string{
		`{}`,
		`{"":[],"Unknown":1,"userIdentity":{"":[]}}`,
		`{"eventName":"a","eventName":"b"}`,
		`{"event\u004eame":"a"}`,
		`{"eventName":"a","event\u004eame":null}`,
		`{"eventname":"evil","EVENTNAME":"evil"}`,
		`{"userIdentity":{"arn":"x","type":"y"},"userIdentity":{"type":"z"}}`,
		`{"userIdentity":{"arn":"x"},"userIdentity":null}`,
		`{"userIdentity":{"arn":["x"]},"eventName":{"a":"b"},"eventSource":1e400,"readOnly":"true"}`,
		`{"eventName":"\ud83d\ude00\ud800\u0041\udc00","userAgent":"` + "\xff\u00e9\xc3" + `"}`,
		`{"eventName":"\ud800\ud83d\ude00","errorCode":"\/\b\f\n\r\t\"\\"}`,
		`{"resources":[{"type":"AWS::S3::Object","ARN":"a"},null,{"ARN":1,"type":[]}],"managementEvent":false}`,
		`{"a":[1,-0,0.5e-7,[],{}],"b":{"c":{"userIdentity":{"arn":"no"}}},"eventID":""}`,
		` { "eventTime" : "2025-01-01T00:00:00Z" , "sharedEventID" : null } `,
		`{"insightDetails":{"state":"Start","insightContext":{"statistics":{"baseline":{"average":8.82145e-05}}}}}`,
	}
}

func TestRandomCutsOfTheTextAreMatchedByTheOracle(t *testing.T) {
	var text bytes.Buffer
	if err := genlogs.WriteJSON(&text, 3, 3, genlogs.High); err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		b := bytes.Clone(text.Bytes())
		b[random.IntN(len(b))] = byte(random.Uint32())
		o := readAll(t, NewReader(bytes.NewReader(b), Limits{}))
		want, good := oracleRecords(b)
		if good != (o.fault == "" && len(o.bad) == 0) {
			t.Fatalf("%s: %q: the oracle says %t", b, o.text, good)
		}
		if good && strings.Join(o.records, "\n") != strings.Join(want, "\n") {
			t.Fatalf("records of %s differ", b)
		}
	}
}
