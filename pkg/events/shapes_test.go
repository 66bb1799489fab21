package events

import (
	"fmt"
	"strings"
	"testing"
)

// TestAFieldThatOccursTwiceMisleadsNoOtherRecord reads records that begin
// alike: in one of them what follows makes the beginning void.
func TestAFieldThatOccursTwiceMisleadsNoOtherRecord(t *testing.T) {
	for _, c := range []struct {
		twice, once string
		field       Field
		want        string
	}{
		{`{"eventName":"a","eventName":"b"}`, `{"eventName":"b"}`, EventName, "b"},
		{`{"eventName":"b","event\u004eame":null}`, `{"eventName":"b"}`, EventName, "b"},
		{`{"eventName":"b","userIdentity":{"arn":"c"},"userIdentity":{}}`,
			`{"eventName":"b","userIdentity":{"arn":"d"}}`, UserIdentityARN, "d"},
		{`{"eventName":"b","userIdentity":{"arn":"c"},"userIdentity":null}`,
			`{"eventName":"b","userIdentity":{"arn":"d"}}`, UserIdentityARN, "d"},
	} {
		for _, first := range []string{c.twice, c.once} {
			text := strings.Repeat(first+",", 3) + strings.Repeat(c.twice+","+c.once+",", 3) + c.once
			for rec, err := range NewReader(strings.NewReader(`{"Records":[`+text+`]}`), Limits{}).All() {
				if err != nil {
					t.Fatal(err)
				}
				checkTexts(t, rec)
				if got := rec.String(c.field); string(rec.Raw()) == c.once && got != c.want {
					t.Errorf("%s of %s is %q beside %s", c.want, c.once, got, c.twice)
				}
			}
		}
	}
}

// TestTheTrieIsBoundedAndBeginsAnewWhenItIsFull reads a known record beside
// each new shape, so that the trie is not turned off.
func TestTheTrieIsBoundedAndBeginsAnewWhenItIsFull(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"Records":[{"eventName":"A"}`)
	pad := strings.Repeat("x", 2000)
	for i := range 2000 {
		fmt.Fprintf(&text, `,{"eventName":"A"},{"eventName":"A","a%d":1,"b%d":1,"c%d":1,"`+pad+`":1}`, i%20, i/20%20, i/400)
	}
	file := text.String() + "]}"
	r := NewReader(strings.NewReader(file), Limits{})
	o := readAll(t, r)
	if s := &r.shapes; len(o.records) != 4001 || s.off || s.size <= maxShapes || s.size > maxShapes+2*maxLearnable {
		t.Errorf("%d records, off %t, %d bytes", len(o.records), s.off, s.size)
	}
	r.Reset(strings.NewReader(oneRecord))
	if r.shapes.size != 0 || r.shapes.root.child != nil {
		t.Error("the full trie was kept")
	}
}
