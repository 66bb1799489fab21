package events

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"
)

// Item is a record of one of many files, or an error, or the end of a file.
type Item struct {
	Name   string  // of the file
	Record *Record // valid until the next item; nil if there is an error or the file ends
	Err    error   // a *RecordError, with which the file goes on; any other is the file's last item
	End    bool    // the whole file was good; its last item
}

// ReadRecords reads many files as ReadFiles does, and gives their records in
// the order of files, and in that of each file. It reads ahead of the loop by
// at most some 1 MiB for each of parallel files, or a single larger record.
// What a file's records do should count only once its End has come.
func ReadRecords(ctx context.Context, files iter.Seq[File], parallel int, lim Limits) iter.Seq[Item] {
	return func(yield func(Item) bool) {
		var l lanes
		inOrder(ctx, files, parallel, lim, 2, l.fill, func(turn chan *batch) bool {
			for b := range turn {
				if !b.each(yield) {
					return false
				}
				l.empty.Put(b)
			}
			return true
		})
	}
}

// lanes carry batches of records from the goroutines that read files.
type lanes struct {
	empty sync.Pool // of *batch
}

// batchSize is how many bytes of records a batch has before it is handed over.
const batchSize = 256 << 10

// batch is a run of items of one file. The records' bytes lie in text.
type batch struct {
	text    []byte
	records []Record
	items   []Item // Record is set only when the batch is read
}

// errGone says that nobody waits for the records any more.
var errGone = errors.New("reading was given up")

// fill reads a file into its lane.
func (l *lanes) fill(ctx context.Context, one *reused, f File, lane chan *batch) {
	defer close(lane)
	b := l.batch()
	send := func() error {
		select {
		case <-ctx.Done():
			return errGone
		case lane <- b:
			return nil
		}
	}
	err := one.read(ctx, f, func(r *Reader) error {
		for {
			rec, err := r.Next()
			var bad *RecordError
			if err == io.EOF {
				return nil
			}
			if err != nil && !errors.As(err, &bad) || r.err != nil {
				return err
			}
			if b.add(f.Name, rec, err); len(b.text) < batchSize && len(b.items) < batchSize/64 {
				continue
			}
			if err := send(); err != nil {
				return err
			}
			b = l.batch()
		}
	})
	b.items = append(b.items, Item{Name: f.Name, Err: err, End: err == nil})
	send()
}

func (l *lanes) batch() *batch {
	if b, some := l.empty.Get().(*batch); some && cap(b.text) <= 2*batchSize {
		b.text, b.records, b.items = b.text[:0], b.records[:0], b.items[:0]
		return b
	}
	return &batch{text: make([]byte, 0, batchSize+batchSize/4)}
}

// add copies a record, or keeps an error.
func (b *batch) add(name string, r *Record, err error) {
	b.items = append(b.items, Item{Name: name, Err: err})
	if err != nil {
		return
	}
	start := len(b.text)
	b.text = append(b.text, r.raw...)
	b.records = append(b.records, Record{raw: b.text[start:len(b.text):len(b.text)], bounds: r.bounds})
}

// each gives the items to yield, until it answers false.
func (b *batch) each(yield func(Item) bool) bool {
	records := b.records
	for _, item := range b.items {
		if item.Err == nil && !item.End {
			item.Record, records = &records[0], records[1:]
		}
		if !yield(item) {
			return false
		}
	}
	return true
}
