package selectors

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func equalEvents(a, b Event) bool { return reflect.DeepEqual(a, b) }

// The vocabulary is small, so that random events often meet random selectors.
type random struct{ *rand.Rand }

func pick[T any](r random, from ...T) T { return from[r.IntN(len(from))] }

func (r random) arn() string {
	return fmt.Sprintf("arn:aws:s3:::%s/%s", pick(r, "b", "c", "logs"), pick(r, "", "AWSLogs/", "AWSLogs/1/x", "in/x"))
}

func (r random) some(of func() string) []string {
	var values []string
	for range r.IntN(3) {
		values = append(values, of())
	}
	return values
}

func (r random) source() string { return pick(r, excludableSources()...) }

func (r random) name() string { return pick(r, "GetObject", "PutObject", "Get", "Put", "Object") }

func (r random) basic() Basic {
	b := Basic{
		ReadWriteType:                 pick(r, "", readWriteAll, readOnlyType, writeOnly),
		IncludeManagementEvents:       pick(r, nil, new(true), new(false)),
		ExcludeManagementEventSources: r.some(r.source),
	}
	for range r.IntN(3) {
		d := DataResource{s3Object, r.some(func() string { return pick(r, r.arn(), r.arn(), r.arn(), "arn:aws:s3", "arn:aws:s3:::") })}
		b.DataResources = append(b.DataResources, d)
	}
	if len(b.DataResources) == 0 {
		b.IncludeManagementEvents = nil
	}
	return b
}

func (r random) field(name string, of func() string) FieldSelector {
	f := FieldSelector{Field: name}
	for _, list := range f.lists() {
		*list = r.some(of)
	}
	if reflect.DeepEqual(f, FieldSelector{Field: name}) {
		f.Equals = []string{of()}
	}
	return f
}

func (r random) advanced() Advanced {
	if r.IntN(3) == 0 {
		return Advanced{FieldSelectors: append(managementOnly(), pick(r, nil, []FieldSelector{{Field: "readOnly", Equals: []string{pick(r, "true", "false")}}})...)}
	}
	fields := dataOf(pick(r, s3Object, "AWS::S3::AccessPoint"))
	for range r.IntN(4) {
		fields = append(fields, pick(r, r.field("resources.ARN", r.arn), r.field("eventName", r.name)))
	}
	r.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	return Advanced{Name: pick(r, "", "n"), FieldSelectors: fields}
}

func (r random) set() Set {
	var s Set
	kind := r.IntN(2)
	for range r.IntN(4) {
		if kind == 0 {
			s.Basic = append(s.Basic, r.basic())
		} else {
			s.Advanced = append(s.Advanced, r.advanced())
		}
	}
	return s
}

func (r random) event() Event {
	e := Event{Category: pick(r, events.Management, events.Data, events.Data, events.NetworkActivity), EventName: r.name(), EventSource: r.source(), ReadOnly: r.IntN(2) == 0}
	for range r.IntN(3) {
		e.Resources = append(e.Resources, Resource{pick(r, s3Object, s3Object, "AWS::S3::AccessPoint"), r.arn()})
	}
	return e
}

