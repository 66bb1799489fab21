package bus

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
)

const event = `{"source":"aws.ec2","detail-type":"State","time":"2026-03-01T12:00:00Z","resources":["r0","r1"],"detail":{"id":"i-1","n":1.50,"quote":"say \"hi\"","tags":{"a":1},"none":null}}`

func TestAnInputTransformerFillsItsTemplate(t *testing.T) {
	paths := map[string]string{
		"id": "$.detail.id", "n": "$.detail.n", "quote": "$.detail.quote", "tags": "$.detail.tags", "none": "$.detail.none",
		"missing": "$.detail.missing", "second": "$.resources[1]", "type": "$['detail-type']", "beyond": "$.resources[2]",
	}
	for name, tc := range map[string]struct{ template, want string }{
		"a text within quotes":                      {`"instance <id> is <type>"`, `"instance i-1 is State"`},
		"a text outside of quotes":                  {`{"id": <id>}`, `{"id": "i-1"}`},
		"a number keeps its digits":                 {`{"n": <n>}`, `{"n": 1.50}`},
		"an object outside of quotes":               {`{"tags": <tags>}`, `{"tags": {"a":1}}`},
		"an object within quotes":                   {`"<tags>"`, `"{\"a\":1}"`},
		"quotes are escaped within quotes":          {`"<quote>"`, `"say \"hi\""`},
		"an escaped quote does not end a text":      {`{"a":"\"<id>","b":<id>}`, `{"a":"\"i-1","b":"i-1"}`},
		"an element of a list":                      {`<second>`, `"r1"`},
		"an element beyond a list is null":          {`[<beyond>]`, `[null]`},
		"what is missing is null outside of quotes": {`[<missing>, <none>]`, `[null, null]`},
		"what is missing is empty within quotes":    {`"-<missing>-"`, `"--"`},
		"an unknown name stays":                     {`"<unknown> <"`, `"<unknown> <"`},
		"the rule's own names": {
			`{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>", "at": <aws.events.event.ingestion-time>}`,
			`{"rule": "r", "arn": "arn:r", "at": "2026-03-01T12:00:01Z"}`,
		},
		"the whole event": {`{"e": <aws.events.event>}`, `{"e": ` + event + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			d := delivery{
				rule: savedRule{Name: "r"}, arn: "arn:r", event: []byte(event), at: time.Date(2026, 3, 1, 12, 0, 1, 0, time.UTC),
				target: types.Target{InputTransformer: &types.InputTransformer{InputTemplate: &tc.template, InputPathsMap: paths}},
			}
			got, err := d.payload()
			if err != nil || string(got) != tc.want {
				t.Errorf("%s, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestAPayloadThatCannotBeMadeIsUndeliverable(t *testing.T) {
	for name, target := range map[string]types.Target{
		"a template that gives no JSON":  {InputTransformer: &types.InputTransformer{InputTemplate: new(`{"a": <id> }}`)}},
		"a path that is not in an event": {InputPath: new("$.detail.missing")},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := (delivery{event: []byte(event), target: target}).payload(); !errors.Is(err, errUndeliverable) {
				t.Errorf("%s, %v", out, err)
			}
		})
	}
}

func TestAPathThatIsNotOneIsRefused(t *testing.T) {
	for _, path := range []string{"", "detail", "$.", "$..a", "$[", "$[]", "$[-1]", "$[x]", "$['']", "$x", "$.a["} {
		if steps, err := parsePath(path); err == nil {
			t.Errorf("%q is read as %+v", path, steps)
		}
	}
}

// Whatever a template is, its payload is JSON or an error.
func FuzzATransformedPayloadIsJSONOrAnError(f *testing.F) {
	f.Add(`{"id": <id>}`, "$.detail.id")
	f.Add(`"\\<id>"`, "$.resources[0]")
	f.Add(`<id`, "$['detail-type']")
	f.Add(`"<id>" <id>`, "$.detail.quote")
	f.Fuzz(func(t *testing.T, template, path string) {
		d := delivery{event: []byte(event), target: types.Target{
			InputTransformer: &types.InputTransformer{InputTemplate: &template, InputPathsMap: map[string]string{"id": path}},
		}}
		if out, err := d.payload(); err == nil && !json.Valid(out) {
			t.Errorf("template %q with %q gives %q", template, path, out)
		}
	})
}
