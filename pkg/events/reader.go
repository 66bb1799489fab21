package events

import (
	"errors"
	"fmt"
	"io"
	"iter"
)

// Reader walks the records of one log file in constant memory: a window over
// the inflated bytes that grows only to the largest single record.
type Reader struct {
	src    input // gives *FileError for faults of its own
	lim    Limits
	buf    []byte // buf[pos:end] is read and not yet scanned
	pos    int
	end    int
	offset int64 // of buf[0] in the inflated file
	srcErr error // why src gives no more, io.EOF if all is well

	place   place
	records int // begun so far
	rec     Record
	shapes  shapes
	err     error // sticky
	close   func()
}

// place is where in the file the window begins.
type place uint8

const (
	atStart   place = iota
	atFirst         // behind the opening bracket of Records
	atRecords       // behind a record
)

// windowSize is how many bytes the window holds at first.
const windowSize = 128 << 10

// input is what a Reader reads from, and can read from another source.
type input interface {
	io.Reader
	reset(src io.Reader)
}

// NewReader reads a log file that is already inflated. Its Limits are Inflated
// and Record: there is no Ratio to hold.
func NewReader(inflated io.Reader, lim Limits) *Reader {
	lim = lim.filled()
	return newReader(&plain{source: source{r: inflated}, limit: lim.Inflated}, lim)
}

// OpenGzip reads a log file as CloudTrail delivers it. Faults of the gzip
// stream come from Next.
func OpenGzip(gz io.Reader, lim Limits) *Reader {
	lim = lim.filled()
	return newReader(newInflater(gz, lim), lim)
}

func newReader(src input, lim Limits) *Reader {
	return &Reader{src: src, lim: lim, buf: make([]byte, windowSize)}
}

// Reset makes r ready for another file, also when it is closed or the one
// before was damaged or not read to its end. The file is read as that one was:
// inflated or not, within the same Limits. Records of the one before are no
// longer valid. The Reader keeps its buffers and what it has learned of the
// shape of records, so one Reader reads many small files faster than one each.
func (r *Reader) Reset(file io.Reader) {
	r.src.reset(file)
	if len(r.buf) > windowSize {
		r.buf = make([]byte, windowSize)
	}
	r.shapes.refresh()
	*r = Reader{src: r.src, lim: r.lim, buf: r.buf, shapes: r.shapes, close: r.close}
}

// plain gives the errors of an inflated file as *FileError, and holds its limit.
type plain struct {
	source
	limit int64
}

func (p *plain) reset(src io.Reader) { p.source = source{r: src} }

func (p *plain) Read(b []byte) (int, error) {
	n, err := p.source.Read(b)
	switch {
	case p.err != nil:
		err = &FileError{Fault: Unreadable, Offset: p.n, Err: p.err}
	case p.n > p.limit:
		err = overInflated(p.n, p.limit)
	}
	return n, err
}

// overInflated says that n bytes of a file are more than its limit.
func overInflated(n, limit int64) error {
	return &FileError{Fault: OverLimit, Offset: n, Err: fmt.Errorf("it has more than %d bytes inflated (limit Inflated)", limit)}
}

// Next gives the next record, which is valid until the next call. Errors are
// io.EOF when the whole file is good, a *RecordError for a bad record, with
// which reading goes on, and a *FileError when the file is damaged. The first
// and last of these are sticky.
func (r *Reader) Next() (*Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	another, err := r.advance()
	if err == nil && another {
		return r.record()
	}
	if err == nil {
		err = io.EOF
	}
	r.err = err
	return nil, err
}

// All gives the records and record errors of the file, and at last the file's
// error if it is damaged.
func (r *Reader) All() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Next()
			if err == io.EOF || !yield(rec, err) || r.err != nil {
				return
			}
		}
	}
}

// Close gives up what the reader holds; it never closes what it reads from.
// Only a Reader of OpenGzipAhead must be closed.
func (r *Reader) Close() error {
	if r.err == nil {
		r.err = r.fault(Closed, errors.New("the reader was closed"))
	}
	if r.close != nil {
		r.close()
	}
	return nil
}

// Inflated gives the count of inflated bytes read so far.
func (r *Reader) Inflated() int64 { return r.offset + int64(r.end) }

// advance goes to the next record, and says whether there is one. If there is
// none, the file has been read to its end and is good.
func (r *Reader) advance() (bool, error) {
	if r.place == atStart {
		if err := r.openRecords(); err != nil {
			return false, err
		}
	}
	c, err := r.token()
	switch {
	case err != nil:
		return false, err
	case c == ']':
		r.pos++
		return false, r.finish()
	case r.place == atFirst:
		r.place = atRecords
	case c != ',':
		return false, r.unexpected(r.pos, "a comma or the end of Records")
	default:
		r.pos++
		if c, err = r.token(); err != nil {
			return false, err
		}
	}
	if c == ',' || c == ']' || c == '}' {
		return false, r.unexpected(r.pos, "a record")
	}
	return true, nil
}

// record scans the record at the window's beginning.
func (r *Reader) record() (*Record, error) {
	index, offset := r.records, r.offset+int64(r.pos)
	r.records++
	if r.buf[r.pos] != '{' {
		return r.skip(&RecordError{Index: index, Fault: NotObject, Offset: offset, Err: errNoObject})
	}
	for {
		b := r.buf[r.pos:r.end]
		n, st := r.shapes.scan(&r.rec, b)
		switch {
		case n > r.lim.Record || st == more && len(b) > r.lim.Record:
			return r.skip(&RecordError{Index: index, Fault: OverLimit, Offset: offset,
				Err: fmt.Errorf("it has more than %d bytes (limit Record)", r.lim.Record)})
		case st == ok:
			r.rec.raw = b[:n:n]
			r.pos += n
			return &r.rec, nil
		case st == more:
			if err := r.fill(); err != nil {
				r.err = err
				return nil, err
			}
		default:
			return r.skip(recordError(index, offset, b, n, st))
		}
	}
}

// skip goes behind a bad record and gives its error, unless its end cannot be
// found: then the file is damaged.
func (r *Reader) skip(bad *RecordError) (*Record, error) {
	var s skipper
	for {
		n, done := s.skip(r.buf[r.pos:r.end])
		r.pos += n
		if s.lost {
			r.err = r.fault(Malformed, fmt.Errorf("brackets do not match in %w", bad))
			return nil, r.err
		}
		if done {
			return nil, bad
		}
		if err := r.fill(); err != nil {
			r.err = err
			return nil, err
		}
	}
}

// token gives the next byte that is not white space, and leaves the window at it.
func (r *Reader) token() (byte, error) {
	for {
		r.pos = skipSpace(r.buf[:r.end], r.pos)
		if r.pos < r.end {
			return r.buf[r.pos], nil
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
}
