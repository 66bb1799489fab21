package insights

import (
	"cmp"
	"slices"
	"strings"
)

// attribute is CloudTrail's attribute of an attribution.
type attribute uint8

const (
	byARN attribute = iota
	byAgent
	byErrorCode
	attributes
)

func (a attribute) String() string {
	return [attributes]string{"userIdentityArn", "userAgent", "errorCode"}[a]
}

const (
	topValues  = 5 // values that a record shows for each attribute
	keptValues = 8 // values that a key with a profile keeps for each attribute, and an insight
	fewValues  = 3 // and that another key keeps: enough for who calls rarely
	noError    = "null"
)

// caller is the calls of one value of one attribute.
type caller struct {
	who   uint32 // the attribute in two bits, the value's symbol in thirty
	calls uint32
}

func callerOf(a attribute, value, calls uint32) caller { return caller{uint32(a)<<30 | value, calls} }

func (c caller) attribute() attribute { return attribute(c.who >> 30) }
func (c caller) value() uint32        { return c.who & (1<<30 - 1) }

// mergeCallers adds callers to those kept, and keeps the largest of each attribute: a value that
// finds no place takes that of the smallest, and its count (Metwally, Agrawal, El Abbadi,
// "Efficient computation of frequent and top-k elements in data streams", 2005).
func mergeCallers(kept, more []caller, limit int) []caller {
	for _, c := range more {
		kept = mergeCaller(kept, c, limit)
	}
	return kept
}

func mergeCaller(kept []caller, c caller, limit int) []caller {
	same, least := 0, -1
	for i := range kept {
		k := &kept[i]
		if k.attribute() != c.attribute() {
			continue
		}
		if k.who == c.who {
			k.calls = add32(k.calls, c.calls)
			return kept
		}
		if same++; least < 0 || k.calls < kept[least].calls {
			least = i
		}
	}
	if same < limit {
		return append(kept, c)
	}
	kept[least].who = c.who
	kept[least].calls = add32(kept[least].calls, c.calls)
	return kept
}

// decayCallers forgets an eighth a day, so that a steady caller's count is that of eight days.
func (s *series) decayCallers() {
	kept := s.callers[:0]
	for _, c := range s.callers {
		if c.calls -= (c.calls + 4) / 8; c.calls > 0 {
			kept = append(kept, c)
		}
	}
	s.callers = kept
}

// shares are the top values of one attribute; their counts are scaled so that all callers of the
// attribute make the average.
func (s *State) shares(callers []caller, a attribute, average float64) []Share {
	of := make([]caller, 0, keptValues)
	var total float64
	for _, c := range callers {
		if c.attribute() == a {
			of = append(of, c)
			total += float64(c.calls)
		}
	}
	slices.SortFunc(of, func(x, y caller) int {
		return cmp.Or(cmp.Compare(y.calls, x.calls), strings.Compare(s.values.text[x.value()], s.values.text[y.value()]))
	})
	shares := make([]Share, 0, topValues)
	for _, c := range of[:min(len(of), topValues)] {
		shares = append(shares, Share{s.values.text[c.value()], round10(average * float64(c.calls) / total)})
	}
	return shares
}

// withoutSession drops the session name of an assumed role, as CloudTrail's attributions do.
func withoutSession(arn string) string {
	_, role, ok := strings.Cut(arn, ":assumed-role/")
	if !ok || !strings.Contains(arn, ":sts:") {
		return arn
	}
	if name, _, ok := strings.Cut(role, "/"); ok {
		return arn[:len(arn)-len(role)] + name
	}
	return arn
}
