package pattern

import (
	"fmt"
	"strings"
	"testing"
)

// trailEvent is an event of CloudTrail as EventBridge delivers it, with about
// padding bytes of request parameters.
func trailEvent(padding int) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"6f87d04b-9f74-4f04-a780-7acf4b0a9b38","detail-type":"AWS API Call via CloudTrail",
		"source":"aws.cloudtrail","account":"111122223333","time":"2026-11-21T00:00:00Z","region":"us-east-1","resources":[],
		"detail":{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/Admin/i"},
		"requestParameters":{"padding":[%s1]},"eventSource":"cloudtrail.amazonaws.com","eventName":"StopLogging","readOnly":false,"managementEvent":true}}`,
		strings.Repeat(`"padding padding","x",`, padding/22))
}

// BenchmarkMatch shows by its bytes per second that time grows with the event
// only: they should not fall as the event grows.
func BenchmarkMatch(b *testing.B) {
	patterns := map[string]string{
		"exact":    `{"source":["aws.cloudtrail"],"detail":{"eventSource":["cloudtrail.amazonaws.com"],"eventName":["StopLogging","DeleteTrail","UpdateTrail"]}}`,
		"or":       `{"detail":{"$or":[{"eventName":[{"prefix":"Delete"}]},{"eventName":[{"wildcard":"*Log*ing"}],"readOnly":[false]}]}}`,
		"wildcard": `{"detail":{"requestParameters":{"padding":[{"wildcard":"*a*a*a*a*b*"}]}}}`,
	}
	for name, text := range patterns {
		p, err := Compile([]byte(text))
		if err != nil {
			b.Fatal(err)
		}
		for _, padding := range []int{0, 1 << 10, 1 << 14, 1 << 18} {
			event := trailEvent(padding)
			b.Run(fmt.Sprintf("%s/%d", name, len(event)), func(b *testing.B) {
				b.SetBytes(int64(len(event)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := p.Match(event); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
