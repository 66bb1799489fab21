// Package tokens is the STS of the embedded cloud, and knows who is behind an access key.
package tokens

import (
	"encoding/json"
	"time"
)

// Identity is who acts when a request is signed with an access key.
type Identity struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string // of temporary credentials
	AccountID       string
	ARN             string
	UserID          string          // AIDA…, or AROA…:session
	UserIdentity    json.RawMessage // the element of a CloudTrail record
	Expires         time.Time       // zero: never
}
