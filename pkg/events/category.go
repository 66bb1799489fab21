package events

import "bytes"

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

// Category gives the kind of event: what eventCategory says, which every
// record since version 1.07 has. Older records have none; then, in this order,
// eventType AwsCloudTrailInsight is Insight, AwsVpceEvent is NetworkActivity,
// managementEvent true is Management and false is Data, a resource of a data
// type (an S3 object, a Lambda function that is invoked, …) is Data, and all
// else is Management. So is an eventCategory that has not been heard of.
func (r *Record) Category() Category {
	switch string(r.Text(EventCategory)) {
	case "Management":
		return Management
	case "Data":
		return Data
	case "Insight":
		return Insight
	case "NetworkActivity":
		return NetworkActivity
	case "":
		return r.oldCategory()
	}
	return Management
}

// oldCategory is the rule for records without eventCategory.
func (r *Record) oldCategory() Category {
	switch string(r.Text(EventType)) {
	case "AwsCloudTrailInsight":
		return Insight
	case "AwsVpceEvent":
		return NetworkActivity
	}
	switch string(r.Text(ManagementEvent)) {
	case "true":
		return Management
	case "false":
		return Data
	}
	category := Management
	r.EachResource(func(typ, _ []byte) bool {
		if dataType(typ) {
			category = Data
		}
		return category == Management
	})
	return category
}

// dataType says whether only data events name a resource of this type. Data
// events before version 1.06 were those of S3 objects, Lambda invocations and
// DynamoDB items; AWS::Lambda::Function and AWS::DynamoDB::Table stand in
// management records too, AWS::S3::Object does not.
func dataType(typ []byte) bool {
	return bytes.Equal(typ, []byte("AWS::S3::Object"))
}
