package sigv4

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
)

const (
	maxChunkHeader = 1 << 10 // bytes of "SIZE;chunk-signature=…"
	maxTrailers    = 8 << 10 // bytes of everything after the last chunk
)

// decoder reads an aws-chunked body:
//
//	SIZE[;chunk-signature=HEX]\r\n DATA \r\n … 0[;chunk-signature=HEX]\r\n [NAME:VALUE\r\n …] \r\n
//
// It counts on the decoded length being known, and reads what follows the last byte of
// data (signature, last chunk, trailers) before it gives that byte.
type decoder struct {
	in   *bufio.Reader
	want int64 // decoded length
	got  int64
	left int64 // of the current chunk

	trailer  string    // announced, or empty
	checksum hash.Hash // of the trailer; nil: not checked
	trailers map[string]string
	signer   *chunkSigner // nil: signatures are not checked

	ended bool
	err   error
}

func (d *decoder) Read(p []byte) (int, error) {
	if len(p) == 0 || d.err != nil {
		return 0, d.err
	}
	n, err := d.read(p)
	if err != nil {
		d.err = err
		return 0, err
	}
	return n, nil
}

func (d *decoder) read(p []byte) (int, error) {
	if d.got == d.want {
		return 0, d.end()
	}
	if d.left == 0 {
		if err := d.openChunk(); err != nil {
			return 0, err
		}
	}
	n, err := d.in.Read(p[:min(int64(len(p)), d.left)])
	if err != nil {
		return 0, truncated(err)
	}
	d.take(p[:n])
	if d.left == 0 {
		if err := d.closeChunk(); err != nil {
			return 0, err
		}
	}
	if d.got == d.want {
		if err := d.end(); !errors.Is(err, io.EOF) {
			return 0, err
		}
	}
	return n, nil
}

func (d *decoder) take(data []byte) {
	d.got += int64(len(data))
	d.left -= int64(len(data))
	if d.checksum != nil {
		d.checksum.Write(data)
	}
	if d.signer != nil {
		d.signer.write(data)
	}
}

// openChunk reads the header of a chunk that has data.
func (d *decoder) openChunk() error {
	size, err := d.header()
	if err != nil {
		return err
	}
	if size == 0 || size > d.want-d.got {
		return invalid("The chunks of the body do not add up to x-amz-decoded-content-length.")
	}
	d.left = size
	return nil
}

func (d *decoder) header() (size int64, err error) {
	line, err := d.line()
	if err != nil {
		return 0, err
	}
	digits, extension, _ := strings.Cut(line, ";")
	size, err = strconv.ParseInt(strings.TrimSpace(digits), 16, 64)
	if err != nil || size < 0 {
		return 0, invalid(fmt.Sprintf("The chunk size %.32q is not a hexadecimal number.", digits))
	}
	if d.signer != nil {
		d.signer.open(strings.TrimPrefix(strings.TrimSpace(extension), "chunk-signature="))
	}
	return size, nil
}

func (d *decoder) closeChunk() error {
	line, err := d.line()
	if err != nil {
		return err
	}
	if line != "" {
		return invalid("A chunk of the body is longer than its size.")
	}
	return d.verifyChunk()
}

func (d *decoder) verifyChunk() error {
	if d.signer == nil || d.signer.closeChunk() {
		return nil
	}
	return mismatch()
}

// end reads what follows the data, once, and gives io.EOF if it is as it should be.
func (d *decoder) end() error {
	if d.ended {
		return io.EOF
	}
	d.ended = true
	size, err := d.header()
	if err != nil {
		return err
	}
	if size != 0 {
		return invalid("The body is longer than x-amz-decoded-content-length.")
	}
	if err := d.verifyChunk(); err != nil {
		return err
	}
	if err := d.readTrailers(); err != nil {
		return err
	}
	if err := d.verifyTrailers(); err != nil {
		return err
	}
	return io.EOF
}

func (d *decoder) readTrailers() error {
	rest, err := io.ReadAll(io.LimitReader(d.in, maxTrailers+1))
	if err != nil {
		return truncated(err)
	}
	if len(rest) > maxTrailers {
		return malformedTrailer()
	}
	d.trailers = make(map[string]string)
	for line := range strings.Lines(string(rest)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return malformedTrailer()
		}
		d.trailers[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return nil
}

func (d *decoder) verifyTrailers() error {
	if d.trailer == "" {
		return nil
	}
	value, ok := d.trailers[d.trailer]
	if !ok {
		return malformedTrailer()
	}
	if d.checksum != nil && encodeChecksum(d.checksum) != value {
		name := strings.ToUpper(strings.TrimPrefix(d.trailer, checksumPrefix))
		return &Refusal{Code: "BadDigest", Message: fmt.Sprintf("The %s you specified did not match the calculated checksum.", name), Status: http.StatusBadRequest}
	}
	if d.signer != nil && !d.signer.trailer(d.trailer+":"+value+"\n", d.trailers["x-amz-trailer-signature"]) {
		return mismatch()
	}
	return nil
}

func (d *decoder) line() (string, error) {
	var line []byte
	for {
		part, err := d.in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > maxChunkHeader {
			return "", invalid("A chunk header of the body is too long.")
		}
		if err == nil {
			return strings.TrimRight(string(line), "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return "", truncated(err)
		}
	}
}

func truncated(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the body: %w", err)
	}
	return &Refusal{Code: "IncompleteBody", Message: "The request body terminated unexpectedly", Status: http.StatusBadRequest}
}

func malformedTrailer() error {
	return &Refusal{Code: "MalformedTrailerError", Message: "The request contained trailing data that was not well-formed or did not conform to our published schema.", Status: http.StatusBadRequest}
}
