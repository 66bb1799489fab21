package logs

import (
	"bytes"
	"fmt"
	"io"
	"os"
)

// maxHeld is how much of one file's output is held in memory; the rest is in a
// temporary file.
const maxHeld = 1 << 20

// spool holds what is printed of a file until the whole of it was good.
type spool struct {
	mem  bytes.Buffer
	file *os.File // nil while all is in memory
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.mem.Len()+len(p) > maxHeld {
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	return s.mem.Write(p)
}

// spill empties memory to the temporary file, which has no name from its beginning.
func (s *spool) spill() error {
	if s.file == nil {
		f, err := os.CreateTemp("", "trailhand-*")
		if err != nil {
			return fmt.Errorf("holding output: %w", err)
		}
		s.file = f
		_ = os.Remove(f.Name()) // where that is refused, discard does it
	}
	if _, err := s.mem.WriteTo(s.file); err != nil {
		return fmt.Errorf("holding output: %w", err)
	}
	return nil
}

// WriteTo implements io.WriterTo.
func (s *spool) WriteTo(w io.Writer) (int64, error) {
	var n int64
	if s.file != nil {
		if _, err := s.file.Seek(0, io.SeekStart); err != nil {
			return 0, fmt.Errorf("holding output: %w", err)
		}
		var err error
		if n, err = io.Copy(w, s.file); err != nil {
			return n, err
		}
	}
	m, err := s.mem.WriteTo(w)
	return n + m, err
}

func (s *spool) discard() {
	s.mem = bytes.Buffer{}
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
		s.file = nil
	}
}
