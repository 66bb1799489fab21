package cloud

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/pkg/events"
)

// publish puts an event on the bus of its Region, as EventBridge shapes it.
// Source: EventBridge User Guide, "AWS service events delivered via CloudTrail".
func (c *Cloud) publish(ctx context.Context, rec *events.Record) error {
	bus := c.buses.heard(rec.String(events.AWSRegion))
	if bus == nil {
		return nil
	}
	at, err := rec.Time()
	if err != nil {
		return err
	}
	envelope, err := events.Envelope{
		Version: "0", ID: uuid.NewString(), DetailType: detailType(rec), Source: eventBridgeSource(rec),
		Account: rec.String(events.RecipientAccountID), Time: at, Region: rec.String(events.AWSRegion), Resources: []string{}, Detail: rec.Raw(),
	}.Encode()
	if err != nil {
		return fmt.Errorf("envelope of %s: %w", rec.String(events.EventName), err)
	}
	return bus.Publish(ctx, envelope)
}

// eventBridgeSource is aws.s3 for s3.amazonaws.com. Insight events are CloudTrail's own.
func eventBridgeSource(rec *events.Record) string {
	if rec.Category() == events.Insight {
		return "aws.cloudtrail"
	}
	service, _, _ := strings.Cut(rec.String(events.EventSource), ".")
	return "aws." + service
}

func detailType(rec *events.Record) string {
	switch rec.Category() {
	case events.Insight:
		return "AWS Insight via CloudTrail"
	case events.NetworkActivity:
		return "AWS Network Activity Event via CloudTrail"
	}
	switch string(rec.Text(events.EventType)) {
	case "AwsConsoleSignIn":
		return "AWS Console Signin via CloudTrail"
	case "AwsConsoleAction":
		return "AWS Console Action via CloudTrail"
	case "AwsServiceEvent":
		return "AWS Service Event via CloudTrail"
	}
	return "AWS API Call via CloudTrail"
}
