package logs

import (
	"context"
	"io"
)

// stdin is standard input that does not keep a run from ending: a read of a
// terminal or a pipe may last for ever.
type stdin struct {
	ctx  context.Context
	in   io.Reader
	buf  []byte
	got  chan read
	rest []byte
	err  error
}

// read is what one Read gave.
type read struct {
	b   []byte
	err error
}

func newStdin(ctx context.Context, in io.Reader) *stdin {
	return &stdin{ctx: ctx, in: in, buf: make([]byte, sniffed), got: make(chan read, 1)}
}

// Read implements io.Reader.
func (s *stdin) Read(p []byte) (int, error) {
	if len(s.rest) == 0 && s.err == nil {
		go func() {
			n, err := s.in.Read(s.buf)
			s.got <- read{s.buf[:n], err}
		}()
		select {
		case r := <-s.got:
			s.rest, s.err = r.b, r.err
		case <-s.ctx.Done():
			s.err = s.ctx.Err() // what is read by now is lost with the run
		}
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) > 0 {
		return n, nil
	}
	return n, s.err
}

// Close implements io.Closer.
func (s *stdin) Close() error { return nil }
