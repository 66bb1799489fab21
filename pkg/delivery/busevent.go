package delivery

import (
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// BusEvent gives a record as CloudTrail puts it on EventBridge, so that the
// patterns of EventBridge rules can be used on log files as they are. Detail
// shares the record's bytes.
//
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
func BusEvent(r *events.Record) events.Envelope {
	at, _ := r.Time() // zero where there is no time
	return events.Envelope{
		Version: "0", ID: r.String(events.EventID), DetailType: detailType(r), Source: busSource(r),
		Account: r.String(events.RecipientAccountID), Time: at, Region: r.String(events.AWSRegion),
		Resources: []string{}, Detail: r.Raw(),
	}
}

// busSource is "aws." and the service of the event source: aws.s3 of s3.amazonaws.com.
func busSource(r *events.Record) string {
	service, _, _ := strings.Cut(r.String(events.EventSource), ".")
	if service == "" {
		service = "cloudtrail" // of Insight events
	}
	return "aws." + service
}

func detailType(r *events.Record) string {
	switch string(r.Text(events.EventType)) {
	case "AwsConsoleSignIn", "AwsConsoleSignin":
		return "AWS Console Sign In via CloudTrail"
	case "AwsConsoleAction":
		return "AWS Console Action via CloudTrail"
	case "AwsServiceEvent":
		return "AWS Service Event via CloudTrail"
	case "AwsCloudTrailInsight":
		return "AWS Insight via CloudTrail"
	case "AwsVpceEvent":
		return "AWS Network Activity Event via CloudTrail"
	}
	return "AWS API Call via CloudTrail"
}
