// Package wire speaks the AWS JSON protocols, 1.0 and 1.1, for the services
// that the embedded cloud answers itself.
//
// A Service maps operation names to functions over the SDK's own Input and
// Output structs. Serve reads a request, runs its operation, writes the
// answer, and returns a Call: what happened, for CloudTrail to record.
//
// The protocols are described in the Smithy documentation of
// aws.protocols#awsJson1_0 and aws.protocols#awsJson1_1.
package wire

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// A Caller is who sent a request, as the signature and the connection say.
type Caller struct {
	AccessKeyID string
	AccountID   string
	Region      string // from the signature's credential scope, such as us-east-2
	Service     string // from the signature's credential scope, such as cloudtrail
	ARN         string
	UserID      string // principal id, such as AIDAEXAMPLE
	UserAgent   string
	SourceIP    string

	// Identity is the userIdentity object as CloudTrail writes it.
	Identity json.RawMessage
}

// A Fault is an exception that a service answers with.
type Fault struct {
	Code    string // such as TrailNotFoundException
	Message string
	Status  int // of HTTP; 0 stands for 400

	// QueryCode is the code that the same fault had in the service's older
	// query protocol, such as AWS.SimpleQueueService.NonExistentQueue.
	// Clients that ask for it (x-amzn-query-mode) are told it.
	QueryCode string
}

// IsFault reports whether an error is the Fault of a code.
func IsFault(err error, code string) bool {
	f, is := errors.AsType[*Fault](err)
	return is && f.Code == code
}

// Error gives the code and the message.
func (f *Fault) Error() string { return f.Code + ": " + f.Message }

func (f *Fault) status() int {
	if f.Status == 0 {
		return http.StatusBadRequest
	}
	return f.Status
}

// A Resource is a resource that a call concerned.
type Resource struct {
	Type      string // such as AWS::S3::Object
	ARN       string
	AccountID string // of the owner; empty where not known
}

// TLS describes the connection of a call that came over TLS.
type TLS struct {
	Version     string // such as TLSv1.3
	CipherSuite string // such as TLS_AES_128_GCM_SHA256
	Host        string // as the client gave it
}

// A Call is one request and what came of it. It becomes a CloudTrail record.
type Call struct {
	Time        time.Time
	Caller      Caller
	EventSource string // such as cloudtrail.amazonaws.com
	EventName   string // empty if the request named no operation of the service
	RequestID   string

	// Request and Response are the SDK's Input and Output structs, or
	// anything that encodes as a JSON object. Response is nil if Fault is set.
	Request  any
	Response any
	Fault    *Fault

	// Err is the defect behind an InternalFailure, which the caller is not told.
	Err error

	TLS        *TLS
	APIVersion string         // as the record names it; often empty
	Resources  []Resource     // beyond those that the request's own fields name
	Additional map[string]any // additionalEventData

	// Foreign describes an operation of a service that the cloud does not serve
	// itself. Request and Response are then as the record shows them.
	Foreign *Foreign
}

// Foreign is what is known of an operation that another endpoint answered.
type Foreign struct {
	ReadOnly *bool                   // nil: not known
	Secret   func(field string) bool // of a field as the record names it; may be nil
}
