package selectors

import (
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func BenchmarkMatchRecord(b *testing.B) {
	r, err := events.Parse([]byte(`{"eventVersion":"1.11","eventCategory":"Data","eventSource":"s3.amazonaws.com","eventName":"PutObject","readOnly":false,
		"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/in/x"},{"accountId":"1","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}]}`))
	if err != nil {
		b.Fatal(err)
	}
	for name, set := range map[string]string{
		"default":  `{}`,
		"basic":    s3Values(`"arn:aws:s3:::b/"`),
		"advanced": dataSet(`{"Field":"readOnly","Equals":["false"]},{"Field":"eventName","StartsWith":["Put"]},{"Field":"resources.ARN","NotStartsWith":["arn:aws:s3:::logs/"]}`),
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Parse([]byte(set))
			if err != nil {
				b.Fatal(err)
			}
			m, err := Compile(s)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				m.MatchRecord(&r)
			}
		})
	}
}
