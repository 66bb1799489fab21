package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
)

// File is a gzipped log file that can be opened.
type File struct {
	Name string
	Open func(context.Context) (io.ReadCloser, error)
}

// Result is what came of one file.
type Result[T any] struct {
	Name  string
	Value T     // of a file without error; else whatever read gave
	Err   error // names the file
}

// ReadFiles reads many files, up to parallel at once, each through a Reader of
// its own, and gives the results in the order of files. read is called from
// several goroutines at once; it keeps nothing of the Reader, and may stop
// early. When the Reader met damage the Result has that error, whatever read
// says.
//
// At most 2×parallel results wait for their turn, so memory is bounded.
// Leaving the loop early ends every goroutine before it is left. When ctx is
// done no further file is begun: ask ctx.Err after the loop. files is ranged
// over in a goroutine of its own.
func ReadFiles[T any](ctx context.Context, files iter.Seq[File], parallel int, lim Limits,
	read func(ctx context.Context, name string, r *Reader) (T, error)) iter.Seq[Result[T]] {
	return func(yield func(Result[T]) bool) {
		ctx, cancel := context.WithCancel(ctx)
		p := pool[T]{read: read, lim: lim.filled(), idle: make(chan *Reader, max(parallel, 1)),
			turns: make(chan chan Result[T], max(parallel, 1))}
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		all.Go(func() { p.begin(ctx, files) })
		for turn := range p.turns {
			if !yield(<-turn) {
				return
			}
		}
	}
}

// pool is one run of ReadFiles.
type pool[T any] struct {
	read  func(context.Context, string, *Reader) (T, error)
	lim   Limits
	idle  chan *Reader        // Readers that can be used again
	turns chan chan Result[T] // in the order of the files
}

// begin begins the files in their order, and ends when all are done.
func (p *pool[T]) begin(ctx context.Context, files iter.Seq[File]) {
	defer close(p.turns)
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, cap(p.idle))
	for f := range files {
		turn := make(chan Result[T], 1)
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		running.Go(func() {
			turn <- p.file(ctx, f)
			<-free
		})
		select {
		case <-ctx.Done():
			return
		case p.turns <- turn:
		}
	}
}

// file reads one file.
func (p *pool[T]) file(ctx context.Context, f File) Result[T] {
	res := Result[T]{Name: f.Name}
	body, err := f.Open(ctx)
	if err != nil {
		res.Err = fmt.Errorf("opening %q: %w", f.Name, err)
		return res
	}
	defer body.Close()
	r := p.reader(body)
	res.Value, err = p.read(ctx, f.Name, r)
	var damaged *FileError
	if errors.As(r.err, &damaged) && !errors.Is(err, r.err) {
		err = errors.Join(r.err, err)
	}
	if err != nil {
		res.Err = fmt.Errorf("parsing %q: %w", f.Name, err)
	}
	p.putBack(r)
	return res
}

// reader gives an idle Reader, or else a new one.
func (p *pool[T]) reader(body io.Reader) *Reader {
	select {
	case r := <-p.idle:
		r.reset(body)
		return r
	default:
		return OpenGzip(body, p.lim)
	}
}

// putBack keeps a Reader for the next file, unless its window has grown.
func (p *pool[T]) putBack(r *Reader) {
	if len(r.buf) > windowSize {
		return
	}
	select {
	case p.idle <- r:
	default:
	}
}

// reset makes a Reader of OpenGzip ready for another file.
func (r *Reader) reset(gz io.Reader) {
	src := r.src.(*inflater)
	src.reset(gz, r.lim)
	*r = Reader{src: src, lim: r.lim, buf: r.buf, shapes: r.shapes}
}
