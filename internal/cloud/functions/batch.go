package functions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/internal/cloud/queues"
	"github.com/trailhand/trailhand/internal/cloud/template"
)

// sqsEvent is the payload that Lambda makes of a batch of messages.
// Source: AWS Lambda Developer Guide, "Using Lambda with Amazon SQS".
type sqsEvent struct {
	Records []sqsRecord `json:"Records"`
}

type sqsRecord struct {
	MessageID         string                  `json:"messageId"`
	ReceiptHandle     string                  `json:"receiptHandle"`
	Body              string                  `json:"body"`
	Attributes        map[string]string       `json:"attributes"`
	MessageAttributes map[string]sqsAttribute `json:"messageAttributes"`
	MD5OfBody         string                  `json:"md5OfBody"`
	EventSource       string                  `json:"eventSource"`
	EventSourceARN    string                  `json:"eventSourceARN"`
	AWSRegion         string                  `json:"awsRegion"`
}

type sqsAttribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         *string  `json:"dataType"`
}

func queueEvent(queueARN string, batch []queues.Message) ([]byte, error) {
	event := sqsEvent{Records: []sqsRecord{}}
	for _, m := range batch {
		event.Records = append(event.Records, sqsRecord{
			MessageID: m.ID, ReceiptHandle: m.ReceiptHandle, Body: m.Body, Attributes: m.Attributes,
			MessageAttributes: sqsAttributes(m.MessageAttributes), MD5OfBody: m.MD5OfBody,
			EventSource: "aws:sqs", EventSourceARN: queueARN, AWSRegion: strings.Split(queueARN, ":")[3],
		})
	}
	return json.Marshal(event)
}

func sqsAttributes(given map[string]types.MessageAttributeValue) map[string]sqsAttribute {
	out := map[string]sqsAttribute{}
	for name, a := range given {
		out[name] = sqsAttribute{
			StringValue: a.StringValue, BinaryValue: a.BinaryValue, DataType: a.DataType,
			StringListValues: []string{}, BinaryListValues: [][]byte{},
		}
	}
	return out
}

func allIDs(batch []queues.Message) []string {
	var out []string
	for _, m := range batch {
		out = append(out, m.ID)
	}
	return out
}

// failedIDs reads which messages of a batch a function failed on. As with
// Lambda, no answer is success of all, and an answer that is not understood, or
// names no message of the batch, is failure of all.
func failedIDs(m template.Mapping, answer []byte, batch []queues.Message) ([]string, error) {
	if !m.PartialResponses || len(bytes.TrimSpace(answer)) == 0 {
		return nil, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(answer, &fields); err != nil {
		return allIDs(batch), err
	}
	var failures []map[string]*string
	if list := fields["batchItemFailures"]; list != nil {
		if err := json.Unmarshal(list, &failures); err != nil {
			return allIDs(batch), fmt.Errorf("batchItemFailures: %w", err)
		}
	}
	var failed []string
	for _, f := range failures {
		id := f["itemIdentifier"]
		if id == nil || *id == "" {
			return allIDs(batch), errors.New("a batch item failure has no itemIdentifier")
		}
		if !slices.Contains(allIDs(batch), *id) {
			return allIDs(batch), fmt.Errorf("itemIdentifier %q is not in the batch", *id)
		}
		failed = append(failed, *id)
	}
	return failed, nil
}
