package trail

import "cmp"

// Action is what to do about a drift.
type Action string

// The actions. The empty Action leaves the decision to what is further away.
const (
	Repair Action = "repair"
	Report Action = "report"
	Ignore Action = "ignore"
)

// Policy is the action of one trail and of its fields.
type Policy struct {
	Trail  Action
	Fields map[Field]Action
}

// Action decides about a drift of one field of a trail: the field's own action,
// else the trail's, else the spec's mode, else Report.
func (s Spec) Action(d Desired, f Field) Action {
	a := cmp.Or(d.Policy.Fields[f], d.Policy.Trail, s.Mode, Report)
	if s.ReportOnly && a == Repair {
		return Report
	}
	return a
}
