package sigv4

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const chunkSize = 64 << 10

// Forward puts the body into out, a request that goes on to another store, and returns the
// payload hash to Sign out with. A body that is framed goes in chunks, so that the store
// can tell its end from a broken connection, and with it goes the checksum that trails it;
// otherwise it goes plain and without one.
func (b *Body) Forward(out *http.Request, framed bool) (payloadHash string) {
	for _, name := range []string{"X-Amz-Decoded-Content-Length", "X-Amz-Trailer"} {
		out.Header.Del(name)
	}
	dropChunkedEncoding(out.Header)
	if !framed || b.Hash != UnsignedPayload || b.Length < 0 {
		out.Body, out.ContentLength = b, b.Length
		if b.Length == 0 {
			out.Body = http.NoBody
		}
		return b.Hash
	}
	out.Body = &encoder{body: b, chunk: make([]byte, chunkSize)}
	out.ContentLength = encodedLength(b.Length, b.Trailer)
	out.Header.Set("X-Amz-Decoded-Content-Length", strconv.FormatInt(b.Length, 10))
	if b.Trailer != "" {
		out.Header.Set("X-Amz-Trailer", b.Trailer)
	}
	return streamingUnsignedTrailer
}

// dropChunkedEncoding takes aws-chunked out of the content encodings, which are stored
// with the object.
func dropChunkedEncoding(h http.Header) {
	var kept []string
	for _, value := range h.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(value, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && coding != "aws-chunked" {
				kept = append(kept, coding)
			}
		}
	}
	h.Del("Content-Encoding")
	if len(kept) > 0 {
		h.Set("Content-Encoding", strings.Join(kept, ","))
	}
}

// brokenOff stands where a chunk's size should be when the body failed: the store refuses
// the request at once, before it finds the connection closed.
const brokenOff = "broken off\r\n"

type encoder struct {
	body  *Body
	out   bytes.Buffer
	chunk []byte
	sent  int64
	err   error // after what is in out
}

func (e *encoder) Read(p []byte) (int, error) {
	for e.out.Len() == 0 {
		if e.err != nil {
			return 0, e.err
		}
		if e.err = e.next(); !errors.Is(e.err, io.EOF) && e.err != nil {
			e.out.WriteString(brokenOff)
		}
	}
	return e.out.Read(p)
}

func (e *encoder) next() error {
	n, err := io.ReadFull(e.body, e.chunk)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	e.sent += int64(n)
	if n == 0 && e.sent != e.body.Length {
		return io.ErrUnexpectedEOF
	}
	if n > 0 {
		fmt.Fprintf(&e.out, "%x\r\n%s\r\n", n, e.chunk[:n])
		return nil
	}
	e.out.WriteString("0\r\n")
	if e.body.Trailer != "" {
		fmt.Fprintf(&e.out, "%s:%s\r\n", e.body.Trailer, e.body.Checksum())
	}
	e.out.WriteString("\r\n")
	return io.EOF
}

func (e *encoder) Close() error { return e.body.Close() }

// encodedLength is how long the chunked form of a body is.
func encodedLength(length int64, trailer string) int64 {
	framed := func(n int64) int64 { return int64(len(fmt.Sprintf("%x", n))) + n + int64(len("\r\n\r\n")) }
	total := length / chunkSize * framed(chunkSize)
	if rest := length % chunkSize; rest > 0 {
		total += framed(rest)
	}
	total += int64(len("0\r\n\r\n"))
	if trailer != "" {
		checksum := base64.StdEncoding.EncodedLen(newChecksum(trailer).Size())
		total += int64(len(trailer) + len(":") + checksum + len("\r\n"))
	}
	return total
}
