package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/pkg/events"
)

const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
	utf8BOM   = "\xef\xbb\xbf"

	// sniffed is how much of a content is looked at to tell its shape.
	sniffed = 64 << 10
)

// open gives the reader of a content's records. ahead inflates on a second
// core. The second function ends it.
func open(name string, stored io.Reader, lim events.Limits, ahead bool) (*events.Reader, func(), error) {
	magic := make([]byte, 4)
	n, _ := io.ReadFull(stored, magic) // what cannot be read the reader will meet again
	magic = magic[:n]
	in := io.MultiReader(bytes.NewReader(magic), stored)
	switch {
	case bytes.HasPrefix(magic, []byte(zstdMagic)):
		zr, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("inflating zstd: %w", err)
		}
		return events.NewReader(inflated(name, bufio.NewReaderSize(zr, sniffed)), lim), zr.Close, nil
	case !bytes.HasPrefix(magic, []byte(gzipMagic)) && !isGzipName(name):
		return events.NewReader(inflated(name, bufio.NewReaderSize(in, sniffed)), lim), func() {}, nil
	case isLines(name):
		zr, err := gzip.NewReader(in)
		if err != nil {
			return nil, nil, fmt.Errorf("inflating gzip: %w", err)
		}
		return events.NewReader(newLines(zr), lim), func() {}, nil
	case ahead:
		r := events.OpenGzipAhead(in, lim)
		return r, func() { _ = r.Close() }, nil
	}
	return events.OpenGzip(in, lim), func() {}, nil
}

// isGzipName says whether a file that is no gzip is damaged.
func isGzipName(name string) bool { return len(name) > 3 && name[len(name)-3:] == ".gz" }

// inflated gives the log file that an inflated content is, or can be taken for.
func inflated(name string, in *bufio.Reader) io.Reader {
	if isLines(name) {
		return newLines(in)
	}
	head, _ := in.Peek(sniffed)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8BOM)), " \t\r\n")
	line, _, whole := bytes.Cut(head, []byte("\n"))
	if (whole || len(head) < sniffed/2) && isRecordLine(line) {
		return newLines(in)
	}
	return in
}

// isRecordLine holds for a whole JSON object that is no log file.
func isRecordLine(line []byte) bool {
	var members map[string]json.RawMessage
	if json.Unmarshal(line, &members) != nil {
		return false
	}
	_, isLogFile := members["Records"]
	return !isLogFile && len(members) > 0
}
