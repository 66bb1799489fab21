package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/trailhand/trailhand/pkg/insights"
)

// decoder reads tallies from JSON. Names match exactly; those that it does not
// know are passed over. It takes a sixth of the time of encoding/json or less
// (BenchmarkDecoder), which matches names without regard to case.
type decoder struct {
	names  map[string]string
	b      []byte
	i      int
	minute string // the text of last, which the next tally mostly has too
	last   time.Time
}

func newDecoder() *decoder { return &decoder{names: map[string]string{}} }

// errEnd is a line that ends within its tally.
var errEnd = errors.New("it ends too early")

// tally reads one object into t, whose maps are used again.
func (d *decoder) tally(line []byte, t *insights.Tally) error {
	d.b, d.i = line, 0
	arns, agents := t.UserIdentityARNs, t.UserAgents
	clear(arns)
	clear(agents)
	*t = insights.Tally{UserIdentityARNs: arns, UserAgents: agents}
	err := d.object(func(name string) error { return d.field(t, name) })
	if err != nil {
		return fmt.Errorf("byte %d: %w", d.i, err)
	}
	if d.space(); d.i < len(d.b) {
		return fmt.Errorf("byte %d: something behind the tally", d.i)
	}
	return nil
}

// field reads the value of a name.
func (d *decoder) field(t *insights.Tally, name string) (err error) {
	if d.null() {
		return nil
	}
	switch name {
	case "accountId":
		t.AccountID, err = d.string()
	case "awsRegion":
		t.Region, err = d.string()
	case "minute":
		t.Minute, err = d.time()
	case "eventSource":
		t.EventSource, err = d.string()
	case "eventName":
		t.EventName, err = d.string()
	case "errorCode":
		t.ErrorCode, err = d.string()
	case "category":
		t.Category, err = d.string()
	case "readOnly":
		t.ReadOnly, err = d.bool()
	case "count":
		t.Count, err = d.int()
	case "userIdentityArn":
		t.UserIdentityARNs, err = d.counts(t.UserIdentityARNs)
	case "userAgent":
		t.UserAgents, err = d.counts(t.UserAgents)
	case "eventIds":
		t.EventIDs, err = d.bytes()
	default:
		return d.pass()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (d *decoder) space() {
	for d.i < len(d.b) && (d.b[d.i] == ' ' || d.b[d.i] == '\t' || d.b[d.i] == '\r' || d.b[d.i] == '\n') {
		d.i++
	}
}

// take takes the byte c, if it is next.
func (d *decoder) take(c byte) bool {
	d.space()
	if d.i < len(d.b) && d.b[d.i] == c {
		d.i++
		return true
	}
	return false
}

func (d *decoder) expect(c byte) error {
	if d.take(c) {
		return nil
	}
	if d.i >= len(d.b) {
		return errEnd
	}
	return fmt.Errorf("found %q where %q was expected", d.b[d.i], c)
}

// word takes a literal, if it is next.
func (d *decoder) word(w string) bool {
	d.space()
	if len(d.b)-d.i < len(w) || string(d.b[d.i:d.i+len(w)]) != w {
		return false
	}
	d.i += len(w)
	return true
}

func (d *decoder) null() bool { return d.word("null") }

// object reads {"name":value,…}; value reads what is behind the colon.
func (d *decoder) object(value func(name string) error) error {
	if err := d.expect('{'); err != nil || d.take('}') {
		return err
	}
	for {
		name, err := d.string()
		if err == nil {
			err = d.expect(':')
		}
		if err == nil {
			err = value(name)
		}
		if err != nil {
			return err
		}
		if d.take('}') {
			return nil
		}
		if err := d.expect(','); err != nil {
			return err
		}
	}
}

// quoted gives a string's text without its quotes, as it is written. plain
// says that the text is the value.
func (d *decoder) quoted() (text []byte, plain bool, err error) {
	if err := d.expect('"'); err != nil {
		return nil, false, err
	}
	plain = true
	for from := d.i; d.i < len(d.b); d.i++ {
		switch c := d.b[d.i]; {
		case c == '"':
			d.i++
			return d.b[from : d.i-1], plain, nil
		case c == '\\':
			d.i++
			plain = false
		case c < ' ' || c >= 0x80:
			plain = false
		}
	}
	return nil, false, errEnd
}

func (d *decoder) string() (string, error) {
	text, plain, err := d.quoted()
	if err != nil {
		return "", err
	}
	if known, ok := d.names[string(text)]; ok && plain {
		return known, nil
	}
	value := string(text)
	if !plain {
		if err := json.Unmarshal(fmt.Appendf(nil, `"%s"`, text), &value); err != nil {
			return "", err
		}
		return value, nil
	}
	d.names[value] = value
	return value, nil
}

func (d *decoder) time() (time.Time, error) {
	text, _, err := d.quoted()
	if err != nil {
		return time.Time{}, err
	}
	if string(text) == d.minute {
		return d.last, nil
	}
	at, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a time like 2026-03-02T10:00:00Z", text)
	}
	d.minute, d.last = string(text), at.Truncate(time.Minute)
	return d.last, nil
}

func (d *decoder) bool() (bool, error) {
	if d.word("true") {
		return true, nil
	}
	if d.word("false") {
		return false, nil
	}
	return false, errors.New("neither true nor false")
}

// int reads a whole number of at most ten digits.
func (d *decoder) int() (n int, err error) {
	d.space()
	from := d.i
	for d.i < len(d.b) && d.b[d.i] >= '0' && d.b[d.i] <= '9' && d.i-from < 11 {
		n = n*10 + int(d.b[d.i]-'0')
		d.i++
	}
	leading := d.i-from > 1 && d.b[from] == '0'
	if d.i == from || d.i-from > 10 || leading || d.i < len(d.b) && (d.b[d.i] == '.' || d.b[d.i]|0x20 == 'e') {
		return 0, errors.New("not a whole number of at most ten digits")
	}
	return n, nil
}

// bytes reads base64, which string would keep for the next line.
func (d *decoder) bytes() (b []byte, err error) {
	text, _, err := d.quoted()
	if err != nil {
		return nil, err
	}
	return b, json.Unmarshal(fmt.Appendf(nil, `"%s"`, text), &b)
}

func (d *decoder) counts(m map[string]int) (map[string]int, error) {
	if m == nil {
		m = map[string]int{}
	}
	return m, d.object(func(name string) error {
		n, err := d.int()
		m[name] = n
		return err
	})
}

// pass passes over a value of any kind.
func (d *decoder) pass() error {
	d.space()
	dec := json.NewDecoder(bytes.NewReader(d.b[d.i:]))
	var any json.RawMessage
	if err := dec.Decode(&any); err != nil {
		return err
	}
	d.i += int(dec.InputOffset())
	return nil
}
