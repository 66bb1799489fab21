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
func (r *Reading) open(name string, stored io.Reader, ahead bool) (*events.Reader, func(), error) {
	in := &counting{Reader: stored}
	head := bufio.NewReaderSize(in, 16)
	magic, _ := head.Peek(4) // what cannot be read the reader will meet again
	isGzip := bytes.HasPrefix(magic, []byte(gzipMagic))
	if name == "-" && isGzip {
		head = bufio.NewReaderSize(head, sniffed)
	}
	switch {
	case bytes.HasPrefix(magic, []byte(zstdMagic)):
		zr, err := zstd.NewReader(head, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
		if err != nil {
			return nil, nil, fmt.Errorf("inflating zstd: %w", err)
		}
		return r.inflated(name, &bounded{inflated: counting{Reader: zr}, stored: in, lim: r.Limits}), zr.Close, nil
	case !isGzip && !isGzipName(name):
		return r.inflated(name, head), func() {}, nil
	case isLines(name) || name == "-" && linesInside(head):
		zr, err := gzip.NewReader(head)
		if err != nil {
			return nil, nil, fmt.Errorf("inflating gzip: %w", err)
		}
		return r.lines(&bounded{inflated: counting{Reader: zr}, stored: in, lim: r.Limits}), func() {}, nil
	case ahead:
		reader := events.OpenGzipAhead(head, r.Limits)
		return reader, func() { _ = reader.Close() }, nil
	}
	reader := r.gzip(head)
	return reader, func() { r.idle.Put(reader) }, nil
}

// gzip opens a log file by a Reader that is idle, if there is one.
func (r *Reading) gzip(in io.Reader) *events.Reader {
	if reader, ok := r.idle.Get().(*events.Reader); ok {
		reader.Reset(in)
		return reader
	}
	return events.OpenGzip(in, r.Limits)
}

// linesInside looks whether a record a line is under gzip, where no name says so.
func linesInside(gz *bufio.Reader) bool {
	begin, _ := gz.Peek(sniffed)
	zr, err := gzip.NewReader(bytes.NewReader(begin))
	return err == nil && isRecordLines(bufio.NewReaderSize(zr, sniffed))
}

// isGzipName says whether a file that is no gzip is damaged.
func isGzipName(name string) bool { return len(name) > 3 && name[len(name)-3:] == ".gz" }

// inflated reads the log file that an inflated content is, or can be taken for.
func (r *Reading) inflated(name string, text io.Reader) *events.Reader {
	in := bufio.NewReaderSize(text, sniffed)
	if isLines(name) || isRecordLines(in) {
		return r.lines(in)
	}
	return events.NewReader(in, r.Limits)
}

// lines reads one record a line.
func (r *Reading) lines(text io.Reader) *events.Reader {
	return events.NewReader(newLines(text, r.Limits), r.Limits)
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
