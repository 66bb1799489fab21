package events

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// member inflates one member of a gzip file, and takes no byte behind it. Its
// errors are those of compress/gzip.
type member interface {
	Reset(in *bufio.Reader) error
	Read(p []byte) (int, error)
}

// inflater reads what is inside a gzip file of one or more members, and turns
// every fault into a *FileError. After the last member it wants the end of the
// file.
type inflater struct {
	src      source
	in       *bufio.Reader
	gz       member
	lim      Limits
	inMember bool
	members  int
	inflated int64
}

func newInflater(src io.Reader, lim Limits) *inflater {
	z := &inflater{in: bufio.NewReaderSize(nil, 64<<10), gz: newMember(), lim: lim}
	z.reset(src)
	return z
}

func (z *inflater) reset(src io.Reader) {
	*z = inflater{src: source{r: src}, in: z.in, gz: z.gz, lim: z.lim}
	z.in.Reset(&z.src)
}

// Read implements io.Reader. It gives io.EOF only when the whole file is good.
func (z *inflater) Read(p []byte) (int, error) {
	if !z.inMember {
		if err := z.open(); err != nil {
			return 0, err
		}
	}
	n, err := z.gz.Read(p)
	z.inflated += int64(n)
	if err == io.EOF {
		z.inMember = false
		err = nil
	}
	if err != nil {
		return n, z.fault(err)
	}
	return n, z.check()
}

// open begins the first or the next member; io.EOF means that there is none.
func (z *inflater) open() error {
	head, err := z.in.Peek(2)
	if len(head) == 0 && err == io.EOF {
		if z.members == 0 {
			return z.error(Empty, errors.New("the file has no bytes"))
		}
		return io.EOF
	}
	if err != nil && err != io.EOF {
		return z.fault(err)
	}
	if string(head) != gzipMagic[:len(head)] {
		return z.notGzip()
	}
	if err := z.gz.Reset(z.in); err != nil {
		return z.fault(err)
	}
	z.inMember = true
	z.members++
	return nil
}

// notGzip says what stands where a member should begin.
func (z *inflater) notGzip() error {
	if z.members > 0 {
		return z.error(TrailingData, errors.New("bytes behind the gzip stream"))
	}
	head, _ := z.in.Peek(16)
	if name := format(head); name != "" {
		return z.error(NotGzip, fmt.Errorf("the file is %s", name))
	}
	if b := head[skipSpace(head, 0):]; len(b) > 0 && b[0] == '{' {
		return z.error(NotGzip, errors.New("the file looks like JSON that was never compressed"))
	}
	return z.error(NotGzip, fmt.Errorf("the file begins with %q", head[:min(len(head), 4)]))
}

// check holds the limits.
func (z *inflater) check() error {
	if z.inflated > z.lim.Inflated {
		return overInflated(z.inflated, z.lim.Inflated)
	}
	read := z.src.n - int64(z.in.Buffered())
	if z.inflated > ratioFrom && z.inflated/max(read, 1) > z.lim.Ratio {
		return z.error(OverLimit, fmt.Errorf("it inflates to more than %d times its size (limit Ratio)", z.lim.Ratio))
	}
	return nil
}

// fault names an error of the gzip reader. An error of what it reads from is
// not the file's.
func (z *inflater) fault(err error) error {
	switch {
	case z.src.err != nil:
		return z.error(Unreadable, z.src.err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return z.error(CutShort, errors.New("the gzip stream ends before its trailer does"))
	case errors.Is(err, gzip.ErrChecksum):
		return z.error(Checksum, errors.New("the gzip trailer's CRC-32 or length is not that of the data"))
	}
	return z.error(Corrupt, err)
}

func (z *inflater) error(f Fault, err error) error {
	return &FileError{Fault: f, Offset: z.inflated, Err: err}
}

// source counts what is read, and remembers why reading failed: a body that
// breaks off says io.ErrUnexpectedEOF as a cut gzip file does.
type source struct {
	r   io.Reader
	n   int64
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
