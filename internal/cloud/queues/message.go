package queues

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Message is a received message. Attributes has all system attributes
// (SentTimestamp, ApproximateReceiveCount, MessageGroupId, …) by SQS's names.
type Message struct {
	ID                string
	ReceiptHandle     string
	Body              string
	MD5OfBody         string
	Attributes        map[string]string
	MessageAttributes map[string]types.MessageAttributeValue
}

// message is one message in a queue.
type message struct {
	id         string
	body       string
	group      string
	dedup      string
	traceID    string
	attributes map[string]types.MessageAttributeValue
	sender     string
	source     string // ARN of the queue that it was moved from
	sequence   uint64
	sentAt     time.Time
	firstAt    time.Time // first receive
	visibleAt  time.Time
	receives   int
}

// received is what a receiver gets.
func (m *message) received(queue string) Message {
	return Message{
		ID: m.id, ReceiptHandle: handle{queue, m.id, m.receives}.String(), Body: m.body, MD5OfBody: md5Hex(m.body),
		Attributes: m.systemAttributes(), MessageAttributes: m.attributes,
	}
}

func (m *message) systemAttributes() map[string]string {
	out := map[string]string{
		"ApproximateReceiveCount":          strconv.Itoa(m.receives),
		"SentTimestamp":                    strconv.FormatInt(m.sentAt.UnixMilli(), 10),
		"SenderId":                         m.sender,
		"ApproximateFirstReceiveTimestamp": strconv.FormatInt(m.firstAt.UnixMilli(), 10),
	}
	for name, value := range map[string]string{
		"MessageGroupId": m.group, "MessageDeduplicationId": m.dedup,
		"AWSTraceHeader": m.traceID, "DeadLetterQueueSourceArn": m.source,
	} {
		if value != "" {
			out[name] = value
		}
	}
	if m.sequence > 0 {
		out["SequenceNumber"] = sequenceNumber(m.sequence)
	}
	return out
}

// sequenceNumber is 20 digits, as SQS's are, so that they also sort as text.
func sequenceNumber(n uint64) string {
	text := strconv.FormatUint(n, 10)
	return "188" + strings.Repeat("0", 17-len(text)) + text
}

// handle is one receipt of a message: the message and which receipt it was.
type handle struct {
	queue    string
	id       string
	receives int
}

func (h handle) String() string {
	return base64.StdEncoding.EncodeToString([]byte(h.queue + " " + h.id + " " + strconv.Itoa(h.receives)))
}

func parseHandle(queue, text string) (handle, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	parts := strings.Split(string(raw), " ")
	if err == nil && len(parts) == 3 && parts[0] == queue {
		if n, err := strconv.Atoi(parts[2]); err == nil {
			return handle{queue, parts[1], n}, nil
		}
	}
	return handle{}, fault(codeInvalidHandle, "The input receipt handle %q is not a valid receipt handle.", text)
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
