package events

import (
	"errors"
	"fmt"
)

// Fault is what is wrong with a file or a record, in words fit for a counter's
// label.
type Fault string

// The faults of files.
const (
	Empty        Fault = "empty"          // no byte at all, or none inside the gzip stream
	NotGzip      Fault = "not gzip"       // another format; the error names it when it is known
	DoubleGzip   Fault = "double gzip"    // gzip inside gzip
	CutShort     Fault = "cut short"      // the gzip stream or the JSON ends too early
	Corrupt      Fault = "corrupt gzip"   // a gzip header or deflate stream that cannot be
	Checksum     Fault = "wrong checksum" // CRC-32 or length of the gzip trailer
	TrailingData Fault = "trailing data"  // bytes behind the gzip stream or behind the JSON object
	OverLimit    Fault = "over limit"     // more than Limits allows
	NotUTF8      Fault = "not UTF-8"      // UTF-16 or UTF-32
	NotLog       Fault = "not a log file" // "Records" is missing, twice, null or no array; or no JSON object
	Malformed    Fault = "malformed JSON"
	Unreadable   Fault = "unreadable" // the underlying reader failed
	Closed       Fault = "closed"     // Next after Close
)

// The faults of records, beside Malformed and OverLimit.
const (
	NotObject Fault = "not an object"
	TooDeep   Fault = "nested too deep"
)

// FileError says that a file is damaged: what came before it must not be
// taken for the whole file. The same error comes from every later Next.
type FileError struct {
	Fault  Fault
	Offset int64 // of the inflated bytes, where reading stopped
	Err    error
}

// Error gives the fault, where it is, and the cause.
func (e *FileError) Error() string {
	return fmt.Sprintf("%s, at byte %d: %v", e.Fault, e.Offset, e.Err)
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Err }

// RecordError says that one record is bad. Reading goes on behind it.
type RecordError struct {
	Index  int // of the record in the file, from 0, bad ones counted
	Fault  Fault
	Offset int64 // of the record's first byte in the inflated file
	Err    error
}

// Error gives the record, the fault and the cause.
func (e *RecordError) Error() string {
	return fmt.Sprintf("record %d: %s: %v", e.Index, e.Fault, e.Err)
}

// Unwrap gives the cause.
func (e *RecordError) Unwrap() error { return e.Err }

var (
	errNoObject = errors.New("a record is a JSON object")
	errJSONEnds = errors.New("the JSON ends inside a value")
)

// recordError says why the scan of the record b stopped at index at.
func recordError(index int, offset int64, b []byte, at int, st status) *RecordError {
	e := &RecordError{Index: index, Offset: offset, Fault: Malformed}
	switch {
	case st == more || at >= len(b):
		e.Err = errJSONEnds
	case st == tooDeep:
		e.Fault = TooDeep
		e.Err = fmt.Errorf("more than %d objects and arrays inside one another", maxDepth)
	default:
		e.Err = fmt.Errorf("unexpected %q at byte %d of the record", b[at], at)
	}
	return e
}
