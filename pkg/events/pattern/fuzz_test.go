package pattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// An event written anew, with other spaces and escapes and each name once,
// matches the same patterns.
func FuzzMatch(f *testing.F) {
	f.Add(`{"a":["x",{"prefix":"y"}],"$or":[{"b":[{"numeric":[">",1]}]},{"b":[{"exists":false}]}]}`, `{"a":"yes","b":[1,[2,{"c":3}]]}`)
	f.Add(`{"a":{"b":[{"anything-but":{"suffix":["x"]}}],"c":[null]}}`, `{"a":[{"b":"\u0041x","c":null},{"b":1,"c":null,"c":[]}]}`)
	f.Add(`{"a":[{"wildcard":"*x*"},{"cidr":"10.0.0.0/8"},{"prefix":{"equals-ignore-case":"K"}}]}`, `{"a" : [ [ ] , "\u212a" , -1.5e3 ] }`)
	f.Fuzz(func(t *testing.T, pattern, event string) {
		p, err := Compile([]byte(pattern))
		if err != nil {
			var invalid *InvalidError
			if !errors.As(err, &invalid) || invalid.Reason == "" {
				t.Fatalf("error says too little: %#v", err)
			}
			return
		}
		got, err := p.Match([]byte(event))
		decoded, decodeErr := decode([]byte(event))
		_, isObject := decoded.(map[string]any)
		if (err == nil) != (decodeErr == nil && isObject) {
			t.Fatalf("%q: error %v, encoding/json says %v, object %v", event, err, decodeErr, isObject)
		}
		if err != nil {
			return
		}
		anew, err := json.MarshalIndent(decoded, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.Match(anew)
		if err != nil || again != got {
			t.Fatalf("pattern %s\nevent %s: %v\nanew %s: %v, %v", pattern, event, got, anew, again, err)
		}
	})
}

func FuzzWildcard(f *testing.F) {
	f.Add("a*b", "axxb")
	f.Add(`*\**`, "x*y")
	f.Add("a*a", "a")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		m, err := compileWildcard("", pattern)
		if err != nil || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return
		}
		var re strings.Builder
		for i := 0; i < len(pattern); i++ {
			switch pattern[i] {
			case '*':
				re.WriteString(`.*`)
			case '\\':
				i++
				fallthrough
			default:
				re.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
			}
		}
		want := regexp.MustCompile(`(?s)\A(?:` + re.String() + `)\z`).MatchString(text)
		if got := m.matches(scalar{isString, []byte(text)}); got != want {
			t.Fatalf("%q, %q: got %v, as a regular expression %v", pattern, text, got, want)
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("300.0", "3e2")
	f.Add("-0", "0.0")
	f.Add("9007199254740993", "9007199254740992")
	f.Add("-1.5", "-1.50001e0")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !smallNumber(a) || !smallNumber(b) {
			return
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if got, want := numberOf([]byte(a)).compare(numberOf([]byte(b))), x.Cmp(y); got != want {
			t.Fatalf("%s, %s: got %d, want %d", a, b, got, want)
		}
	})
}

// smallNumber says whether s is a JSON number that big.Rat can hold.
func smallNumber(s string) bool {
	if len(s) == 0 || len(s) > 40 || strings.ContainsAny(s[:1], `"[{tfn `) || !json.Valid([]byte(s)) || strings.TrimSpace(s) != s {
		return false
	}
	_, exponent, _ := strings.Cut(strings.ToLower(s), "e")
	return len(exponent) <= 4
}

func FuzzFold(f *testing.F) {
	f.Add("Kelvin", "\u212aELVIN")
	f.Add("ſ", "S")
	f.Add("ß", "ẞ")
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		text := scalar{isString, []byte(b)}
		if got, want := foldedString(fold(a)).matches(text), strings.EqualFold(a, b); got != want {
			t.Fatalf("%q, %q: got %v, EqualFold says %v", a, b, got, want)
		}
		whole := scalar{isString, bytes.Join([][]byte{[]byte(b), []byte(strings.ToUpper(a))}, nil)}
		if strings.EqualFold(a, strings.ToUpper(a)) && !foldedSuffix(fold(a)).matches(whole) {
			t.Fatalf("%q does not end with %q", whole.text, a)
		}
		whole.text = append([]byte(strings.ToLower(a)), b...)
		if strings.EqualFold(a, strings.ToLower(a)) && !foldedPrefix(fold(a)).matches(whole) {
			t.Fatalf("%q does not begin with %q", whole.text, a)
		}
	})
}
