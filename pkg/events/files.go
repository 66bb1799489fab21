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

// ReadFiles reads many files, up to parallel at once, and gives the results in
// the order of files. read is called from several goroutines at once, each with
// a Reader that is Reset for file after file; it keeps nothing of the Reader,
// and may stop early. When the Reader met damage the Result has that error,
// whatever read says.
//
// At most 2×parallel results wait for their turn, so memory is bounded.
// Leaving the loop early ends every goroutine before it is left. When ctx is
// done no further file is begun: ask ctx.Err after the loop. files is ranged
// over in a goroutine of its own.
func ReadFiles[T any](ctx context.Context, files iter.Seq[File], parallel int, lim Limits,
	read func(ctx context.Context, name string, r *Reader) (T, error)) iter.Seq[Result[T]] {
	return func(yield func(Result[T]) bool) {
		ctx, cancel := context.WithCancel(ctx)
		jobs, turns := make(chan begun[T]), make(chan chan Result[T], max(parallel, 1))
		var all sync.WaitGroup
		defer all.Wait()
		defer cancel()
		for range cap(turns) {
			all.Go(func() { work(ctx, jobs, lim, read) })
		}
		all.Go(func() {
			defer close(turns)
			defer close(jobs)
			begin(ctx, files, jobs, turns)
		})
		for turn := range turns {
			if ctx.Err() == nil && !yield(<-turn) {
				cancel()
			}
		}
	}
}

// begun is a file, and the channel for its result.
type begun[T any] struct {
	file File
	turn chan Result[T]
}

// begin gives each file to a worker that is free, until ctx is done.
func begin[T any](ctx context.Context, files iter.Seq[File], jobs chan<- begun[T], turns chan<- chan Result[T]) {
	for f := range files {
		turn := make(chan Result[T], 1)
		if ctx.Err() != nil {
			return // select might choose a worker
		}
		select {
		case <-ctx.Done():
			return
		case jobs <- begun[T]{f, turn}:
		}
		turns <- turn // there is room, or ReadFiles goes on taking
	}
}

// work reads files one after another.
func work[T any](ctx context.Context, jobs <-chan begun[T], lim Limits, read func(context.Context, string, *Reader) (T, error)) {
	one := reused{lim: lim}
	for j := range jobs {
		res := Result[T]{Name: j.file.Name}
		res.Err = one.read(ctx, j.file, func(r *Reader) (err error) {
			res.Value, err = read(ctx, j.file.Name, r)
			return err
		})
		j.turn <- res
	}
}

// reused is a Reader for one file after another.
type reused struct {
	lim Limits
	r   *Reader // made for the first file
}

// read opens a file for use. The error names the file, and is the Reader's own
// if it met damage.
func (o *reused) read(ctx context.Context, f File, use func(*Reader) error) error {
	body, err := f.Open(ctx)
	if err != nil {
		return fmt.Errorf("opening %q: %w", f.Name, err)
	}
	defer body.Close()
	if o.r == nil {
		o.r = OpenGzip(body, o.lim)
	} else {
		o.r.Reset(body)
	}
	err = use(o.r)
	var damaged *FileError
	if errors.As(o.r.err, &damaged) && !errors.Is(err, o.r.err) {
		err = errors.Join(o.r.err, err)
	}
	if err != nil {
		return fmt.Errorf("parsing %q: %w", f.Name, err)
	}
	return nil
}
