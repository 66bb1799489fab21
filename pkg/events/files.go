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
		readers := newReaders(parallel, lim)
		work := func(ctx context.Context, f File, turn chan Result[T]) {
			res := Result[T]{Name: f.Name}
			res.Err = readers.read(ctx, f, func(r *Reader) (err error) {
				res.Value, err = read(ctx, f.Name, r)
				return err
			})
			turn <- res
		}
		inOrder(ctx, files, parallel, 1, work, func(turn chan Result[T]) bool { return yield(<-turn) })
	}
}

// inOrder calls work for each file, for up to parallel files at once, and take
// in the order of files, each with a channel that the two of them share. It
// ends when take answers false or all is taken, and then no work goes on.
func inOrder[V any](ctx context.Context, files iter.Seq[File], parallel, room int,
	work func(context.Context, File, chan V), take func(chan V) bool) {
	ctx, cancel := context.WithCancel(ctx)
	turns := make(chan chan V, max(parallel, 1))
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() {
		defer close(turns)
		free := make(chan struct{}, cap(turns))
		for f := range files {
			select {
			case <-ctx.Done():
				return
			case free <- struct{}{}:
			}
			turn := make(chan V, room)
			all.Go(func() { work(ctx, f, turn); <-free })
			turns <- turn // the place is free, or take goes on, or the loop below does
		}
	})
	for turn := range turns {
		if ctx.Err() == nil && !take(turn) {
			cancel()
		}
	}
}

// readers are Readers that are used for one file after another.
type readers struct {
	lim  Limits
	idle chan *Reader
}

func newReaders(parallel int, lim Limits) readers {
	return readers{lim: lim.filled(), idle: make(chan *Reader, max(parallel, 1))}
}

// read opens a file for use. The error names the file, and is the Reader's own
// if it met damage.
func (rs readers) read(ctx context.Context, f File, use func(*Reader) error) error {
	body, err := f.Open(ctx)
	if err != nil {
		return fmt.Errorf("opening %q: %w", f.Name, err)
	}
	defer body.Close()
	r := rs.get(body)
	defer rs.put(r)
	err = use(r)
	var damaged *FileError
	if errors.As(r.err, &damaged) && !errors.Is(err, r.err) {
		err = errors.Join(r.err, err)
	}
	if err != nil {
		return fmt.Errorf("parsing %q: %w", f.Name, err)
	}
	return nil
}

// get gives an idle Reader, or else a new one.
func (rs readers) get(body io.Reader) *Reader {
	select {
	case r := <-rs.idle:
		r.reset(body)
		return r
	default:
		return OpenGzip(body, rs.lim)
	}
}

// put keeps a Reader for the next file, unless its window has grown.
func (rs readers) put(r *Reader) {
	if len(r.buf) > windowSize {
		return
	}
	select {
	case rs.idle <- r:
	default:
	}
}

// reset makes a Reader of OpenGzip ready for another file.
func (r *Reader) reset(gz io.Reader) {
	src := r.src.(*inflater)
	src.reset(gz, r.lim)
	*r = Reader{src: src, lim: r.lim, buf: r.buf, shapes: r.shapes}
}
