package queues

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"
)

// Outgoing is a message to send.
type Outgoing struct {
	Body            string
	GroupID         string // required of a FIFO queue
	DeduplicationID string // FIFO only
	// Delay hides the message at first. Nil: as long as the queue says.
	Delay       *time.Duration
	Attributes  map[string]types.MessageAttributeValue
	TraceHeader string
	SenderID    string
}

// sent is what a sender is told, and how a FIFO queue remembers it.
type sent struct {
	id       string
	sequence uint64
	key      string
	at       time.Time
}

// Send puts a message into a queue and returns its id. In a FIFO queue a
// duplicate of the last five minutes returns the first one's id.
func (q *Queues) Send(queue string, m Outgoing) (id string, err error) {
	s, err := q.send(queue, m)
	return s.id, err
}

// SendTo is Send for a body and, to a FIFO queue, a group. Its body is its
// deduplication id.
func (q *Queues) SendTo(queue, body, group string) error {
	m := Outgoing{Body: body, GroupID: group}
	if group != "" {
		m.DeduplicationID = contentID(body)
	}
	_, err := q.Send(queue, m)
	return err
}

func (q *Queues) send(queue string, m Outgoing) (sent, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	qu, err := q.find(queue)
	if err != nil {
		return sent{}, err
	}
	if err := qu.check(&m); err != nil {
		return sent{}, err
	}
	now := q.cfg.Now()
	if earlier := qu.duplicate(m, now); earlier != nil {
		return *earlier, nil
	}
	delay := qu.settings.delay
	if m.Delay != nil {
		delay = *m.Delay
	}
	s := qu.remember(m, now)
	sender := m.SenderID
	if sender == "" {
		sender = q.cfg.AccountID
	}
	qu.append(&message{
		id: s.id, body: m.Body, group: m.GroupID, dedup: m.DeduplicationID, traceID: m.TraceHeader,
		attributes: m.Attributes, sender: sender, sequence: s.sequence, sentAt: now, visibleAt: now.Add(delay),
	})
	return s, nil
}

// check refuses what SQS refuses, and fills in a content-based deduplication id.
func (qu *queue) check(m *Outgoing) error {
	switch {
	case m.Body == "":
		return fault(codeMissing, "The request must contain the parameter MessageBody.")
	case messageBytes(*m) > qu.settings.maxBytes:
		return fault(codeInvalidValue, "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", qu.settings.maxBytes)
	case !permitted(m.Body):
		return fault(codeInvalidContents, "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	case m.Delay != nil && (*m.Delay < 0 || *m.Delay > 15*time.Minute):
		return fault(codeInvalidValue, "Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", int(m.Delay.Seconds()))
	case !qu.settings.fifo && m.DeduplicationID != "":
		return fault(codeInvalidValue, "The request includes a parameter that is not valid for this queue type. MessageDeduplicationId is for FIFO queues.")
	case !qu.settings.fifo:
		return nil
	}
	return qu.checkFIFO(m)
}

func (qu *queue) checkFIFO(m *Outgoing) error {
	if m.GroupID == "" {
		return fault(codeMissing, "The request must contain the parameter MessageGroupId.")
	}
	if m.Delay != nil && *m.Delay > 0 {
		return fault(codeInvalidValue, "Value %d for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type.", int(m.Delay.Seconds()))
	}
	if m.DeduplicationID == "" && qu.settings.contentBased {
		m.DeduplicationID = contentID(m.Body)
	}
	if m.DeduplicationID == "" {
		return fault(codeInvalidValue, "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	}
	if len(m.GroupID) > 128 || len(m.DeduplicationID) > 128 {
		return fault(codeInvalidValue, "MessageGroupId and MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to 128 in length.")
	}
	return nil
}

// remember gives a message its id and sequence number.
func (qu *queue) remember(m Outgoing, now time.Time) sent {
	s := sent{id: uuid.NewString(), at: now}
	if qu.settings.fifo {
		qu.sequence++
		s.sequence, s.key = qu.sequence, qu.key(m)
		qu.seen[s.key] = &s
		qu.window = append(qu.window, &s)
	}
	return s
}

// duplicate finds the message that m repeats, within the window.
func (qu *queue) duplicate(m Outgoing, now time.Time) *sent {
	qu.forget(now)
	if !qu.settings.fifo {
		return nil
	}
	return qu.seen[qu.key(m)]
}

// forget lets go of what has left the window.
func (qu *queue) forget(now time.Time) {
	for len(qu.window) > 0 && now.Sub(qu.window[0].at) >= deduplicationWindow {
		delete(qu.seen, qu.window[0].key)
		qu.window = qu.window[1:]
	}
}

func (qu *queue) key(m Outgoing) string {
	if qu.settings.perGroup {
		return m.GroupID + "\x00" + m.DeduplicationID
	}
	return m.DeduplicationID
}

func contentID(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// messageBytes is what counts against the limit: the body and each message
// attribute's name, type and value.
func messageBytes(m Outgoing) int {
	n := len(m.Body)
	for name, a := range m.Attributes {
		n += len(name) + len(deref(a.DataType)) + len(deref(a.StringValue)) + len(a.BinaryValue)
	}
	return n
}

func permitted(body string) bool {
	if !utf8.ValidString(body) {
		return false
	}
	for _, r := range body {
		if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return true
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
