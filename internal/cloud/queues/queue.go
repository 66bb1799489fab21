package queues

import (
	"container/list"
	"maps"
	"slices"
	"strconv"
	"time"
)

// queue is one queue. Its owner's lock is held in every method.
type queue struct {
	name, arn         string
	attributes        map[string]string
	settings          settings
	tags              map[string]string
	created, modified time.Time

	waiting  *list.List // of *message, in the order of sending
	byID     map[string]*list.Element
	inFlight map[string]*message // received and perhaps visible again, by id

	sequence uint64
	seen     map[string]*sent // FIFO deduplication, by key
	window   []*sent          // the same, oldest first

	changed chan struct{} // closed and replaced at every change
	note    func(change)  // what happens to messages
}

// newQueue checks name and attributes.
func newQueue(name, arn string, attributes map[string]string, now time.Time) (*queue, error) {
	if err := checkName(name, attributes); err != nil {
		return nil, err
	}
	qu := &queue{
		name: name, arn: arn, created: now,
		attributes: defaultAttributes(attributes["FifoQueue"] == "true"),
		seen:       map[string]*sent{},
		changed:    make(chan struct{}),
		note:       func(change) {},
	}
	qu.clear()
	return qu, qu.configure(attributes, now)
}

// configure sets attributes; those that are not given stay.
func (qu *queue) configure(given map[string]string, now time.Time) error {
	all := maps.Clone(qu.attributes)
	for name, value := range given {
		if !slices.Contains(settable(), name) {
			return fault(codeInvalidAttributeName, "Unknown Attribute %s.", name)
		}
		all[name] = value
		if value == "" {
			delete(all, name)
		}
	}
	s, err := readSettings(all)
	if err != nil {
		return err
	}
	qu.attributes, qu.settings, qu.modified = all, s, now
	qu.wake()
	return nil
}

func settable() []string {
	return []string{
		"ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
		"KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod", "Policy",
		"ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
	}
}

// described returns all attributes, as GetQueueAttributes answers them.
func (qu *queue) described(now time.Time) map[string]string {
	out := maps.Clone(qu.attributes)
	d := qu.depth(now)
	out["QueueArn"] = qu.arn
	out["CreatedTimestamp"] = strconv.FormatInt(qu.created.Unix(), 10)
	out["LastModifiedTimestamp"] = strconv.FormatInt(qu.modified.Unix(), 10)
	out["ApproximateNumberOfMessages"] = strconv.Itoa(d.Visible)
	out["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(d.InFlight)
	out["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(d.Delayed)
	return out
}

func (qu *queue) depth(now time.Time) depth {
	var d depth
	for e := qu.waiting.Front(); e != nil; e = e.Next() {
		m := e.Value.(*message)
		switch {
		case !m.visibleAt.After(now):
			d.Visible++
		case m.receives > 0:
			d.InFlight++
		default:
			d.Delayed++
		}
	}
	return d
}

// wake lets every waiting receiver look again.
func (qu *queue) wake() {
	close(qu.changed)
	qu.changed = make(chan struct{})
}

func (qu *queue) clear() {
	qu.waiting = list.New()
	qu.byID = map[string]*list.Element{}
	qu.inFlight = map[string]*message{}
	qu.note(change{Queue: qu.name, Cleared: true})
	qu.wake()
}

func (qu *queue) append(m *message) {
	qu.byID[m.id] = qu.waiting.PushBack(m)
	saved := m.save()
	qu.note(change{Queue: qu.name, Put: &saved})
	qu.wake()
}

// hide hides a message, or shows it, and notes that, and how often it was received.
func (qu *queue) hide(m *message, until time.Time) {
	m.visibleAt = until
	saved := m.save()
	saved.Body, saved.Attributes = "", nil
	qu.note(change{Queue: qu.name, Put: &saved})
}

func (qu *queue) drop(m *message) {
	if e, ok := qu.byID[m.id]; ok {
		qu.waiting.Remove(e)
		delete(qu.byID, m.id)
		delete(qu.inFlight, m.id)
		qu.note(change{Queue: qu.name, Gone: m.id})
		qu.wake()
	}
}

// expire drops messages older than the retention period. They are in the order
// of sending, so it looks at the old ones only; a message moved here from
// another queue keeps its age and is found when it comes to the front.
func (qu *queue) expire(now time.Time) {
	for e := qu.waiting.Front(); e != nil; e = qu.waiting.Front() {
		m := e.Value.(*message)
		if now.Sub(m.sentAt) < qu.settings.retention {
			return
		}
		qu.drop(m)
	}
}
