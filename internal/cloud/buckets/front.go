package buckets

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// handler answers one operation on a bucket that exists.
type handler func(*exchange) (answer, error)

// exchange is one request and what is known about it.
type exchange struct {
	*Buckets
	address
	w         http.ResponseWriter
	r         *http.Request
	caller    wire.Caller
	operation string
	query     url.Values // without what signs it
	scope     sigv4.Scope
	body      *sigv4.Body
	record    record // of the bucket, if it exists
	requestID string
	header    http.Header    // of the answer, for the record of the call
	documents map[string]any // parsed bodies, for the record of the call
	sent      int64          // bytes of the answer's body
	fault     *wire.Fault
	err       error // the defect behind an InternalError
}

// Serve answers one S3 request of caller, path style or virtual-host style, and tells
// what happened. It must get the path as it came: behind a ServeMux, keys with // are lost.
func (b *Buckets) Serve(w http.ResponseWriter, r *http.Request, caller wire.Caller) wire.Call {
	x := &exchange{Buckets: b, w: w, r: r, caller: caller, requestID: newRequestID()}
	if err := x.serve(); err != nil {
		x.refuse(err)
	}
	return x.call()
}

func newRequestID() string {
	id := uuid.New()
	return strings.ToUpper(fmt.Sprintf("%x", id[:8]))
}

func (x *exchange) serve() (err error) {
	if x.address, err = addressOf(x.r); err != nil {
		return err
	}
	x.operation = operationOf(x.r, x.address)
	if err := x.authenticate(); err != nil {
		return err
	}
	if err := x.admit(); err != nil {
		return err
	}
	if x.bucket != "" && x.operation != "CreateBucket" {
		if err := x.load(); err != nil {
			return err
		}
	}
	h, ok := x.handlers[x.operation]
	if !ok {
		return x.forward()
	}
	a, err := h(x)
	if err != nil {
		return err
	}
	x.header = a.header
	x.sent = a.write(x.w, x.r.Method, x.requestID)
	return nil
}

// authenticate reads the signature and opens the body that it covers.
func (x *exchange) authenticate() (err error) {
	x.query = x.r.URL.Query()
	x.scope, err = sigv4.Parse(x.r)
	if errors.Is(err, sigv4.ErrUnsigned) {
		return accessDenied()
	}
	if err != nil {
		return err
	}
	if x.scope.Presigned {
		x.hoist()
	}
	secret := ""
	if x.cfg.Secret != nil {
		secret, _ = x.cfg.Secret(x.scope.AccessKeyID)
	}
	x.body, err = sigv4.OpenBody(x.r, x.scope, secret)
	return err
}

// hoist moves what a presigned URL carries in place of headers back to them.
func (x *exchange) hoist() {
	x.r = x.r.Clone(x.r.Context())
	for name, values := range x.query {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-amz-") && !(x.scope.Version2 && isVersion2Parameter(lower)) {
			continue
		}
		delete(x.query, name)
		if !isSignatureParameter(lower) {
			x.r.Header[http.CanonicalHeaderKey(name)] = values
		}
	}
}

// isVersion2Parameter tells what version 2 puts into the query besides.
func isVersion2Parameter(lower string) bool {
	return lower == "awsaccesskeyid" || lower == "signature" || lower == "expires" || lower == "content-type" || lower == "content-md5"
}

func isSignatureParameter(lower string) bool {
	switch lower {
	case "awsaccesskeyid", "signature", "expires": // of version 2
		return true
	case "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires", "x-amz-signedheaders", "x-amz-signature", "x-amz-security-token":
		return true
	}
	return false
}

// admit refuses what no operation stands for, what the posix store would take for
// another key, and what is meant for another account's buckets.
func (x *exchange) admit() error {
	if x.operation == "" {
		return fault("MethodNotAllowed", "The specified method is not allowed against this resource.", http.StatusMethodNotAllowed)
	}
	if !keepable(x.key) {
		return notKeepable()
	}
	for _, name := range []string{"X-Amz-Expected-Bucket-Owner", "X-Amz-Source-Expected-Bucket-Owner"} {
		if owner := x.r.Header.Get(name); owner != "" && owner != x.cfg.AccountID {
			return accessDenied()
		}
	}
	return nil
}

// keepable reports whether the store, which keeps objects as files, tells a key from every
// other: a//b would be a/b, and a/../b would be b.
func keepable(key string) bool {
	segments := strings.Split(strings.TrimSuffix(key, "/"), "/")
	return key == "" || !slices.ContainsFunc(segments, func(s string) bool { return s == "" || s == "." || s == ".." })
}

func notKeepable() *wire.Fault {
	return fault("NotImplemented", "Objects are kept as files here: a key must not have an empty part, nor one that is . or ..", http.StatusNotImplemented)
}

func (x *exchange) load() error {
	r, ok, err := x.records.get(x.bucket)
	if err != nil {
		return err
	}
	if !ok {
		return noSuchBucket()
	}
	x.record = r
	return nil
}

// refuse answers with the fault that err means.
func (x *exchange) refuse(err error) {
	x.fault = faultOf(err)
	if x.fault.Code == "InternalError" {
		x.err = fmt.Errorf("s3://%s/%s: %w", x.bucket, x.key, err)
	}
	x.sent = faultAnswer(x.fault, x.r.URL.Path, x.requestID).write(x.w, x.r.Method, x.requestID)
}

// readBody reads a body that must be in memory to be understood.
func (x *exchange) readBody(limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(x.body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fault("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", http.StatusBadRequest)
	}
	return data, nil
}
