package events

import (
	"io"
	"iter"
)

// Limits keeps a file from using more than it should. A zero field means the
// default, a negative one no limit.
type Limits struct {
	Inflated int64 // bytes of one file after inflating; 16 GiB by default
	Ratio    int64 // inflated bytes for one compressed byte, beyond the first MiB; 250 by default
	Record   int   // bytes of one record; 64 MiB by default
}

// Reader walks the records of one log file.
type Reader struct {
	err error
}

// NewReader reads an inflated log file.
func NewReader(inflated io.Reader) *Reader { return &Reader{err: errTODO} }

// OpenGzip reads a log file as CloudTrail delivers it.
func OpenGzip(gz io.Reader, lim Limits) *Reader { return &Reader{err: errTODO} }

// OpenGzipAhead is OpenGzip with a goroutine that inflates ahead of the
// scanning, by at most a few hundred KiB. Close ends it.
func OpenGzipAhead(gz io.Reader, lim Limits) *Reader { return &Reader{err: errTODO} }

// Next gives the next record, valid until the next call. Errors: io.EOF when
// the whole file was good, *RecordError for a bad record (go on), *FileError
// for a damaged file (sticky).
func (r *Reader) Next() (*Record, error) { return nil, r.err }

// All gives the records and record errors of the file, and at last the file's
// error if it is damaged.
func (r *Reader) All() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Next()
			if err == io.EOF || !yield(rec, err) {
				return
			}
			if _, bad := err.(*RecordError); err != nil && !bad {
				return
			}
		}
	}
}

// Close gives up what the reader holds; it never closes what it reads from.
// Only OpenGzipAhead needs it, when reading stops before the end.
func (r *Reader) Close() error { return nil }

// Inflated gives the count of inflated bytes read so far.
func (r *Reader) Inflated() int64 { return 0 }
