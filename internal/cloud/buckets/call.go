package buckets

import (
	"crypto/tls"
	"net/http"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	objectType = "AWS::S3::Object"
	bucketType = "AWS::S3::Bucket"
)

// call tells what happened, as CloudTrail records it: the parameters are those of the
// query and the headers that say what was asked, under their names on the wire.
func (x *exchange) call() wire.Call {
	c := wire.Call{
		Time: x.cfg.Now(), Caller: x.caller, EventSource: "s3.amazonaws.com", EventName: x.operation, RequestID: x.requestID,
		Request: x.parameters(), Fault: x.fault, Err: x.err, TLS: tlsOf(x.r), Resources: x.resources(), Additional: x.additional(),
	}
	c.Caller.UserAgent = "[" + x.caller.UserAgent + "]" // as S3, alone among the services, has it
	if x.fault == nil {
		if elements := x.responseElements(); len(elements) > 0 {
			c.Response = elements
		}
	}
	return c
}

func (x *exchange) parameters() map[string]any {
	p := map[string]any{"Host": x.r.Host}
	if x.bucket != "" {
		p["bucketName"] = x.bucket
	}
	if x.key != "" {
		p["key"] = x.key
	}
	for name, values := range x.query {
		if name != "x-id" {
			p[name] = strings.Join(values, ",")
		}
	}
	for _, name := range []string{"x-amz-acl", "x-amz-copy-source", "x-amz-storage-class", "x-amz-server-side-encryption", "if-match", "if-none-match"} {
		if value := x.r.Header.Get(name); value != "" {
			p[name] = value
		}
	}
	for name, value := range x.documents {
		p[name] = value
	}
	return p
}

// responseElements is what CloudTrail keeps of an answer to a write.
func (x *exchange) responseElements() map[string]any {
	elements := make(map[string]any)
	if x.r.Method == http.MethodGet || x.r.Method == http.MethodHead {
		return elements
	}
	for name, values := range x.header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") && lower != "x-amz-request-id" && lower != "x-amz-id-2" {
			elements[lower] = strings.Join(values, ",")
		}
	}
	return elements
}

func (x *exchange) resources() []wire.Resource {
	if x.bucket == "" {
		return nil
	}
	bucket := wire.Resource{Type: bucketType, ARN: bucketARN(x.bucket), AccountID: x.cfg.AccountID}
	if x.key == "" {
		return []wire.Resource{bucket}
	}
	return []wire.Resource{{Type: objectType, ARN: bucket.ARN + "/" + x.key}, bucket}
}

func (x *exchange) additional() map[string]any {
	return map[string]any{
		"SignatureVersion":     choose(x.scope.Version2, "SigV2", "SigV4"),
		"AuthenticationMethod": choose(x.scope.Presigned, "QueryString", "AuthHeader"),
		"bytesTransferredIn":   max(x.bytesIn(), 0),
		"bytesTransferredOut":  x.sent,
	}
}

func (x *exchange) bytesIn() int64 {
	if x.body == nil {
		return 0
	}
	return x.body.Length
}

func bucketARN(bucket string) string { return "arn:aws:s3:::" + bucket }

// tlsOf describes the connection; nil where it is in the clear.
func tlsOf(r *http.Request) *wire.TLS {
	if r.TLS == nil {
		return nil
	}
	version := strings.ReplaceAll(tls.VersionName(r.TLS.Version), " ", "v")
	return &wire.TLS{Version: version, CipherSuite: tls.CipherSuiteName(r.TLS.CipherSuite), Host: r.Host}
}
