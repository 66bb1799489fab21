package sigv4

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Words that S3 takes in X-Amz-Content-Sha256 instead of a hash.
const (
	UnsignedPayload          = "UNSIGNED-PAYLOAD"
	streamingSigned          = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	streamingSignedTrailer   = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	streamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// Body is the plain body of a request, whatever way it was sent.
type Body struct {
	// Length is the number of plain bytes; -1 if the client did not say.
	Length int64
	// Hash is what X-Amz-Content-Sha256 says of the plain body: its SHA-256 or
	// UNSIGNED-PAYLOAD.
	Hash string
	// Trailer is the checksum that follows the body (x-amz-checksum-crc32, …), empty if
	// none does.
	Trailer string

	in  io.ReadCloser
	dec *decoder // nil if the body is sent as it is
	err error
}

// NewBody is a plain body of a known length that is not signed.
func NewBody(r io.Reader, length int64) *Body {
	return &Body{Length: length, Hash: UnsignedPayload, in: io.NopCloser(r)}
}

// OpenBody gives the plain body of r, whose scope is s. Bodies sent as
// STREAMING-AWS4-HMAC-SHA256-PAYLOAD, …-PAYLOAD-TRAILER or
// STREAMING-UNSIGNED-PAYLOAD-TRAILER are decoded as they are read, in constant memory.
// A body that is not what was announced (framing, length, trailing checksum, chunk
// signature) fails with a *Refusal before its last byte is given, so that whoever it is
// passed to never takes it for complete. Chunk signatures are checked unless secret is empty.
func OpenBody(r *http.Request, s Scope, secret string) (*Body, error) {
	b := &Body{Length: r.ContentLength, Hash: r.Header.Get("X-Amz-Content-Sha256"), in: r.Body}
	switch b.Hash {
	case "":
		b.Hash = UnsignedPayload
		return b, nil
	case streamingSigned, streamingSignedTrailer, streamingUnsignedTrailer:
	default:
		if strings.HasPrefix(b.Hash, "STREAMING-") {
			return nil, invalid("The value of x-amz-content-sha256 is invalid.")
		}
		return b, nil
	}
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || length < 0 {
		return nil, &Refusal{Code: "MissingContentLength", Message: "You must provide the Content-Length HTTP header.", Status: http.StatusLengthRequired}
	}
	b.Length = length
	b.dec = &decoder{in: bufio.NewReader(r.Body), want: length}
	if b.Hash != streamingSigned {
		b.Trailer = strings.ToLower(strings.TrimSpace(r.Header.Get("X-Amz-Trailer")))
		b.dec.trailer, b.dec.checksum = b.Trailer, newChecksum(b.Trailer)
	}
	if b.Trailer != "" && b.dec.checksum == nil {
		return nil, invalid("The value specified in the x-amz-trailer header is not supported")
	}
	if secret != "" && b.Hash != streamingUnsignedTrailer {
		b.dec.signer = newChunkSigner(s, secret)
	}
	b.Hash = UnsignedPayload
	return b, nil
}

// Read gives plain bytes.
func (b *Body) Read(p []byte) (n int, err error) {
	if b.dec != nil {
		n, err = b.dec.Read(p)
	} else {
		n, err = b.in.Read(p)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// Close closes the request's body.
func (b *Body) Close() error { return b.in.Close() }

// Err is why reading failed, nil if it did not.
func (b *Body) Err() error { return b.err }

// Checksum is the value of the Trailer, once the body was read to its end.
func (b *Body) Checksum() string {
	if b.dec == nil {
		return ""
	}
	return b.dec.trailers[b.Trailer]
}

func invalid(message string) error {
	return &Refusal{Code: "InvalidRequest", Message: message, Status: http.StatusBadRequest}
}
