package trail

import (
	"slices"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/selectors"
)

// requirement is one control of a profile.
type requirement struct {
	control string // as its authors number it
	field   Field
	kind    requirementKind
}

type requirementKind uint8

const (
	on         requirementKind = iota // the setting is on
	given                             // the setting is not empty; which value is for a person to say
	management                        // the selectors take every management event
	objects                           // the selectors take every S3 object event
)

// Profiles are the names of the built-in profiles: sets of requirements that a
// trail must at least meet. A trail's own settings that fall short of its profile
// are an error of the desired state; settings that it leaves open are filled in.
//
// https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html
// https://docs.aws.amazon.com/config/latest/developerguide/cloudtrail-security-trail-enabled.html
func Profiles() []string { return []string{"cis-l1", "cis-l2", "fsbp", "security-trail"} }

func requirements(profile string) []requirement {
	switch profile {
	case "cis-l1":
		return cisLevel1()
	case "cis-l2":
		return append(cisLevel1(),
			requirement{"CIS AWS Foundations 3.2", EnableLogFileValidation, on},
			requirement{"CIS AWS Foundations 3.5", KMSKeyID, given},
			requirement{"CIS AWS Foundations 3.8 and 3.9", EventSelectors, objects})
	case "fsbp":
		return []requirement{
			{"FSBP CloudTrail.1", IsMultiRegionTrail, on},
			{"FSBP CloudTrail.1", EventSelectors, management},
			{"FSBP CloudTrail.1", IsLogging, on},
			{"FSBP CloudTrail.2", KMSKeyID, given},
			{"FSBP CloudTrail.4", EnableLogFileValidation, on},
			{"FSBP CloudTrail.5", CloudWatchLogsLogGroupArn, given},
		}
	case "security-trail":
		const rule = "Config cloudtrail-security-trail-enabled"
		return []requirement{
			{rule, IsMultiRegionTrail, on}, {rule, IncludeGlobalServiceEvents, on}, {rule, EnableLogFileValidation, on},
			{rule, IsLogging, on}, {rule, KMSKeyID, given}, {rule, EventSelectors, management},
		}
	}
	return nil
}

func cisLevel1() []requirement {
	const control = "CIS AWS Foundations 3.1"
	return []requirement{
		{control, IsMultiRegionTrail, on}, {control, IncludeGlobalServiceEvents, on},
		{control, IsLogging, on}, {control, EventSelectors, management},
	}
}

// anyValue is wanted of a setting that must be given, whatever it is.
const anyValue = "any"

// required are the requirements of all profiles of a trail.
func (d *Desired) required() (all []requirement) {
	for _, name := range d.Profiles {
		all = append(all, requirements(name)...)
	}
	return all
}

// withProfiles gives the desired trail with what its profiles require of the
// settings that it leaves open. Selectors are only ever added to those observed.
func (d Desired) withProfiles(o *Observed) Desired {
	yes := true
	for _, q := range d.required() {
		switch {
		case q.kind == given:
		case q.field == IsLogging && d.IsLogging == nil:
			d.IsLogging = &yes
		case q.kind == on && d.Flag(q.field) != nil && *d.Flag(q.field) == nil:
			*d.Flag(q.field) = &yes
		case q.kind == management || q.kind == objects:
			d.widenSelectors(q, o)
		}
	}
	return d
}

func (d *Desired) widenSelectors(q requirement, o *Observed) {
	var have selectors.Set
	if o != nil {
		have = o.Selectors
	}
	if d.Selectors != nil {
		have = *d.Selectors
	}
	if q.takenBy(have) {
		return
	}
	wide := q.addTo(have)
	d.Selectors = &wide
}

// takenBy tells whether selectors take every event of a kind. The few fields that
// management selectors may look at make a probe of each combination exact.
func (q requirement) takenBy(s selectors.Set) bool {
	m, err := selectors.Compile(s)
	if err != nil {
		return false
	}
	for _, readOnly := range []bool{true, false} {
		for _, e := range q.probes(readOnly) {
			if !m.Match(&e) {
				return false
			}
		}
	}
	return true
}

func (q requirement) probes(readOnly bool) (probes []selectors.Event) {
	if q.kind == objects {
		return []selectors.Event{{
			Category: events.Data, EventSource: "s3.amazonaws.com", EventName: "GetObject", EventType: "AwsApiCall", ReadOnly: readOnly,
			Resources: []selectors.Resource{{Type: "AWS::S3::Object", ARN: "arn:aws:s3:::any-bucket/any/key"}},
		}}
	}
	for _, source := range []string{"ec2.amazonaws.com", "kms.amazonaws.com", "rdsdata.amazonaws.com"} {
		probes = append(probes, selectors.Event{
			Category: events.Management, EventSource: source, EventName: "Any", EventType: "AwsApiCall", ReadOnly: readOnly,
		})
	}
	return probes
}

// addTo adds a selector for the required events, of the kind that is there.
func (q requirement) addTo(s selectors.Set) selectors.Set {
	if len(s.Advanced) > 0 {
		return selectors.Set{Advanced: append(slices.Clone(s.Advanced), q.advanced())}
	}
	basic := spelledOut(s).Basic
	include := q.kind == management
	b := selectors.Basic{ReadWriteType: "All", IncludeManagementEvents: &include}
	if q.kind == objects {
		b.DataResources = []selectors.DataResource{{Type: "AWS::S3::Object", Values: []string{"arn:aws:s3"}}}
	}
	return selectors.Set{Basic: append(slices.Clone(basic), b)}
}

func (q requirement) advanced() selectors.Advanced {
	category := func(c string) selectors.FieldSelector {
		return selectors.FieldSelector{Field: "eventCategory", Equals: []string{c}}
	}
	if q.kind == management {
		return selectors.Advanced{Name: "All management events", FieldSelectors: []selectors.FieldSelector{category("Management")}}
	}
	return selectors.Advanced{Name: "All S3 object events", FieldSelectors: []selectors.FieldSelector{
		category("Data"), {Field: "resources.type", Equals: []string{"AWS::S3::Object"}},
	}}
}

// mark says of each drift which control wants the setting, and adds what a profile
// requires and only a person can give.
func (d *Desired) mark(drifts []Drift, o *Observed) []Drift {
	for _, q := range d.required() {
		f := q.field
		for i := range drifts {
			if drifts[i].Field == f || f == EventSelectors && drifts[i].Field == AdvancedEventSelectors {
				drifts[i].Why = q.control
			}
		}
		if q.kind == given && o != nil && *d.Text(f) == nil && value(*o.Text(f)) == "" {
			drifts = append(drifts, Drift{Field: f, Want: anyValue, Got: "", Why: q.control})
		}
	}
	return drifts
}

// shortOfProfile lists the controls that a trail's own settings contradict.
func (d *Desired) shortOfProfile() (short []requirement) {
	for _, q := range d.required() {
		if d.contradicts(q) {
			short = append(short, q)
		}
	}
	return short
}

func (d *Desired) contradicts(q requirement) bool {
	switch {
	case q.field == IsLogging:
		return d.IsLogging != nil && !*d.IsLogging
	case q.kind == on:
		own := *d.Flag(q.field)
		return own != nil && !*own
	case q.kind == given:
		own := *d.Text(q.field)
		return own != nil && *own == ""
	}
	return d.Selectors != nil && !q.takenBy(*d.Selectors)
}
