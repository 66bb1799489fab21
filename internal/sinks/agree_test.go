package sinks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/events/pattern"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// seen is what somebody takes a record for.
type seen struct{ name, arn, resource string }

// onlooker is one who decides or reports by a record's fields.
type onlooker func(t *testing.T, r *events.Record) seen

// onlookers are all of them. What one does not look at is "*".
func onlookers() map[string]onlooker {
	return map[string]onlooker{
		"counters":  bySummary,
		"tallies":   byTally,
		"selectors": bySelectors,
		"patterns":  byPattern,
		"OCSF":      byOCSF,
		"Parquet":   byParquet,
	}
}

func bySummary(_ *testing.T, r *events.Record) seen {
	s := delivery.NewSummary()
	s.Add(r)
	names := slices.Collect(maps.Keys(s.ByEvent))
	_, name, _ := strings.Cut(names[0], "|")
	return seen{strings.TrimSuffix(name, delivery.Absent), "*", "*"}
}

func byTally(t *testing.T, r *events.Record) seen {
	c := delivery.NewCounter(delivery.File{})
	c.Add(r)
	all := c.Tallies()
	if len(all) != 1 {
		t.Fatalf("%d tallies", len(all))
	}
	return seen{all[0].EventName, strings.Join(slices.Collect(maps.Keys(all[0].UserIdentityARNs)), " "), "*"}
}

func bySelectors(_ *testing.T, r *events.Record) seen {
	e := selectors.EventOf(r)
	got := seen{e.EventName, e.UserIdentityARN, ""}
	for _, res := range e.Resources {
		got.resource += res.ARN
	}
	return got
}

func byPattern(t *testing.T, r *events.Record) seen {
	e := delivery.BusEvent(r)
	text, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	which := func(form string) string {
		for _, candidate := range []string{"First", "Last"} {
			p, err := pattern.Compile([]byte(strings.ReplaceAll(form, "?", candidate)))
			if err != nil {
				t.Fatal(err)
			}
			if matches, err := p.Match(text); err != nil {
				t.Fatal(err)
			} else if matches {
				return candidate
			}
		}
		return ""
	}
	return seen{which(`{"detail":{"eventName":["?"]}}`), which(`{"detail":{"userIdentity":{"arn":["?"]}}}`), which(`{"detail":{"resources":{"ARN":["?"]}}}`)}
}

func byOCSF(t *testing.T, r *events.Record) seen {
	line, err := APIActivity(r)
	if err != nil {
		t.Fatal(err)
	}
	var a apiActivity
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	got := seen{name: strings.TrimPrefix(a.API.Operation, unknown), arn: a.Actor.User.UID}
	for _, res := range a.Resources {
		got.resource += res.UID
	}
	return got
}

func byParquet(t *testing.T, r *events.Record) seen {
	row, err := rowOf(r)
	if err != nil {
		t.Fatal(err)
	}
	got := seen{row.EventName, row.UserIdentity.ARN, ""}
	for _, res := range row.Resources {
		got.resource += res.ARN
	}
	return got
}

// Nothing may be smuggled past a selector or an alert that is not what the
// counters and the output say.
func TestAllTakeARecordForTheSame(t *testing.T) {
	const rest = `"eventTime":"2024-01-02T03:04:05Z","eventType":"AwsApiCall","eventCategory":"Management",`
	tests := map[string]struct {
		record string
		want   seen
	}{
		"a name twice":                  {`"eventName":"First","eventName":"Last"`, seen{name: "Last"}},
		"a name twice, once escaped":    {`"eventName":"First","event\u004eame":"Last"`, seen{name: "Last"}},
		"a name in another case":        {`"eventName":"Last","EventName":"First","eventname":"First"`, seen{name: "Last"}},
		"a name that is null at last":   {`"eventName":"First","eventName":null`, seen{}},
		"an object twice is not merged": {`"userIdentity":{"arn":"First"},"userIdentity":{"type":"Root"}`, seen{}},
		"a name twice in an object":     {`"userIdentity":{"arn":"First","a\u0072n":"Last"}`, seen{arn: "Last"}},
		"a list twice":                  {`"resources":[{"ARN":"First"}],"resources":[{"ARN":"Last"}]`, seen{resource: "Last"}},
		"a name twice in a list":        {`"resources":[{"ARN":"First","ARN":"Last"}]`, seen{resource: "Last"}},
		"a list that is none at last":   {`"resources":[{"ARN":"First"}],"resources":7`, seen{}},
		"a name of an odd type at last": {`"eventName":"First","eventName":{"a":"First"}`, seen{}},
	}
	for name, test := range tests {
		r, err := events.Parse([]byte("{" + rest + test.record + "}"))
		if err != nil {
			t.Fatal(err)
		}
		for who, look := range onlookers() {
			t.Run(name+"/"+who, func(t *testing.T) {
				got, want := look(t, &r), test.want
				if got.arn == "*" {
					want.arn = "*"
				}
				if got.resource == "*" {
					want.resource = "*"
				}
				if got != want {
					t.Errorf("%s: %+v, want %+v", test.record, got, want)
				}
			})
		}
	}
}
