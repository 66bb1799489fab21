package trail

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

// For decides about one field: the field's own action, else the trail's, else
// the file's mode, else Report.
func (p Policy) For(f Field, mode Action) Action {
	for _, a := range []Action{p.Fields[f], p.Trail, mode} {
		if a != "" {
			return a
		}
	}
	return Report
}
