package replay

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/trailhand/trailhand/pkg/insights"
)

const maxLine = 4 << 20 // bytes; a tally names at most some twenty principals

// ReadRates adds tallies from NDJSON, one a line, to the Log. A line that is no
// tally is told to bad, with its number, and left out. The error is r's.
func (l *Log) ReadRates(r io.Reader, bad func(line int, err error)) error {
	in := bufio.NewReaderSize(r, 1<<20)
	d := newDecoder()
	var t insights.Tally
	var long []byte
	for n := 1; ; n++ {
		line, err := readLine(in, &long)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLong) {
			return fmt.Errorf("line %d: %w", n, err)
		}
		wrong := err
		if len(bytes.TrimSpace(line)) > 0 {
			if wrong = d.tally(line, &t); wrong == nil {
				wrong = l.Add(&t)
			}
		}
		if wrong != nil && !errors.Is(wrong, io.EOF) {
			bad(n, wrong)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

// errLong is a line that is too long to be a tally.
var errLong = fmt.Errorf("longer than %d bytes", maxLine)

// readLine gives a line, valid until the next; io.EOF comes with the last one.
func readLine(in *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, err
	}
	*long = (*long)[:0]
	size := 0
	for errors.Is(err, bufio.ErrBufferFull) {
		if size += len(line); size <= maxLine {
			*long = append(*long, line...)
		}
		line, err = in.ReadSlice('\n')
	}
	if size += len(line); size > maxLine {
		if err == nil {
			err = errLong
		}
		return nil, err
	}
	*long = append(*long, line...)
	return *long, err
}
