package sinks

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// NDJSON writes records as they are, one a line, under zstd: "ndjson/….ndjson.zst".
type NDJSON struct {
	Bucket Bucket
	Prefix string
}

// Begin implements delivery.Sink.
func (n NDJSON) Begin(ctx context.Context, f delivery.File) (delivery.Stage, error) {
	raw := func(r *events.Record) ([]byte, error) { return r.Raw(), nil }
	return newLines(ctx, n.Bucket, objectKey(n.Prefix, "ndjson", f, "ndjson.zst"), raw)
}

// lines stages one zstd object of lines.
type lines struct {
	upload delivery.Upload
	zw     *zstd.Encoder
	line   func(*events.Record) ([]byte, error)
	buf    []byte
	begun  bool
}

func newLines(ctx context.Context, b Bucket, key string, line func(*events.Record) ([]byte, error)) (*lines, error) {
	up := b.Create(ctx, key)
	zw, err := zstd.NewWriter(up, zstd.WithEncoderConcurrency(1), zstd.WithLowerEncoderMem(true),
		zstd.WithWindowSize(1<<20), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return nil, fmt.Errorf("writing %q: %w", key, err)
	}
	return &lines{upload: up, zw: zw, line: line}, nil
}

// Add implements delivery.Stage. A line break between the tokens of a record
// becomes a space; inside a string JSON has none.
func (l *lines) Add(r *events.Record) error {
	line, err := l.line(r)
	if err != nil {
		return err
	}
	l.begun = true
	l.buf = append(l.buf[:0], line...)
	if bytes.ContainsAny(l.buf, "\r\n") {
		for i, c := range l.buf {
			if c == '\n' || c == '\r' {
				l.buf[i] = ' '
			}
		}
	}
	_, err = l.zw.Write(append(l.buf, '\n'))
	return err
}

// Commit implements delivery.Stage. A file without records makes no object.
func (l *lines) Commit(ctx context.Context, _ *delivery.Summary) error {
	err := l.zw.Close()
	if err == nil && l.begun {
		return l.upload.Commit(ctx)
	}
	return errors.Join(err, l.upload.Discard(ctx))
}

// Discard implements delivery.Stage.
func (l *lines) Discard(ctx context.Context) {
	l.zw.Reset(nil)
	_ = l.upload.Discard(ctx) // the bucket's lifecycle takes what is left
}
