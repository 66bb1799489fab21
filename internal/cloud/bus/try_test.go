package bus

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/smithy-go"
)

func TestAPatternIsTriedOnAnEvent(t *testing.T) {
	b, _ := newBus(&targets{})
	c := client(t, b)
	for pattern, want := range map[string]bool{`{"source":["aws.cloudtrail"]}`: true, `{"source":["aws.s3"]}`: false} {
		out, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{Event: aws.String(string(call("StopLogging", ""))), EventPattern: &pattern})
		if err != nil || out.Result != want {
			t.Errorf("%s: %+v, %v, want %v", pattern, out, err, want)
		}
	}
}

func TestWhatIsNoEventIsRefused(t *testing.T) {
	b, _ := newBus(&targets{})
	c := client(t, b)
	for name, tc := range map[string]struct{ event, code string }{
		"an event without resources, which AWS's documents want and AWS does not": {`{"id":"1","account":"1","source":"s","time":"2026-01-01T00:00:00Z","region":"r","detail-type":"d"}`, ""},
		"no id":          {`{"account":"1","source":"s","time":"2026-01-01T00:00:00Z","region":"r","detail-type":"d","resources":[]}`, "ValidationException"},
		"no account":     {`{"id":"1","source":"s","time":"2026-01-01T00:00:00Z","region":"r","detail-type":"d","resources":[]}`, "ValidationException"},
		"no source":      {`{"id":"1","account":"1","time":"2026-01-01T00:00:00Z","region":"r","detail-type":"d","resources":[]}`, "ValidationException"},
		"no time":        {`{"id":"1","account":"1","source":"s","region":"r","detail-type":"d","resources":[]}`, "ValidationException"},
		"no region":      {`{"id":"1","account":"1","source":"s","time":"2026-01-01T00:00:00Z","detail-type":"d","resources":[]}`, "ValidationException"},
		"no detail-type": {`{"id":"1","account":"1","source":"s","time":"2026-01-01T00:00:00Z","region":"r","resources":[]}`, "ValidationException"},
		"a name in another case": {`{"ID":"1","account":"1","source":"s","time":"2026-01-01T00:00:00Z","region":"r","detail-type":"d"}`,
			"ValidationException"},
		"a list":   {`[]`, "ValidationException"},
		"null":     {`null`, "ValidationException"},
		"no JSON":  {`{`, "ValidationException"},
		"nothing":  {``, "ValidationException"},
		"two":      {`{}{}`, "ValidationException"},
		"an empty": {`{}`, "ValidationException"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.TestEventPattern(t.Context(), &eventbridge.TestEventPatternInput{Event: &tc.event, EventPattern: aws.String(`{"detail":{"a":["b"]}}`)})
			var api smithy.APIError
			if tc.code == "" && err != nil {
				t.Error(err)
			}
			if tc.code != "" && (!errors.As(err, &api) || api.ErrorCode() != tc.code || api.ErrorMessage() != "Parameter Event is not valid.") {
				t.Errorf("answers %v, want %s", err, tc.code)
			}
		})
	}
}
