package selectors

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Limits of the selectors of one trail.
const (
	maxBasic         = 5
	maxDataResources = 250
	maxValues        = 500
	maxNameLength    = 1000
	maxValueLength   = 2048
)

// Validate checks a Set against CloudTrail's rules. The error joins an
// [*InvalidError] for each rule that is broken; errors.As finds the first,
// whose Message is the answer of CloudTrail. An empty Set is valid: it is the
// default.
func (s Set) Validate() error {
	var p problems
	if len(s.Basic) > 0 && len(s.Advanced) > 0 {
		p.add("", "You can use either EventSelectors or AdvancedEventSelectors, but not both.")
	}
	if len(s.Basic) > maxBasic {
		p.add("EventSelectors", "Specify a valid number of selectors (1 to %d) for your trail.", maxBasic)
	}
	if s.dataResources() > maxDataResources {
		p.add("EventSelectors", "Specify a valid number of DataResources.Values (0 to %d) for all your selectors.", maxDataResources)
	}
	for i, b := range s.Basic {
		b.validate(&p, fmt.Sprintf("EventSelectors[%d]", i))
	}
	if s.values() > maxValues {
		p.add("AdvancedEventSelectors", "Specify up to %d values for all conditions in all advanced event selectors for a trail.", maxValues)
	}
	for i, a := range s.Advanced {
		a.validate(&p, fmt.Sprintf("AdvancedEventSelectors[%d]", i))
	}
	return errors.Join(p...)
}

// problems collects the rules that are broken.
type problems []error

func (p *problems) add(where, message string, args ...any) {
	*p = append(*p, &InvalidError{Where: where, Message: fmt.Sprintf(message, args...)})
}

// value reports one value, the way CloudTrail words it.
func (p *problems) value(where, value, parameter string, valid ...string) {
	message := fmt.Sprintf("Value %s for %s is invalid.", value, parameter)
	if len(valid) > 0 {
		message += " Valid values are: " + strings.Join(valid, ", ")
	}
	p.add(where, "%s", message)
}

// dataResources counts the values of the data resources. Those that stand for
// every resource of a type do not count.
func (s Set) dataResources() int {
	n := 0
	for _, b := range s.Basic {
		for _, d := range b.DataResources {
			for _, v := range d.Values {
				if !everyResource(d.Type, v) {
					n++
				}
			}
		}
	}
	return n
}

// values counts the values of all conditions.
func (s Set) values() int {
	n := 0
	for _, a := range s.Advanced {
		for _, f := range a.FieldSelectors {
			for _, list := range f.lists() {
				n += len(*list)
			}
		}
	}
	return n
}

func (b Basic) validate(p *problems, where string) {
	if b.ReadWriteType != "" {
		p.oneOf(where+".ReadWriteType", b.ReadWriteType, "ReadWriteType", readWriteAll, readOnlyType, writeOnly)
	}
	if !b.includesManagement() && len(b.DataResources) == 0 {
		p.add(where, "Invalid combination of parameters in EventSelectors. When includeManagementEvents is false, DataResources must not be empty.")
	}
	for i, source := range b.ExcludeManagementEventSources {
		at := fmt.Sprintf("%s.ExcludeManagementEventSources[%d]", where, i)
		p.oneOf(at, source, "ExcludeManagementEventSources", excludableSources()...)
	}
	for i, d := range b.DataResources {
		d.validate(p, fmt.Sprintf("%s.DataResources[%d]", where, i))
	}
}

func (p *problems) oneOf(where, value, parameter string, valid ...string) {
	if !slices.Contains(valid, value) {
		p.value(where, value, parameter, valid...)
	}
}

// excludableSources gives the event sources whose management events a trail
// may leave out.
func excludableSources() []string { return []string{"kms.amazonaws.com", "rdsdata.amazonaws.com"} }

func (d DataResource) validate(p *problems, where string) {
	if serviceOf(d.Type) == "" {
		p.value(where+".Type", d.Type, "DataResources.Type", dynamoDBTable, lambdaFunction, s3Object)
		return
	}
	for i, v := range d.Values {
		if !validResource(d.Type, v) {
			p.value(fmt.Sprintf("%s.Values[%d]", where, i), v, "DataResources.Values")
		}
	}
}

// validResource says whether a value names resources of its type: all of them,
// objects of a bucket (the slash after the bucket is needed), or one function
// or table.
func validResource(typ, value string) bool {
	if everyResource(typ, value) {
		return true
	}
	_, rest, ok := cutARN(value)
	if !ok {
		return false
	}
	if typ == s3Object {
		bucket, _, ok := strings.Cut(strings.TrimPrefix(rest, "s3:::"), "/")
		return ok && strings.HasPrefix(rest, "s3:::") && validBucket(bucket)
	}
	parts := strings.Split(rest, ":") // service:region:account:resource
	if len(parts) < 4 || parts[0] != serviceOf(typ) || parts[1] == "" || parts[2] == "" {
		return false
	}
	resource := strings.Join(parts[3:], ":")
	if typ == lambdaFunction {
		return hasNameAfter(resource, "function:")
	}
	return hasNameAfter(resource, "table/")
}

func hasNameAfter(s, prefix string) bool {
	name, ok := strings.CutPrefix(s, prefix)
	return ok && name != "" && !strings.Contains(name, "*")
}

func validBucket(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
	return name != "" && strings.TrimLeft(name, letters) == ""
}
