package logs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"github.com/trailhand/trailhand/pkg/events"
)

// lines reads one record a line as a log file: {"Records":[line,line]}. A line
// that is no record becomes null, which is a bad record to the reader, so that
// its number is told and the lines around it are not touched.
type lines struct {
	in    *bufio.Reader
	out   []byte // not yet read
	line  []byte
	most  int64 // bytes of a line: Limits.Record
	count int
	err   error
}

func newLines(in io.Reader, lim events.Limits) *lines {
	return &lines{in: bufio.NewReaderSize(in, sniffed), most: limit(int64(lim.Record), usualRecord), out: []byte(`{"Records":[`)}
}

// Read implements io.Reader.
func (l *lines) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		l.next()
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// next puts the next line out, or the end of the log file.
func (l *lines) next() {
	tooLong, err := l.readLine()
	l.err = err
	l.out = l.line[:0]
	record := bytes.TrimSpace(bytes.TrimPrefix(l.line, []byte(utf8BOM)))
	if len(record) > 0 || tooLong {
		if tooLong {
			record = nil
		}
		l.out = l.append(record)
	}
	if errors.Is(err, io.EOF) {
		l.out = append(l.out, "]}"...)
	}
}

// append gives the array's next element.
func (l *lines) append(record []byte) []byte {
	out := make([]byte, 0, len(record)+len(",null]}"))
	if l.count++; l.count > 1 {
		out = append(out, ',')
	}
	if _, err := events.Parse(record); err != nil {
		return append(out, "null"...)
	}
	return append(out, unwrapped(record)...)
}

// unwrapped gives the record inside an event of LookupEvents, else the record itself.
func unwrapped(record []byte) []byte {
	if !bytes.Contains(record, []byte(`"CloudTrailEvent"`)) {
		return record
	}
	var members map[string]json.RawMessage
	var text string
	if json.Unmarshal(record, &members) != nil || json.Unmarshal(members["CloudTrailEvent"], &text) != nil {
		return record
	}
	if _, err := events.Parse([]byte(text)); err != nil {
		return []byte("null")
	}
	return []byte(text)
}

// readLine reads into l.line. A line that is too long is passed over.
func (l *lines) readLine() (tooLong bool, err error) {
	l.line = l.line[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if int64(len(l.line)+len(part)) > l.most {
			tooLong, l.line = true, l.line[:0]
		}
		if !tooLong {
			l.line = append(l.line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return tooLong, err
		}
	}
}
