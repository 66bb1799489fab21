package logs

import (
	"context"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// Reading is what becomes of the files that were found.
type Reading struct {
	Keep     func(*events.Record) bool // nil keeps every record
	Format   *Format                   // nil prints nothing
	Sinks    []delivery.Sink           // beside the format
	Jobs     int                       // files read at once, at least 1
	Limits   events.Limits
	Progress func(bytes int) // told of stored bytes as they are read, from several goroutines; may be nil
	// Done is told each file when all of it is done, in order; may be nil. The
	// Summary has that file alone.
	Done func(f File, totals *delivery.Summary)

	idle sync.Pool // of Readers of gzip
}

// job is one file on its way.
type job struct {
	file   File
	out    *pipe
	totals *delivery.Summary // when out has ended
}

// Run reads the files, prints to w in their order and gives the totals. A file
// that fails is in the Summary and stops no other. The error is that of w or of
// ctx; the Summary is then of what was done before.
func (r *Reading) Run(ctx context.Context, files iter.Seq[File], w io.Writer) (*delivery.Summary, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	turns := make(chan *job, max(r.Jobs, 1))
	var all sync.WaitGroup
	defer all.Wait()
	defer cancel()
	all.Go(func() { r.begin(ctx, files, turns) })
	total := delivery.NewSummary()
	if r.Format != nil && r.Format.Head != nil {
		if err := r.Format.Head(w); err != nil {
			return total, fmt.Errorf("printing: %w", err)
		}
	}
	for j := range turns {
		err := j.out.drain(w)
		switch {
		case ctx.Err() != nil:
			return total, ctx.Err()
		case err != nil:
			return total, fmt.Errorf("printing: %w", err)
		}
		total.Merge(j.totals)
		if r.Done != nil {
			r.Done(j.file, j.totals)
		}
	}
	return total, ctx.Err()
}

// begin begins the files in their order, and ends when all are done.
func (r *Reading) begin(ctx context.Context, files iter.Seq[File], turns chan<- *job) {
	defer close(turns)
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, cap(turns))
	for f := range files {
		j := &job{file: f, out: newPipe(ctx)}
		select {
		case <-ctx.Done():
			return
		case free <- struct{}{}:
		}
		running.Go(func() {
			j.totals = r.one(ctx, f, j.out)
			j.out.end()
			<-free
		})
		select {
		case <-ctx.Done():
			return
		case turns <- j:
		}
	}
}

// one reads one file.
func (r *Reading) one(ctx context.Context, f File, out *pipe) *delivery.Summary {
	sum := delivery.NewSummary()
	switch {
	case f.Err != nil:
		sum.Fail(f.Name, 0, f.Err)
		return sum
	case f.Skip != "":
		sum.Skip(f.Name, f.Skip)
		return sum
	}
	stored, err := f.Open(ctx)
	if err != nil {
		sum.Fail(f.Name, 0, err)
		return sum
	}
	defer stored.Close()
	reader, end, err := r.open(f.Name, r.counted(stored), r.Jobs > 1 && f.Size > largeFile)
	if err != nil {
		sum.Fail(f.Name, 0, err)
		return sum
	}
	defer end()
	p := delivery.Pipeline{Keep: r.Keep, Sinks: r.Sinks}
	if r.Format != nil {
		p.Sinks = append([]delivery.Sink{printing{*r.Format, out}}, r.Sinks...)
	}
	sum, err = p.Read(ctx, f.delivered(), reader)
	_ = err // it is among sum's failed
	return sum
}

// largeFile is the stored size from which a second core inflates ahead.
const largeFile = 4 << 20

func (r *Reading) counted(stored io.Reader) io.Reader {
	if r.Progress == nil {
		return stored
	}
	return progress{stored, r.Progress}
}

// progress tells what is read.
type progress struct {
	io.Reader
	tell func(int)
}

// Read implements io.Reader.
func (p progress) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	p.tell(n)
	return n, err
}
