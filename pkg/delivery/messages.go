package delivery

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// Messages reads what a function was invoked with: an S3 notification,
// EventBridge's Object Created, SNS around S3's or CloudTrail's own message,
// SQS around any of them, an item or a batch of a Step Functions Distributed
// Map, or {"bucket":…,"key":…}. Key names match exactly; unknown ones are ignored.
//
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/configure-sns-notifications-for-cloudtrail.html
func Messages(payload []byte) Payload {
	records, source := envelopes(payload)
	switch source {
	case "aws:sqs":
		return Payload{Queue: true, Messages: unwrap(records, "messageId", "body", queued)}
	case "aws:sns":
		return Payload{Messages: unwrap(records, "MessageId", "Message", told)}
	}
	return Payload{Messages: []Message{message("", string(payload))}}
}

// envelopes tells what wraps the messages, if anything: the records' eventSource,
// which SNS spells EventSource.
func envelopes(payload []byte) ([]json.RawMessage, string) {
	o, err := parseObject(payload)
	if err != nil {
		return nil, ""
	}
	records, err := o.list("Records")
	if err != nil {
		return nil, ""
	}
	for _, raw := range records {
		r, _ := parseObject(raw)
		if source := cmp.Or(r.text("eventSource"), r.text("EventSource")); source != "" {
			return records, source
		}
	}
	return nil, ""
}

// queued and told find the fields of one record of SQS and of SNS.
func queued(record object) (object, error) { return record, nil }

func told(record object) (object, error) { return record.object("Sns") }

// unwrap reads the message in each record: a string field beside its id.
func unwrap(records []json.RawMessage, id, field string, find func(object) (object, error)) []Message {
	all := make([]Message, 0, len(records))
	for _, raw := range records {
		o, err := parseObject(raw)
		if err == nil {
			o, err = find(o)
		}
		if err == nil && !o.isString(field) {
			err = fmt.Errorf("%w: %q is no string in %s", ErrUnknownShape, field, o)
		}
		if err != nil {
			all = append(all, Message{ID: o.text(id), Body: string(raw), Err: err})
			continue
		}
		all = append(all, message(o.text(id), o.text(field)))
	}
	return all
}

// message reads one body.
func message(id, body string) Message {
	m := Message{ID: id, Body: body}
	m.read(body, 0)
	return m
}

// maxWraps bounds how often SNS may be wrapped in SNS.
const maxWraps = 3

func (m *Message) read(body string, wraps int) {
	if body == "CloudTrail validation message." {
		m.ignore(body)
		return
	}
	o, err := parseObject([]byte(body))
	if err != nil {
		m.fail(err)
		return
	}
	switch {
	case o.text("Event") == "s3:TestEvent":
		m.ignore("S3 test message for bucket " + o.text("Bucket"))
	case o.has("Records"):
		m.records(o)
	case o.has("detail-type"):
		m.eventBridge(o)
	case o.has("s3Bucket"):
		m.cloudTrail(o)
	case o.has("TopicArn") && o.has("Type"):
		m.sns(o, wraps)
	case o.has("Items"):
		m.items(o)
	case o.has("bucket") && o.has("key"):
		m.direct(o)
	default:
		m.fail(unknown(o))
	}
}

func (m *Message) ignore(what string) { m.Ignored = append(m.Ignored, what) }

func (m *Message) fail(err error) { m.Err = errors.Join(m.Err, err) }

// notice takes an object that is named in full.
func (m *Message) notice(n Notice, from object) {
	if n.Bucket == "" || n.Key == "" {
		m.fail(fmt.Errorf("%w: no bucket or no key in %s", ErrUnknownShape, from))
		return
	}
	m.Notices = append(m.Notices, n)
}

// sns reads the envelope that SNS puts around a message unless delivery is raw.
func (m *Message) sns(o object, wraps int) {
	switch kind := o.text("Type"); {
	case kind == "SubscriptionConfirmation" || kind == "UnsubscribeConfirmation":
		m.ignore("SNS " + kind + " of " + o.text("TopicArn"))
	case kind != "Notification" || !o.isString("Message"):
		m.fail(unknown(o))
	case wraps >= maxWraps:
		m.fail(fmt.Errorf("%w: SNS messages nested %d deep", ErrUnknownShape, wraps+1))
	default:
		m.read(o.text("Message"), wraps+1)
	}
}
