package trail

import "github.com/trailhand/trailhand/pkg/selectors"

// Operation is a mutating operation of the CloudTrail API.
type Operation string

// The operations, in the order in which a plan uses them.
const (
	CreateTrail           Operation = "CreateTrail"
	UpdateTrail           Operation = "UpdateTrail"
	PutEventSelectors     Operation = "PutEventSelectors"
	PutInsightSelectors   Operation = "PutInsightSelectors"
	PutEventConfiguration Operation = "PutEventConfiguration"
	RemoveTags            Operation = "RemoveTags" // before AddTags: a trail has at most 50
	AddTags               Operation = "AddTags"
	StartLogging          Operation = "StartLogging"
	StopLogging           Operation = "StopLogging"
	DeleteTrail           Operation = "DeleteTrail"
)

// Call is one API call.
type Call struct {
	Operation Operation
	// Region is the trail's home Region, where it must be called.
	Region string
	// Trail is the ARN; for CreateTrail, and for the calls on the trail that the
	// same plan creates, the name.
	Trail string
	// Fields are the drifted settings that the call puts back.
	Fields []Field
	// Attributes are for CreateTrail and UpdateTrail.
	Attributes Attributes
	// Selectors are for PutEventSelectors; never the zero Set.
	Selectors selectors.Set
	// Insights are for PutInsightSelectors; empty switches off.
	Insights []InsightSelector
	// Aggregations are for PutEventConfiguration; empty is none.
	Aggregations []Aggregation
	// Tags are for CreateTrail, AddTags and RemoveTags.
	Tags map[string]string
}

// Plan gives the fewest calls that put the drifted settings back, in the order in
// which they have to be made. Drifts are those of [Diff], or some of them.
func Plan(d Desired, o *Observed, drifts []Drift) []Call {
	p := planner{desired: d, observed: o, drifts: drifts}
	if p.has(Exists) {
		return p.create()
	}
	p.update()
	p.put()
	p.tags()
	p.logging()
	return p.calls
}

type planner struct {
	desired  Desired
	observed *Observed
	drifts   []Drift
	calls    []Call
}

func (p *planner) drift(f Field) *Drift {
	for i := range p.drifts {
		if p.drifts[i].Field == f {
			return &p.drifts[i]
		}
	}
	return nil
}

func (p *planner) has(f Field) bool { return p.drift(f) != nil }

func (p *planner) add(c Call) {
	c.Region, c.Trail = p.desired.HomeRegion, p.desired.Name
	if p.observed != nil {
		c.Region, c.Trail = p.observed.HomeRegion, p.observed.ARN
	}
	p.calls = append(p.calls, c)
}

// create plans the trail from nothing: CreateTrail takes the attributes and the
// tags, and what it does not take follows as drift from a new trail's defaults.
func (p *planner) create() []Call {
	d := p.desired
	p.add(Call{Operation: CreateTrail, Fields: []Field{Exists}, Attributes: d.Attributes, Tags: d.Tags})
	d.Attributes, d.Tags = Attributes{}, nil
	rest := Diff(d, &Observed{})
	for _, c := range Plan(d, nil, rest) {
		c.Fields = []Field{Exists}
		p.calls = append(p.calls, c)
	}
	return p.calls
}

func (p *planner) update() {
	var c Call
	for _, f := range append(TextFields(), FlagFields()...) {
		if p.has(f) {
			c.Attributes.copyFrom(&p.desired.Attributes, f)
			c.Fields = append(c.Fields, f)
		}
	}
	if c.Fields == nil {
		return
	}
	c.Operation = UpdateTrail
	p.complete(&c.Attributes)
	p.add(c)
}

// complete adds what a change brings with it: the log group and its role come
// together, and making a trail multi-Region or not turns global service events on
// or off unless the same call says otherwise.
func (p *planner) complete(a *Attributes) {
	pairs := [][2]Field{
		{CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn},
		{CloudWatchLogsRoleArn, CloudWatchLogsLogGroupArn},
	}
	for _, pair := range pairs {
		changed, other := *a.Text(pair[0]), a.Text(pair[1])
		if changed == nil || *other != nil {
			continue
		}
		switch {
		case a.copyFrom(&p.desired.Attributes, pair[1]):
		case *changed == "":
			*other = changed
		default:
			a.copyFrom(&p.observed.Attributes, pair[1])
		}
	}
	if a.IsMultiRegionTrail != nil {
		a.IncludeGlobalServiceEvents = p.desired.IncludeGlobalServiceEvents
	}
}

func (p *planner) put() {
	if f := p.desired.selectorField(); p.has(f) {
		p.add(Call{Operation: PutEventSelectors, Fields: []Field{f}, Selectors: spelledOut(*p.desired.Selectors)})
	}
	if p.has(InsightSelectors) {
		p.add(Call{Operation: PutInsightSelectors, Fields: []Field{InsightSelectors}, Insights: p.desired.Insights})
	}
	if p.has(AggregationConfigurations) {
		p.add(Call{Operation: PutEventConfiguration, Fields: []Field{AggregationConfigurations}, Aggregations: p.desired.Aggregations})
	}
}

// spelledOut gives the default selectors in words: PutEventSelectors refuses to be
// called with none.
func spelledOut(s selectors.Set) selectors.Set {
	if len(s.Basic)+len(s.Advanced) > 0 {
		return s
	}
	yes := true
	return selectors.Set{Basic: []selectors.Basic{{ReadWriteType: "All", IncludeManagementEvents: &yes}}}
}

func (p *planner) tags() {
	if !p.has(Tags) {
		return
	}
	want, got := p.desired.tagDrift(p.observedTags())
	surplus := map[string]string{}
	for k, v := range got {
		if _, wanted := want[k]; !wanted {
			surplus[k] = v
		}
	}
	if len(surplus) > 0 {
		p.add(Call{Operation: RemoveTags, Fields: []Field{Tags}, Tags: surplus})
	}
	if len(want) > 0 {
		p.add(Call{Operation: AddTags, Fields: []Field{Tags}, Tags: want})
	}
}

func (p *planner) observedTags() map[string]string {
	if p.observed == nil {
		return nil
	}
	return p.observed.Tags
}

func (p *planner) logging() {
	if !p.has(IsLogging) {
		return
	}
	operation := StopLogging
	if *p.desired.IsLogging {
		operation = StartLogging
	}
	p.add(Call{Operation: operation, Fields: []Field{IsLogging}})
}
