// Package recording turns calls into CloudTrail records of version 1.11.
//
// One table says of each operation whether it reads, and whether its events
// are management or data events; an operation that is not in the table is an
// error, never a guess. Source: CloudTrail User Guide, "CloudTrail record
// contents".
package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events"
)

// record is a CloudTrail record. The order of its fields is CloudTrail's.
type record struct {
	EventVersion        string          `json:"eventVersion"`
	UserIdentity        json.RawMessage `json:"userIdentity"`
	EventTime           string          `json:"eventTime"`
	EventSource         string          `json:"eventSource"`
	EventName           string          `json:"eventName"`
	AWSRegion           string          `json:"awsRegion"`
	SourceIPAddress     string          `json:"sourceIPAddress"`
	UserAgent           string          `json:"userAgent"`
	ErrorCode           string          `json:"errorCode,omitempty"`
	ErrorMessage        string          `json:"errorMessage,omitempty"`
	RequestParameters   any             `json:"requestParameters"`
	ResponseElements    any             `json:"responseElements"`
	AdditionalEventData map[string]any  `json:"additionalEventData,omitempty"`
	RequestID           string          `json:"requestID"`
	EventID             string          `json:"eventID"`
	ReadOnly            *bool           `json:"readOnly,omitempty"` // absent: not known
	Resources           []resource      `json:"resources,omitempty"`
	EventType           string          `json:"eventType"`
	APIVersion          string          `json:"apiVersion,omitempty"`
	ManagementEvent     bool            `json:"managementEvent"`
	RecipientAccountID  string          `json:"recipientAccountId"`
	EventCategory       string          `json:"eventCategory"`
	TLSDetails          *tlsDetails     `json:"tlsDetails,omitempty"`
}

type tlsDetails struct {
	Version     string `json:"tlsVersion"`
	CipherSuite string `json:"cipherSuite"`
	Host        string `json:"clientProvidedHostHeader"`
}

// Record gives the CloudTrail record of a call, on one line. Each has an
// eventID of its own. An operation that the table lacks gives ErrUnknownOperation.
func Record(call wire.Call) ([]byte, error) { return RecordAs(call, uuid.NewString()) }

// RecordAs is Record with the given eventID.
func RecordAs(call wire.Call, eventID string) ([]byte, error) {
	op, err := lookup(call)
	if err != nil {
		return nil, err
	}
	r := outline(call, op)
	r.EventID = eventID
	if r.RequestParameters, err = elements(call, call.Request); err != nil {
		return nil, fmt.Errorf("recording the request of %s: %w", call.EventName, err)
	}
	if op.answers && call.Fault == nil {
		if r.ResponseElements, err = elements(call, call.Response); err != nil {
			return nil, fmt.Errorf("recording the response of %s: %w", call.EventName, err)
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("recording %s: %w", call.EventName, err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// lookup asks the table, and for what the table lacks the endpoint that answered.
func lookup(call wire.Call) (Operation, error) {
	op, err := Lookup(call.EventSource, call.EventName)
	if err == nil || call.Foreign == nil {
		return op, err
	}
	known := call.Foreign.ReadOnly
	reads := known != nil && *known
	return Operation{ReadOnly: reads, Category: events.Management, answers: !reads, unknown: known == nil}, nil
}

// outline fills in all but what was asked and answered.
func outline(call wire.Call, op Operation) record {
	c := call.Caller
	r := record{
		EventVersion:        "1.11",
		UserIdentity:        c.Identity,
		EventTime:           call.Time.UTC().Format("2006-01-02T15:04:05Z"),
		EventSource:         call.EventSource,
		EventName:           call.EventName,
		AWSRegion:           c.Region,
		SourceIPAddress:     c.SourceIP,
		UserAgent:           c.UserAgent,
		AdditionalEventData: call.Additional,
		RequestID:           call.RequestID,
		Resources:           resourcesOf(call, op),
		EventType:           "AwsApiCall",
		APIVersion:          call.APIVersion,
		ManagementEvent:     op.Category == events.Management,
		RecipientAccountID:  c.AccountID,
		EventCategory:       op.Category.String(),
	}
	if len(c.Identity) == 0 { // an unsigned request, as S3 knows them
		r.UserIdentity = json.RawMessage(`{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}`)
	}
	if !op.unknown {
		r.ReadOnly = &op.ReadOnly
	}
	if f := call.Fault; f != nil {
		r.ErrorCode, r.ErrorMessage = f.Code, f.Message
	}
	if t := call.TLS; t != nil {
		r.TLSDetails = &tlsDetails{t.Version, t.CipherSuite, t.Host}
	}
	return r
}

// maxElements is the size in bytes beyond which CloudTrail leaves the
// parameters of a request, or of its answer, out of the record.
const maxElements = 100 << 10

// elements gives what was asked or answered as the record shows it: names in
// lower camel case, secrets hidden, and null for nothing at all.
func elements(call wire.Call, v any) (any, error) {
	tree, err := wire.Tree(v, name, when)
	if err != nil {
		return nil, err
	}
	object, _ := tree.(map[string]any)
	if len(object) == 0 {
		return nil, nil
	}
	hide(secrets(call), object)
	size, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	if len(size) > maxElements {
		return map[string]any{"omitted": true, "originalSize": len(size)}, nil
	}
	return object, nil
}

// name gives the name of an SDK struct's field in a record: its first letter
// is small, whatever follows (s3BucketName, mD5OfMessageBody, trailARN).
func name(_ reflect.Type, field string) string {
	return string(field[0]|0x20) + field[1:]
}

// when gives a time of a request or an answer as CloudTrail writes it.
func when(t time.Time) any { return t.UTC().Format("Jan 2, 2006, 3:04:05 PM") }
