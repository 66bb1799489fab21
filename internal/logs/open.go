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
	in := &counting{Reader: stored}
	head := bufio.NewReaderSize(in, sniffed)
	magic, _ := head.Peek(4) // what cannot be read the reader will meet again
	switch {
	case bytes.HasPrefix(magic, []byte(zstdMagic)):
		zr, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("inflating zstd: %w", err)
		}
		text := &bounded{inflated: counting{Reader: zr}, stored: in, lim: lim}
		return events.NewReader(inflated(name, bufio.NewReaderSize(text, sniffed), lim), lim), zr.Close, nil
	case !bytes.HasPrefix(magic, []byte(gzipMagic)) && !isGzipName(name):
		return events.NewReader(inflated(name, head, lim), lim), func() {}, nil
	case isLines(name) || name == "-" && linesInside(head):
		zr, err := gzip.NewReader(head)
		if err != nil {
			return nil, nil, fmt.Errorf("inflating gzip: %w", err)
		}
		return events.NewReader(newLines(&bounded{inflated: counting{Reader: zr}, stored: in, lim: lim}, lim), lim), func() {}, nil
	case ahead:
		r := events.OpenGzipAhead(head, lim)
		return r, func() { _ = r.Close() }, nil
	}
	return events.OpenGzip(head, lim), func() {}, nil
}

// linesInside looks whether a record a line is under gzip, where no name says so.
func linesInside(gz *bufio.Reader) bool {
	begin, _ := gz.Peek(sniffed)
	zr, err := gzip.NewReader(bytes.NewReader(begin))
	return err == nil && isRecordLines(bufio.NewReaderSize(zr, sniffed))
}

// isGzipName says whether a file that is no gzip is damaged.
func isGzipName(name string) bool { return len(name) > 3 && name[len(name)-3:] == ".gz" }

// inflated gives the log file that an inflated content is, or can be taken for.
func inflated(name string, in *bufio.Reader, lim events.Limits) io.Reader {
	if isLines(name) || isRecordLines(in) {
		return newLines(in, lim)
	}
	return in
}

// isRecordLines looks whether a content begins with a record that is a line.
func isRecordLines(in *bufio.Reader) bool {
	head, _ := in.Peek(sniffed)
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte(utf8BOM)), " \t\r\n")
	line, _, whole := bytes.Cut(head, []byte("\n"))
	return (whole || len(head) < sniffed/2) && isRecordLine(line)
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
