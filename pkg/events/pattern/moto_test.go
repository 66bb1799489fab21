package pattern

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// The script answers, for each pair of pattern and event on its input, whether
// moto says they match.
const motoScript = `
import json, sys
from moto.events.models import EventPattern
pairs = json.load(sys.stdin)
json.dump([EventPattern.load(p).matches_event(json.loads(e)) for p, e in pairs], sys.stdout)
`

// corpus makes patterns and events of the part of the language in which moto
// is right: no arrays of objects, no empty objects and arrays, and, because
// Python's booleans are numbers and its numbers are addresses, no booleans in
// a (where numeric is), and neither booleans nor numbers in b (where cidr is).
type corpus struct{ *rand.Rand }

func (c corpus) word() string {
	words := []string{"", "a", "A", "ab", "aB", "b", "bab", "a*b", `a\b`, "ß", "é", "É", "aws.s3", "AWS.S3"}
	return words[c.IntN(len(words))]
}

func (c corpus) letters() string { return []string{"a", "A", "b", "ab", "é", "s3"}[c.IntN(6)] }

func (c corpus) wildcard() string {
	return []string{"*", "a*", "*b", "a*b", "*a*", `a\*b`, `a\\b`, "*.*", "a*b*", "aws.s3"}[c.IntN(10)]
}

func (c corpus) number() json.Number {
	return []json.Number{"2", "2.0", "2e0", "300", "3e2", "-5", "-5.0", "0.25", "25e-2", "7"}[c.IntN(10)]
}

func (c corpus) address() string {
	return []string{"10.0.0.1", "10.1.2.3", "192.168.0.1", "2001:db8::1", "::1", "10.0.0"}[c.IntN(6)]
}

func (c corpus) value(field string) any {
	switch n := c.IntN(8); {
	case n < 2 && field != "b":
		return c.number()
	case n < 3 && field == "A":
		return c.IntN(2) == 0
	case n < 4:
		return nil
	case n < 6 && field == "b":
		return c.address()
	default:
		return c.word()
	}
}

func (c corpus) event(depth int) map[string]any {
	event := map[string]any{}
	for _, name := range []string{"a", "b", "A"} {
		switch c.IntN(5) {
		case 0:
		case 1:
			event[name] = []any{c.value(name), c.value(name)}
		case 2:
			if depth > 0 {
				nested := c.event(depth - 1)
				nested["z"] = "z" // an empty object is a value for moto
				event[name] = nested
			}
		default:
			event[name] = c.value(name)
		}
	}
	return event
}

func (c corpus) pattern(depth int) map[string]any {
	pattern := map[string]any{}
	for len(pattern) == 0 {
		for _, name := range []string{"a", "b", "A"} {
			switch {
			case c.IntN(2) == 0:
			case depth > 0 && c.IntN(4) == 0:
				pattern[name] = c.pattern(depth - 1)
			default:
				pattern[name] = c.alternatives(name)
			}
		}
	}
	if depth > 0 && c.IntN(4) == 0 {
		pattern["$or"] = []any{c.pattern(depth - 1), c.pattern(depth - 1)}
	}
	return pattern
}

func (c corpus) alternatives(field string) []any {
	list := []any{c.alternative(field)}
	for c.IntN(3) == 0 {
		list = append(list, c.alternative(field))
	}
	return list
}

func (c corpus) alternative(field string) any {
	fold := func(s string) any {
		if c.IntN(2) == 0 {
			return s
		}
		return map[string]any{"equals-ignore-case": s}
	}
	switch n := c.IntN(10); {
	case n == 0:
		return map[string]any{"prefix": fold(c.letters())}
	case n == 1:
		return map[string]any{"suffix": fold(c.letters())}
	case n == 2:
		return map[string]any{"equals-ignore-case": c.word()}
	case n == 3:
		return map[string]any{"wildcard": c.wildcard()}
	case n == 4:
		return map[string]any{"exists": c.IntN(2) == 0}
	case n < 7 && field == "b":
		blocks := []string{"10.0.0.0/8", "10.0.0.0/24", "2001:db8::/32", "0.0.0.0/0", "::/0"}
		return map[string]any{"cidr": blocks[c.IntN(len(blocks))]}
	case n < 7 && field == "a":
		ranges := [][]any{{"=", 2}, {"<", 2.5}, {">=", -5}, {">", 0, "<=", 300}, {">=", json.Number("25e-2"), "<", 2}}
		return map[string]any{"numeric": ranges[c.IntN(len(ranges))]}
	case n < 9:
		return map[string]any{"anything-but": c.butWhat()}
	default:
		return c.value(field)
	}
}

func (c corpus) butWhat() any {
	texts := []any{c.letters(), c.letters()}
	switch c.IntN(7) {
	case 0:
		return c.word()
	case 1:
		return c.number()
	case 2:
		return []any{c.word(), c.word()}
	case 3:
		return []any{c.number(), c.number()}
	case 4:
		return map[string]any{"prefix": texts}
	case 5:
		return map[string]any{"suffix": texts[0]}
	default:
		return map[string]any{[]string{"equals-ignore-case", "wildcard"}[c.IntN(2)]: texts}
	}
}

func TestAgreesWithMoto(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err == nil {
		err = exec.Command(python, "-c", "import moto.events.models").Run()
	}
	if err != nil {
		t.Skipf("not compared with moto: python3 with moto is not installed: %v", err)
	}
	c := corpus{rand.New(rand.NewPCG(7, 8))}
	var pairs [][2]string
	for range 20000 {
		pairs = append(pairs, [2]string{marshal(t, c.pattern(2)), marshal(t, c.event(2))})
	}
	command := exec.Command(python, "-c", motoScript)
	command.Stdin = bytes.NewReader([]byte(marshal(t, pairs)))
	out, err := command.Output()
	if err != nil {
		t.Fatalf("asking moto: %v", err)
	}
	var answers []bool
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	matched := 0
	for i, pair := range pairs {
		if answers[i] {
			matched++
		}
		if got := match(t, pair[0], pair[1]); got != answers[i] {
			t.Errorf("pattern %s\nevent %s\ngot %v, moto says %v", pair[0], pair[1], got, answers[i])
		}
	}
	if matched < 2000 {
		t.Errorf("only %d of %d match: the corpus says little", matched, len(pairs))
	}
}

func marshal(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func match(t testing.TB, pattern, event string) bool {
	t.Helper()
	p, err := Compile([]byte(pattern))
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	matched, err := p.Match([]byte(event))
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	return matched
}
