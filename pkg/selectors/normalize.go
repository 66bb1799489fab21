package selectors

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Normalize gives the one spelling of all Sets that say the same in the same
// kind of selector: defaults spelled out, values sorted and without
// duplicates, data resources and field selectors with the same subject merged,
// selectors sorted, equal ones once. No selectors at all become CloudTrail's
// default as a basic selector, as GetEventSelectors shows it. The names of
// advanced selectors are kept. s is not changed.
func Normalize(s Set) Set {
	var n Set
	for _, b := range s.Basic {
		n.Basic = append(n.Basic, b.normal())
	}
	for _, a := range s.Advanced {
		n.Advanced = append(n.Advanced, a.normal())
	}
	if len(n.Basic) == 0 && len(n.Advanced) == 0 {
		n.Basic = []Basic{Basic{}.normal()}
	}
	n.Basic = sortedOnce(n.Basic, Basic.compare)
	n.Advanced = sortedOnce(n.Advanced, Advanced.compare)
	return n
}

// Equal says whether two Sets say the same: neither order nor spelled-out
// defaults count. A basic and an advanced selector are never equal, whatever
// they take, because CloudTrail shows and replaces them apart.
func Equal(a, b Set) bool {
	return reflect.DeepEqual(Normalize(a), Normalize(b))
}

func (b Basic) normal() Basic {
	management := b.includesManagement()
	n := Basic{
		ReadWriteType:                 cmp.Or(b.ReadWriteType, readWriteAll),
		IncludeManagementEvents:       &management,
		ExcludeManagementEventSources: sortedValues(b.ExcludeManagementEventSources),
	}
	values := map[string][]string{}
	for _, d := range b.DataResources {
		values[d.Type] = append(values[d.Type], d.Values...)
	}
	for typ, vs := range values {
		n.DataResources = append(n.DataResources, DataResource{Type: typ, Values: normalValues(typ, vs)})
	}
	slices.SortFunc(n.DataResources, func(a, b DataResource) int { return cmp.Compare(a.Type, b.Type) })
	return n
}

// normalValues sorts ARNs; where one stands for every resource of the type,
// the others say nothing.
func normalValues(typ string, values []string) []string {
	for _, v := range values {
		if everyResource(typ, v) {
			partition, _, _ := cutARN(v)
			return []string{"arn:" + partition + ":" + serviceOf(typ)}
		}
	}
	return sortedValues(values)
}

func (a Advanced) normal() Advanced {
	n := Advanced{Name: a.Name}
	for _, f := range a.FieldSelectors {
		i := slices.IndexFunc(n.FieldSelectors, func(o FieldSelector) bool { return o.Field == f.Field })
		if i < 0 {
			i = len(n.FieldSelectors)
			n.FieldSelectors = append(n.FieldSelectors, FieldSelector{Field: f.Field})
		}
		n.FieldSelectors[i].merge(f)
	}
	slices.SortFunc(n.FieldSelectors, func(a, b FieldSelector) int { return cmp.Compare(a.Field, b.Field) })
	return n
}

func (f *FieldSelector) merge(o FieldSelector) {
	theirs := o.lists()
	for i, mine := range f.lists() {
		*mine = sortedValues(append(slices.Clone(*mine), *theirs[i]...))
	}
}

// lists gives the values of the six operators.
func (f *FieldSelector) lists() [6]*[]string {
	return [6]*[]string{&f.Equals, &f.StartsWith, &f.EndsWith, &f.NotEquals, &f.NotStartsWith, &f.NotEndsWith}
}

// sortedValues gives nil for no values.
func sortedValues(values []string) []string {
	if len(values) == 0 {
		return nil
	}
	return sortedOnce(slices.Clone(values), cmp.Compare[string])
}

func sortedOnce[T any](all []T, compare func(a, b T) int) []T {
	slices.SortFunc(all, compare)
	return slices.CompactFunc(all, func(a, b T) bool { return compare(a, b) == 0 })
}

func (b Basic) compare(o Basic) int {
	return cmp.Or(
		cmp.Compare(b.ReadWriteType, o.ReadWriteType),
		compareBools(b.includesManagement(), o.includesManagement()),
		slices.Compare(b.ExcludeManagementEventSources, o.ExcludeManagementEventSources),
		slices.CompareFunc(b.DataResources, o.DataResources, DataResource.compare),
	)
}

func (d DataResource) compare(o DataResource) int {
	return cmp.Or(cmp.Compare(d.Type, o.Type), slices.Compare(d.Values, o.Values))
}

func (a Advanced) compare(o Advanced) int {
	return cmp.Or(
		cmp.Compare(a.Name, o.Name),
		slices.CompareFunc(a.FieldSelectors, o.FieldSelectors, FieldSelector.compare),
	)
}

func (f FieldSelector) compare(o FieldSelector) int {
	theirs := o.lists()
	order := strings.Compare(f.Field, o.Field)
	for i, mine := range f.lists() {
		order = cmp.Or(order, slices.Compare(*mine, *theirs[i]))
	}
	return order
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
