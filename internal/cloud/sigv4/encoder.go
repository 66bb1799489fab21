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

// Forward puts the body into out, a request that goes on to another store: plain, or, if a
// checksum trails it, chunked again so that the store gets to know the checksum. It
// returns the payload hash to Sign out with.
func (b *Body) Forward(out *http.Request) (payloadHash string) {
	for _, name := range []string{"X-Amz-Decoded-Content-Length", "X-Amz-Trailer"} {
		out.Header.Del(name)
	}
	dropChunkedEncoding(out.Header)
	out.TransferEncoding = nil
	if b.Trailer == "" {
		out.Body, out.ContentLength = b, b.Length
		if b.Length == 0 {
			out.Body = http.NoBody
		}
		return b.Hash
	}
	out.Body = &encoder{body: b, chunk: make([]byte, chunkSize)}
	out.ContentLength = encodedLength(b.Length, b.Trailer)
	out.Header.Set("X-Amz-Decoded-Content-Length", strconv.FormatInt(b.Length, 10))
	out.Header.Set("X-Amz-Trailer", b.Trailer)
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

type encoder struct {
	body  *Body
	out   bytes.Buffer
	chunk []byte
	ended bool
}

func (e *encoder) Read(p []byte) (int, error) {
	for e.out.Len() == 0 {
		if e.ended {
			return 0, io.EOF
		}
		if err := e.next(); err != nil {
			return 0, err
		}
	}
	return e.out.Read(p)
}

func (e *encoder) next() error {
	n, err := io.ReadFull(e.body, e.chunk)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if n > 0 {
		fmt.Fprintf(&e.out, "%x\r\n%s\r\n", n, e.chunk[:n])
		return nil
	}
	e.ended = true
	fmt.Fprintf(&e.out, "0\r\n%s:%s\r\n\r\n", e.body.Trailer, e.body.Checksum())
	return nil
}

func (e *encoder) Close() error { return e.body.Close() }

// encodedLength is how long the chunked form of a body is.
func encodedLength(length int64, trailer string) int64 {
	framed := func(n int64) int64 { return int64(len(fmt.Sprintf("%x", n))) + n + int64(len("\r\n\r\n")) }
	total := length / chunkSize * framed(chunkSize)
	if rest := length % chunkSize; rest > 0 {
		total += framed(rest)
	}
	checksum := base64.StdEncoding.EncodedLen(newChecksum(trailer).Size())
	return total + int64(len("0\r\n")+len(trailer)+len(":")+checksum+len("\r\n\r\n"))
}
