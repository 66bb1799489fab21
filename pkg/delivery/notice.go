package delivery

import "strings"

// Notice says that an object was delivered.
type Notice struct {
	Bucket    string `json:"bucket"`
	Key       string `json:"key"` // as S3 has it: URL encoding is undone
	VersionID string `json:"versionId,omitempty"`
	ETag      string `json:"etag,omitempty"` // without quotes
	// Files, of a digest file that was verified in part, are the places in it of
	// the log files that are still to be checked; nil is all.
	Files []int `json:"files,omitempty"`
}

// String names the object for people: s3://bucket/key.
func (n Notice) String() string { return "s3://" + n.Bucket + "/" + n.Key }

// Message is one part of a payload that succeeds or fails by itself. Notices
// and Err may both be set: a bad entry does not stop the good ones beside it.
type Message struct {
	ID      string   // SQS messageId or SNS MessageId; empty if there is none
	Body    string   // the text that was read
	Notices []Notice // objects to read
	Ignored []string // what asks for nothing, such as S3's test message, in words
	Err     error    // what was not understood; wraps ErrUnknownShape
}

// Payload is what a function was invoked with.
type Payload struct {
	Queue    bool // from SQS: the answer is a partial batch response
	Messages []Message
}

// trimETag gives an entity tag without quotes.
func trimETag(s string) string { return strings.Trim(s, `"`) }
