// Package sigv4 reads, checks and makes AWS Signature Version 4.
//
// Three jobs, each usable alone: Parse reads who signed a request and for
// which Region and service; Verifier checks the signature against known
// secrets; OpenBody turns an aws-chunked body into the plain one.
//
// Source: "AWS Signature Version 4 for API requests" (IAM User Guide) and
// "Authenticating Requests (AWS Signature Version 4)" (Amazon S3 API Reference).
package sigv4

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	timeFormat = "20060102T150405Z"
	dateFormat = "20060102"
	terminator = "aws4_request"

	maxExpires = 7 * 24 * time.Hour
)

// ErrUnsigned says that a request carries no signature at all.
var ErrUnsigned = errors.New("request is not signed")

// Refusal is a request that AWS would refuse, with AWS's own error code.
type Refusal struct {
	Code    string // e.g. SignatureDoesNotMatch
	Message string
	Status  int // HTTP status
}

func (e *Refusal) Error() string { return e.Code + ": " + e.Message }

// Scope says who signed a request, when, and for what.
type Scope struct {
	AccessKeyID   string
	Date          string // YYYYMMDD of the credential scope
	Region        string
	Service       string // e.g. s3, cloudtrail, sts
	SessionToken  string // of temporary credentials, else empty
	SignedHeaders []string
	Signature     string
	Time          time.Time     // X-Amz-Date
	Expires       time.Duration // presigned requests only
	Presigned     bool
	Version2      bool // of the signature; then Time is that until which it is good
}

// Parse reads the signature of r from the Authorization header or, for a
// presigned URL, from the query. It returns ErrUnsigned if there is none and a
// *Refusal if it is malformed. It checks nothing.
func Parse(r *http.Request) (Scope, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		return parseHeader(r, h)
	}
	if q := r.URL.Query(); q.Has("X-Amz-Algorithm") || q.Has("X-Amz-Signature") {
		return parseQuery(q)
	} else if q.Has("AWSAccessKeyId") && r.Header.Get("X-Amz-Target") == "" && q.Get("Action") == "" {
		return parseVersion2(q)
	}
	return Scope{}, ErrUnsigned
}

func parseHeader(r *http.Request, h string) (Scope, error) {
	rest, ok := strings.CutPrefix(h, algorithm)
	if !ok || !strings.HasPrefix(rest, " ") {
		return Scope{}, malformed("unsupported authorization type")
	}
	fields := make(map[string]string)
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	date := r.Header.Get("X-Amz-Date")
	return newScope(fields, date, r.Header.Get("X-Amz-Security-Token"))
}

func parseQuery(q url.Values) (Scope, error) {
	if q.Get("X-Amz-Algorithm") != algorithm {
		return Scope{}, malformed("X-Amz-Algorithm only supports " + algorithm)
	}
	fields := map[string]string{
		"Credential":    q.Get("X-Amz-Credential"),
		"SignedHeaders": q.Get("X-Amz-SignedHeaders"),
		"Signature":     q.Get("X-Amz-Signature"),
	}
	s, err := newScope(fields, q.Get("X-Amz-Date"), q.Get("X-Amz-Security-Token"))
	if err != nil {
		return Scope{}, err
	}
	s.Presigned = true
	seconds, err := strconv.Atoi(q.Get("X-Amz-Expires"))
	s.Expires = time.Duration(seconds) * time.Second
	if err != nil || seconds < 0 || s.Expires > maxExpires {
		return Scope{}, malformed("X-Amz-Expires must be between 0 and 604800 seconds")
	}
	return s, nil
}

func newScope(fields map[string]string, date, token string) (Scope, error) {
	credential := strings.Split(fields["Credential"], "/")
	if len(credential) < 5 || credential[len(credential)-1] != terminator {
		return Scope{}, malformed(fmt.Sprintf("the credential %q is malformed; expecting \"<ACCESS_KEY>/YYYYMMDD/REGION/SERVICE/aws4_request\"", fields["Credential"]))
	}
	n := len(credential)
	s := Scope{
		AccessKeyID:  strings.Join(credential[:n-4], "/"),
		Date:         credential[n-4],
		Region:       credential[n-3],
		Service:      credential[n-2],
		SessionToken: token,
		Signature:    fields["Signature"],
	}
	if s.AccessKeyID == "" || s.Region == "" || s.Service == "" {
		return Scope{}, malformed("the credential names no access key, Region or service")
	}
	if fields["SignedHeaders"] == "" || s.Signature == "" {
		return Scope{}, malformed("SignedHeaders and Signature are required")
	}
	s.SignedHeaders = strings.Split(fields["SignedHeaders"], ";")
	when, err := time.Parse(timeFormat, date)
	if err != nil || when.Format(dateFormat) != s.Date {
		return Scope{}, malformed("X-Amz-Date is missing or not of the credential's date")
	}
	s.Time = when
	return s, nil
}

func malformed(why string) error {
	return &Refusal{Code: "AuthorizationHeaderMalformed", Message: "The authorization header is malformed; " + why, Status: http.StatusBadRequest}
}