// record writes the event as CloudTrail does.
func record(t *testing.T, e Event) *events.Record {
	t.Helper()
	resources := []map[string]string{}
	for _, r := range e.Resources {
		resources = append(resources, map[string]string{"type": r.Type, "ARN": r.ARN})
	}
	raw, err := json.Marshal(map[string]any{"eventCategory": e.Category.String(), "eventName": e.EventName,
		"eventSource": e.EventSource, "readOnly": e.ReadOnly, "resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	r, err := events.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// takes decides on an event straight from the documentation, value by value.
func takes(s Set, e Event) bool {
	if len(s.Basic)+len(s.Advanced) == 0 {
		return e.Category == events.Management
	}
	return slices.ContainsFunc(s.Basic, func(b Basic) bool { return basicTakes(b, e) }) ||
		slices.ContainsFunc(s.Advanced, func(a Advanced) bool { return advancedTakes(a, e) })
}

func basicTakes(b Basic, e Event) bool {
	if b.ReadWriteType == "ReadOnly" && !e.ReadOnly || b.ReadWriteType == "WriteOnly" && e.ReadOnly {
		return false
	}
	if e.Category == events.Management {
		return (b.IncludeManagementEvents == nil || *b.IncludeManagementEvents) && !slices.Contains(b.ExcludeManagementEventSources, e.EventSource)
	}
	for _, d := range b.DataResources {
		for _, v := range d.Values {
			for _, r := range e.Resources {
				if e.Category == events.Data && r.Type == d.Type && len(r.ARN) >= len(v) && r.ARN[:len(v)] == v {
					return true
				}
			}
		}
	}
	return false
}

func advancedTakes(a Advanced, e Event) bool {
	if len(e.Resources) == 0 {
		e.Resources = []Resource{{}}
	}
	for _, r := range e.Resources {
		texts := map[string]string{"eventCategory": e.Category.String(), "readOnly": fmt.Sprint(e.ReadOnly),
			"eventName": e.EventName, "resources.type": r.Type, "resources.ARN": r.ARN}
		selected, met, excluded := map[string]bool{}, map[string]bool{}, false
		for _, f := range a.FieldSelectors {
			text := texts[f.Field]
			for i, list := range f.lists() {
				for _, v := range *list {
					holds := []bool{text == v, len(text) >= len(v) && text[:min(len(v), len(text))] == v, len(text) >= len(v) && text[len(text)-min(len(v), len(text)):] == v}[i%3]
					if i < 3 {
						selected[f.Field] = true
						met[f.Field] = met[f.Field] || holds
					} else {
						excluded = excluded || holds
					}
				}
			}
		}
		if !excluded && len(selected) == len(met) && !slices.Contains(valuesOf(met), false) {
			return true
		}
	}
	return false
}

func valuesOf(m map[string]bool) (all []bool) {
	for _, v := range m {
		all = append(all, v)
	}
	return all
}

func TestRandomSetsDecideAsDocumented(t *testing.T) {
	r := random{rand.New(rand.NewPCG(1, 2))}
	kept := 0
	for range 3000 {
		s := r.set()
		m, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		normal, err := Compile(Normalize(s))
		if err != nil {
			t.Fatalf("%+v: normal form: %v", s, err)
		}
		for range 30 {
			e := r.event()
			want := takes(s, e)
			if want {
				kept++
			}
			got := map[string]bool{"Match": m.Match(&e), "MatchRecord": m.MatchRecord(record(t, e)), "Explain": m.Explain(&e).Kept, "Normalize": normal.Match(&e)}
			for way, g := range got {
				if g != want {
					t.Fatalf("%s says %v\nevent %+v\nset %+v\n%s", way, g, e, s, m.Explain(&e))
				}
			}
		}
	}
	if kept < 10000 {
		t.Errorf("only %d of 90000 events were kept: the test says little", kept)
	}
}

func TestASetThatCoversNoObjectsOfABucketKeepsNone(t *testing.T) {
	r := random{rand.New(rand.NewPCG(3, 4))}
	covered := 0
	for range 3000 {
		s := r.set()
		m, err := Compile(s)
		if err != nil {
			t.Fatal(err)
		}
		where, covers := s.CoversBucket("aws", "logs", "AWSLogs/")
		if covers {
			covered++
			continue
		}
		if where != "" {
			t.Fatalf("%q named, though nothing covers", where)
		}
		for range 100 {
			e := dataEvent(r.name(), r.IntN(2) == 0, s3Object, "arn:aws:s3:::logs/AWSLogs/"+pick(r, "", "1/x", "in/x"))
			if m.Match(&e) {
				t.Fatalf("not covered, but kept: %+v\nset %+v", e, s)
			}
		}
	}
	if covered < 300 || covered > 2700 {
		t.Errorf("%d of 3000 sets cover the bucket: the test says little", covered)
	}
}

func TestOrderAndSpellingDoNotCount(t *testing.T) {
	r := random{rand.New(rand.NewPCG(5, 6))}
	for range 2000 {
		s := r.set()
		o := respell(r, s)
		if !Equal(s, o) {
			t.Fatalf("not equal:\n%+v\n%+v", s, o)
		}
		if n := Normalize(s); !reflect.DeepEqual(n, Normalize(n)) {
			t.Fatalf("normal form is not normal: %+v", n)
		}
	}
}

// respell says the same in another order and with defaults spelled out.
func respell(r random, s Set) Set {
	shuffle := func(values []string) []string {
		values = slices.Clone(values)
		r.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		if len(values) > 0 {
			values = append(values, values[0])
		}
		return values
	}
	o := Set{Basic: slices.Clone(s.Basic), Advanced: slices.Clone(s.Advanced)}
	for i := range o.Basic {
		b := &o.Basic[i]
		b.ExcludeManagementEventSources = shuffle(b.ExcludeManagementEventSources)
		b.DataResources = slices.Clone(b.DataResources)
		slices.Reverse(b.DataResources)
		for j := range b.DataResources {
			b.DataResources[j].Values = shuffle(b.DataResources[j].Values)
		}
		b.IncludeManagementEvents = new(b.includesManagement())
		if b.ReadWriteType == "" {
			b.ReadWriteType = readWriteAll
		}
	}
	for i := range o.Advanced {
		fields := slices.Clone(o.Advanced[i].FieldSelectors)
		slices.Reverse(fields)
		for j := range fields {
			for _, list := range fields[j].lists() {
				*list = shuffle(*list)
			}
		}
		o.Advanced[i].FieldSelectors = fields
	}
	slices.Reverse(o.Basic)
	slices.Reverse(o.Advanced)
	return o
}
