package events

// Category is the kind of event that a record is about.
type Category uint8

// The categories of CloudTrail events.
const (
	Management Category = iota
	Data
	Insight
	NetworkActivity
)

// String gives the category as eventCategory spells it.
func (c Category) String() string {
	switch c {
	case Data:
		return "Data"
	case Insight:
		return "Insight"
	case NetworkActivity:
		return "NetworkActivity"
	default:
		return "Management"
	}
}
