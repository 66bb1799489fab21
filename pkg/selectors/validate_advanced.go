package selectors

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// rule is what CloudTrail asks of one field in the selectors of one category.
// The zero rule is an optional field with any operator and any values.
type rule struct {
	required  bool
	operators []string // allowed; nil means all
	values    []string // allowed; nil means all
	once      bool     // one value, in one field selector
}

// rules gives the fields that selectors of a category may look at. No rules
// means that there is no such category.
func rules(category string) map[string]rule {
	equalsOnly := []string{"Equals"}
	one := rule{required: true, once: true, operators: equalsOnly}
	truth := rule{operators: equalsOnly, values: []string{"true", "false"}}
	switch category {
	case "Management":
		return map[string]rule{
			"eventCategory": one,
			"readOnly":      truth,
			"eventSource":   {operators: []string{"NotEquals"}, values: excludableSources()},
		}
	case "Data":
		return map[string]rule{
			"eventCategory":                one,
			"resources.type":               one,
			"readOnly":                     truth,
			"eventName":                    {},
			"eventSource":                  {},
			"eventType":                    {},
			"resources.ARN":                {},
			"userIdentity.arn":             {},
			"sessionCredentialFromConsole": {operators: []string{"Equals", "NotEquals"}, values: []string{"true"}},
		}
	case "NetworkActivity":
		return map[string]rule{
			"eventCategory": one,
			"eventSource":   {required: true, operators: equalsOnly},
			"eventName":     {},
			"errorCode":     {operators: equalsOnly, values: []string{"VpceAccessDenied"}},
			"vpcEndpointId": {},
		}
	}
	return nil
}

func (a Advanced) validate(p *problems, where string) {
	if utf8.RuneCountInString(a.Name) > maxNameLength {
		p.add(where+".Name", "Specify a name of up to %d characters for an advanced event selector.", maxNameLength)
	}
	category := a.category()
	allowed := rules(category)
	if category == "" {
		p.add(where, "Field eventCategory is required, once, with one value for Equals.")
		return
	}
	if allowed == nil {
		p.value(where, category, "eventCategory", "Management", "Data", "NetworkActivity")
		return
	}
	for i, f := range a.FieldSelectors {
		at := fmt.Sprintf("%s.FieldSelectors[%d]", where, i)
		r, ok := allowed[f.Field]
		if !ok {
			p.add(at, "Field %s is not valid for the %s event category.", f.Field, category)
			continue
		}
		f.validate(p, at, r)
	}
	a.validateFields(p, where, allowed)
}

// category gives the one value that eventCategory must equal; empty if there
// is not exactly one field selector for it.
func (a Advanced) category() string {
	category := ""
	for _, f := range a.FieldSelectors {
		if f.Field == "eventCategory" {
			if len(f.Equals) != 1 || category != "" {
				return ""
			}
			category = f.Equals[0]
		}
	}
	return category
}

// validateFields checks that what is required is there, and once where it must
// be.
func (a Advanced) validateFields(p *problems, where string, allowed map[string]rule) {
	seen := map[string]int{}
	for _, f := range a.FieldSelectors {
		seen[f.Field]++
	}
	for f := range everyField.all() {
		name := f.String()
		r := allowed[name]
		if r.required && seen[name] == 0 {
			p.add(where, "Field %s is required for the %s event category.", name, a.category())
		}
		if r.once && seen[name] > 1 {
			p.add(where, "Field %s may be specified once in an advanced event selector.", name)
		}
	}
}

func (f FieldSelector) validate(p *problems, where string, r rule) {
	given := 0
	for i, list := range f.lists() {
		operator := operatorNames()[i]
		if *list == nil {
			continue
		}
		given++
		at := where + "." + operator
		if r.operators != nil && !slices.Contains(r.operators, operator) {
			p.add(at, "Operator %s is not valid for field %s.", operator, f.Field)
			continue
		}
		if len(*list) == 0 || r.once && len(*list) != 1 {
			p.add(at, "Specify a valid number of values for field %s.", f.Field)
		}
		f.validateValues(p, at, *list, r)
	}
	if given == 0 {
		p.add(where, "Specify at least one operator for field %s.", f.Field)
	}
}

func (f FieldSelector) validateValues(p *problems, where string, values []string, r rule) {
	for i, v := range values {
		at := fmt.Sprintf("%s[%d]", where, i)
		switch n := utf8.RuneCountInString(v); {
		case n < 1 || n > maxValueLength:
			p.add(at, "Specify a value of 1 to %d characters for field %s.", maxValueLength, f.Field)
		case r.values != nil:
			p.oneOf(at, v, f.Field, r.values...)
		case f.Field == "resources.type" && !knownType(v):
			p.value(at, v, f.Field)
		}
	}
}

// operatorNames gives the operators in the order of FieldSelector.lists.
func operatorNames() [6]string {
	return [6]string{"Equals", "StartsWith", "EndsWith", "NotEquals", "NotStartsWith", "NotEndsWith"}
}
