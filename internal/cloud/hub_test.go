package cloud

import (
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

func TestCloudTrailsOwnDeliveriesAreToldByServiceAndNameAndWho(t *testing.T) {
	for _, c := range []struct {
		name, source, event, by string
		want                    bool
	}{
		{"a log file", "s3.amazonaws.com", "PutObject", "cloudtrail.amazonaws.com", true},
		{"log events", "logs.amazonaws.com", "PutLogEvents", "cloudtrail.amazonaws.com", true},
		{"another service's object", "s3.amazonaws.com", "PutObject", "config.amazonaws.com", false},
		{"another event", "s3.amazonaws.com", "GetBucketAcl", "cloudtrail.amazonaws.com", false},
		{"an object of a service that is not S3", "mediastore.amazonaws.com", "PutObject", "cloudtrail.amazonaws.com", false},
		{"the other's event", "logs.amazonaws.com", "PutObject", "cloudtrail.amazonaws.com", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec, err := events.Parse([]byte(`{"eventSource":"` + c.source + `","eventName":"` + c.event + `","userIdentity":{"type":"AWSService","invokedBy":"` + c.by + `"}}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := isOwnDelivery(&rec); got != c.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
