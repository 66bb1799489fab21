package cloud

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/buckets"
	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// notify sends the bucket notifications that the template asks for.
// Source: Amazon S3 User Guide, "Event message structure".
func (c *Cloud) notify(o buckets.ObjectEvent) {
	for _, n := range c.wiring.Notifications {
		if !wanted(n, o) {
			continue
		}
		body, err := json.Marshal(notification(o))
		if err == nil {
			_, err = c.queues.Send(n.QueueARN, queues.Outgoing{Body: string(body)})
		}
		if err != nil {
			c.cfg.Log.Error("sending a bucket notification", "bucket", o.Bucket, "key", o.Key, "queue", n.QueueARN, "error", err)
		}
	}
}

func wanted(n template.Notification, o buckets.ObjectEvent) bool {
	event, wildcard := strings.CutSuffix(strings.TrimPrefix(n.Event, "s3:"), "*")
	matches := event == o.EventName || wildcard && strings.HasPrefix(o.EventName, event)
	return matches && n.Bucket == o.Bucket && strings.HasPrefix(o.Key, n.Prefix) && strings.HasSuffix(o.Key, n.Suffix)
}

type s3Notification struct {
	Records []s3Record `json:"Records"`
}

type s3Record struct {
	EventVersion string   `json:"eventVersion"`
	EventSource  string   `json:"eventSource"`
	AWSRegion    string   `json:"awsRegion"`
	EventTime    string   `json:"eventTime"`
	EventName    string   `json:"eventName"`
	S3           s3Entity `json:"s3"`
}

type s3Entity struct {
	SchemaVersion string   `json:"s3SchemaVersion"`
	Bucket        s3Bucket `json:"bucket"`
	Object        s3Object `json:"object"`
}

type s3Bucket struct {
	Name string `json:"name"`
	ARN  string `json:"arn"`
}

type s3Object struct {
	Key       string `json:"key"` // URL-encoded, a space as +
	Size      int64  `json:"size"`
	ETag      string `json:"eTag"`
	VersionID string `json:"versionId,omitempty"`
	Sequencer string `json:"sequencer"`
}

func notification(o buckets.ObjectEvent) s3Notification {
	return s3Notification{Records: []s3Record{{
		EventVersion: "2.1", EventSource: "aws:s3", AWSRegion: o.Region,
		EventTime: o.Time.UTC().Format("2006-01-02T15:04:05.000Z"), EventName: o.EventName,
		S3: s3Entity{
			SchemaVersion: "1.0",
			Bucket:        s3Bucket{Name: o.Bucket, ARN: "arn:aws:s3:::" + o.Bucket},
			Object:        s3Object{Key: strings.ReplaceAll(url.QueryEscape(o.Key), "%2F", "/"), Size: o.Size, ETag: o.ETag, VersionID: o.VersionID, Sequencer: o.Sequencer},
		},
	}}}
}
