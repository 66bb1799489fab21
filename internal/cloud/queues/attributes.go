package queues

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	maxMessageBytes     = 1 << 20
	deduplicationWindow = 5 * time.Minute
)

// settings are a queue's attributes, read.
type settings struct {
	fifo         bool
	contentBased bool // deduplication
	perGroup     bool // deduplication
	delay        time.Duration
	visibility   time.Duration
	retention    time.Duration
	receiveWait  time.Duration
	maxBytes     int
	deadLetter   string // ARN; empty: none
	maxReceives  int
}

func defaultAttributes(fifo bool) map[string]string {
	out := map[string]string{
		"DelaySeconds":                  "0",
		"MaximumMessageSize":            strconv.Itoa(maxMessageBytes),
		"MessageRetentionPeriod":        "345600",
		"ReceiveMessageWaitTimeSeconds": "0",
		"VisibilityTimeout":             "30",
		"SqsManagedSseEnabled":          "true",
	}
	if fifo {
		out["FifoQueue"] = "true"
		out["ContentBasedDeduplication"] = "false"
		out["DeduplicationScope"] = "queue"
		out["FifoThroughputLimit"] = "perQueue"
	}
	return out
}

func checkName(name string, attributes map[string]string) error {
	base, suffixed := strings.CutSuffix(name, ".fifo")
	if len(name) > 80 || !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(base) {
		return fault(codeInvalidValue, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
	}
	if fifo := attributes["FifoQueue"] == "true"; fifo != suffixed {
		return fault(codeInvalidValue, "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	}
	return nil
}

// readSettings reads a whole set of attributes.
func readSettings(attributes map[string]string) (settings, error) {
	var s settings
	s.fifo = attributes["FifoQueue"] == "true"
	s.contentBased = attributes["ContentBasedDeduplication"] == "true"
	s.perGroup = attributes["DeduplicationScope"] == "messageGroup"
	for _, f := range []struct {
		name     string
		min, max int
		set      func(n int)
	}{
		{"DelaySeconds", 0, 900, func(n int) { s.delay = seconds(n) }},
		{"MaximumMessageSize", 1024, maxMessageBytes, func(n int) { s.maxBytes = n }},
		{"MessageRetentionPeriod", 60, 1209600, func(n int) { s.retention = seconds(n) }},
		{"ReceiveMessageWaitTimeSeconds", 0, 20, func(n int) { s.receiveWait = seconds(n) }},
		{"VisibilityTimeout", 0, 43200, func(n int) { s.visibility = seconds(n) }},
	} {
		n, err := strconv.Atoi(attributes[f.name])
		if err != nil || n < f.min || n > f.max {
			return s, fault(codeInvalidAttributeValue, "Invalid value for the parameter %s.", f.name)
		}
		f.set(n)
	}
	return s, s.readRedrive(attributes["RedrivePolicy"])
}

// readRedrive reads {"deadLetterTargetArn":"…","maxReceiveCount":5}; the count
// may be a text, as the console and some tools write it.
func (s *settings) readRedrive(text string) error {
	if text == "" {
		return nil
	}
	var policy struct {
		DeadLetterTargetARN string          `json:"deadLetterTargetArn"`
		MaxReceiveCount     json.RawMessage `json:"maxReceiveCount"`
	}
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return fault(codeInvalidAttributeValue, "Value %s for parameter RedrivePolicy is invalid. Reason: Redrive policy is not a valid JSON map.", text)
	}
	n, err := strconv.Atoi(strings.Trim(string(policy.MaxReceiveCount), `"`))
	if err != nil || n < 1 || n > 1000 {
		return fault(codeInvalidAttributeValue, "Value %s for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: %s, valid values are from 1 to 1000 both inclusive.", text, policy.MaxReceiveCount)
	}
	s.deadLetter, s.maxReceives = policy.DeadLetterTargetARN, n
	return nil
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
