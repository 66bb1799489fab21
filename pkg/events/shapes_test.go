package events

import (
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
