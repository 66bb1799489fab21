package events

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const envelope = `{"version":"0","id":"7bf73129-1428-4cd3-a780-95db273d1602","detail-type":"AWS API Call via CloudTrail",` +
	`"source":"aws.cloudtrail","account":"111122223333","time":"2025-06-15T10:11:12Z","region":"us-east-1",` +
	`"resources":["arn:aws:cloudtrail:us-east-1:111122223333:trail/a"],"detail":{"n":9007199254740993,"s":"<&>", "e":1e400}}`

func TestAnEnvelopeSurvivesByteForByte(t *testing.T) {
	e, err := ParseEnvelope([]byte(envelope))
	if err != nil {
		t.Fatal(err)
	}
	want := Envelope{
		Version: "0", ID: "7bf73129-1428-4cd3-a780-95db273d1602", DetailType: "AWS API Call via CloudTrail",
		Source: "aws.cloudtrail", Account: "111122223333", Time: time.Date(2025, 6, 15, 10, 11, 12, 0, time.UTC),
		Region: "us-east-1", Resources: []string{"arn:aws:cloudtrail:us-east-1:111122223333:trail/a"},
		Detail: json.RawMessage(`{"n":9007199254740993,"s":"<&>", "e":1e400}`),
	}
	if diff := cmp.Diff(want, e); diff != "" {
		t.Error(diff)
	}
	out, err := e.Encode()
	if err != nil || string(out) != envelope {
		t.Errorf("encoded: %s, %v", out, err)
	}
	if _, err := json.Marshal(e); err != nil {
		t.Errorf("json.Marshal: %v", err)
	}
}

func TestParseEnvelopeTakesExactNamesOnly(t *testing.T) {
	e, err := ParseEnvelope([]byte(`{"Source":"evil","detailType":"evil","DETAIL":{},"replay-name":"x","id":null,"sourc\u0065":"a","version":"1","version":"2"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Envelope{Source: "a", Version: "2"}, e); diff != "" {
		t.Error(diff)
	}
}

func TestParseEnvelopeNamesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ in, says string }{
		"no object":                 {`[]`, "not an object"},
		"malformed JSON":            {`{"id":}`, "malformed"},
		"an id that is a number":    {`{"id":1}`, "id: "},
		"a time that is none":       {`{"time":"now"}`, "time: "},
		"resources that are a text": {`{"resources":"x"}`, "resources: "},
	} {
		t.Run(name, func(t *testing.T) {
			if e, err := ParseEnvelope([]byte(c.in)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}

func TestAnEmptyEnvelopeEncodesAllItsKeys(t *testing.T) {
	out, err := Envelope{DetailType: `a"b`}.Encode()
	want := `{"version":"","id":"","detail-type":"a\"b","source":"","account":"","time":"0001-01-01T00:00:00Z","region":"","resources":[],"detail":{}}`
	if err != nil || string(out) != want {
		t.Errorf("%s, %v", out, err)
	}
}
