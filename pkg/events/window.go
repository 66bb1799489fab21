package events

import (
	"errors"
	"fmt"
	"io"
)

// fill reads on: at least one byte, and as much as the window holds, which
// grows when there is no room. A value is scanned again from its start after
// every fill; as the window grows fourfold, that is seldom.
func (r *Reader) fill() error {
	if r.pos > 0 {
		r.offset += int64(r.pos)
		r.end = copy(r.buf, r.buf[r.pos:r.end])
		r.pos = 0
	}
	if r.end == len(r.buf) {
		r.grow()
	}
	from := r.end
	for empty := 0; r.end < len(r.buf) && r.srcErr == nil; {
		n, err := r.src.Read(r.buf[r.end:])
		r.end += n
		r.srcErr = err
		if empty++; n > 0 {
			empty = 0
		}
		if empty > 100 {
			r.srcErr = r.fault(Unreadable, io.ErrNoProgress)
		}
	}
	if r.end > from {
		return nil
	}
	if r.srcErr == io.EOF {
		return r.fault(CutShort, errors.New("the JSON ends before the log file does"))
	}
	return r.srcErr
}

// grow makes the window four times as large, to no more than a record over the
// limit needs. Old and new window are held at once, so large steps come first
// and none is over 24 MiB.
func (r *Reader) grow() {
	size := len(r.buf) + min(3*len(r.buf), 24<<20)
	size = min(size, max(r.lim.Record+1, len(r.buf)+1))
	buf := make([]byte, size)
	copy(buf, r.buf)
	r.buf = buf
}

// fault gives a FileError for the window's beginning.
func (r *Reader) fault(f Fault, err error) error {
	return &FileError{Fault: f, Offset: r.offset + int64(r.pos), Err: err}
}

// unexpected says what stands at buf[at] in place of what was wanted.
func (r *Reader) unexpected(at int, wanted string) error {
	r.pos = at
	return r.fault(Malformed, fmt.Errorf("%q where %s should be", r.buf[at], wanted))
}
