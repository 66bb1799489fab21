package delivery

import (
	"bytes"
	"fmt"

	"github.com/trailhand/trailhand/pkg/events"
)

// Notification is the fault of a record of S3, SQS, SNS and the like: their
// messages have Records as log files do, and come to be in their place.
const Notification events.Fault = "a notification"

// foreign says that a record is none of CloudTrail's. The eventSource of these
// is a service's host name, and that of a notification "aws:s3"; SNS spells the
// key another way. It is nil for everything else, odd as it may be.
func foreign(r *events.Record, index int) error {
	source := r.Text(events.EventSource)
	if source == nil && r.Text(events.EventName) == nil && r.Text(events.EventID) == nil {
		o, err := parseObject(r.Raw())
		if err != nil {
			return nil // it was scanned: what encoding/json refuses is no notification
		}
		source = []byte(o.text("EventSource"))
	}
	if !bytes.HasPrefix(source, []byte("aws:")) {
		return nil
	}
	return &events.RecordError{Index: index, Fault: Notification, Err: fmt.Errorf("it is of %q, not of CloudTrail", source)}
}
