package logs

import (
	"context"
	"io"
)

const (
	chunkSize = 64 << 10
	// chunksAhead is how much of a file may be printed before its turn, in chunks.
	chunksAhead = 32
)

// pipe takes the output of one file to where all output goes, in chunks. Who
// writes waits when it is too far ahead of its turn.
type pipe struct {
	ctx    context.Context
	chunks chan []byte
	spent  chan []byte // chunks that were written, to be used again
	buf    []byte
}

func newPipe(ctx context.Context) *pipe {
	return &pipe{ctx: ctx, chunks: make(chan []byte, chunksAhead), spent: make(chan []byte, chunksAhead)}
}

// Write implements io.Writer.
func (p *pipe) Write(b []byte) (int, error) {
	if len(p.buf) > 0 && len(p.buf)+len(b) > chunkSize {
		if err := p.flush(); err != nil {
			return 0, err
		}
	}
	p.buf = append(p.buf, b...)
	return len(b), nil
}

func (p *pipe) flush() error {
	if len(p.buf) == 0 {
		return nil
	}
	select {
	case p.chunks <- p.buf:
		p.buf = p.empty()
		return nil
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// empty gives an empty chunk.
func (p *pipe) empty() []byte {
	select {
	case chunk := <-p.spent:
		return chunk[:0]
	default:
		return make([]byte, 0, chunkSize)
	}
}

// end is called when no more is written.
func (p *pipe) end() {
	_ = p.flush() // it fails only when the whole run does
	close(p.chunks)
}

// drain writes all chunks to w. After an error the rest is dropped.
func (p *pipe) drain(w io.Writer) error {
	var err error
	for chunk := range p.chunks {
		if err == nil {
			_, err = w.Write(chunk)
		}
		if cap(chunk) > 2*chunkSize {
			continue // that of a large record
		}
		select {
		case p.spent <- chunk:
		default:
		}
	}
	return err
}
