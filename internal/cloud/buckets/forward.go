package buckets

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
)

const maxAnswer = 16 << 20 // bytes of an answer that is read before it is passed on

// forward lets the gateway answer.
func (x *exchange) forward() error {
	if canned := x.r.Header.Get("X-Amz-Acl"); canned != "" {
		if err := x.checkCanned(canned); err != nil {
			return err
		}
	}
	resp, err := x.ask(x.r.Method, x.r.Header.Clone(), x.body)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if err := x.observe(resp); err != nil {
		return err
	}
	x.pass(resp)
	return nil
}

// ask sends the request on, signed with the gateway's key. It does so whether or not the
// client stays: an upload that was stored must be known to have been.
func (x *exchange) ask(method string, header http.Header, body *sigv4.Body) (*http.Response, error) {
	out, err := x.outgoing(method, header)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return x.gateway.send(out, sigv4.UnsignedPayload)
	}
	resp, err := x.gateway.send(out, body.Forward(out, x.uploads()))
	if failed := body.Err(); failed != nil {
		if err == nil {
			_ = resp.Body.Close()
		}
		return nil, failed
	}
	return resp, err
}

// uploads reports whether the body becomes an object's: those may come to the gateway in
// chunks, and must, or it would keep the beginning of one that broke off.
func (x *exchange) uploads() bool { return x.operation == "PutObject" || x.operation == "UploadPart" }

func (x *exchange) outgoing(method string, header http.Header) (*http.Request, error) {
	path, err := url.PathUnescape(x.path)
	if err != nil {
		return nil, fault("InvalidURI", "Couldn't parse the specified URI.", http.StatusBadRequest)
	}
	dropHeaders(header)
	return x.gateway.request(context.WithoutCancel(x.r.Context()), method, path, x.query, header), nil
}

// dropHeaders takes out what is between the client and us alone.
func dropHeaders(h http.Header) {
	for _, name := range []string{
		"Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256",
		"X-Amz-Acl", "X-Amz-Grant-Full-Control", "X-Amz-Grant-Read", "X-Amz-Grant-Write", "X-Amz-Grant-Read-Acp", "X-Amz-Grant-Write-Acp",
		"X-Amz-Expected-Bucket-Owner", "X-Amz-Source-Expected-Bucket-Owner", "X-Amz-Object-Ownership",
		"Amz-Sdk-Invocation-Id", "Amz-Sdk-Request", "User-Agent", "Accept-Encoding",
		"Connection", "Keep-Alive", "Expect", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Connection", "Content-Length",
	} {
		h.Del(name)
	}
}

// observe learns from the gateway's answer what happened, before the client gets it.
func (x *exchange) observe(resp *http.Response) error {
	x.header = resp.Header
	if id := resp.Header.Get("X-Amz-Request-Id"); id != "" {
		x.requestID = id
	}
	if x.bucket != "" && (x.operation == "HeadBucket" || resp.Header.Get("X-Amz-Bucket-Region") != "") {
		resp.Header.Set("X-Amz-Bucket-Region", x.record.region())
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return x.observeFault(resp)
	}
	return x.observeChange(resp)
}

func (x *exchange) observeFault(resp *http.Response) error {
	x.fault = fault(statusCode(resp.StatusCode), resp.Status, resp.StatusCode)
	if x.r.Method == http.MethodHead {
		return nil
	}
	body, err := peek(resp)
	if err != nil {
		return err
	}
	var doc errorDocument
	if xml.Unmarshal(body, &doc) == nil {
		x.fault = fault(doc.Code, doc.Message, resp.StatusCode)
	}
	return nil
}

// statusCode names the fault of an answer without a body.
func statusCode(status int) string {
	switch status {
	case http.StatusNotFound:
		return "NoSuchKey"
	case http.StatusForbidden:
		return "AccessDenied"
	case http.StatusPreconditionFailed:
		return "PreconditionFailed"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// peek reads the body of an answer and puts it back.
func peek(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("reading the object store's answer: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("the object store's answer is longer than %d bytes", maxAnswer)
	}
	_ = resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// pass gives the gateway's answer to the client.
func (x *exchange) pass(resp *http.Response) {
	h := x.w.Header()
	for name, values := range resp.Header {
		h[onTheWire(name)] = values
	}
	for _, name := range []string{"Connection", "Keep-Alive", "Transfer-Encoding"} {
		h.Del(name)
	}
	h.Set("Server", "AmazonS3")
	x.w.WriteHeader(resp.StatusCode)
	var err error
	if x.sent, err = io.Copy(x.w, resp.Body); err != nil {
		x.cfg.Log.Debug("S3 answer was cut short", "operation", x.operation, "bucket", x.bucket, "key", x.key, "error", err)
	}
}

// onTheWire writes Amazon's header names as S3 does, in lower case: boto3 takes the names of
// an object's metadata from there as they are.
func onTheWire(name string) string {
	if strings.HasPrefix(name, "X-Amz-") {
		return strings.ToLower(name)
	}
	return name
}
