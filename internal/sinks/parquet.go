//go:build !noparquet

package sinks

import (
	"context"
	"errors"
	"fmt"
	"io"

	kzstd "github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

const (
	// rowGroupBytes bounds the records of which columns are held until a row group is written.
	rowGroupBytes = 8 << 20
	pageBytes     = 64 << 10
	windowBytes   = 256 << 10
)

// Parquet writes records as Parquet: "parquet/….parquet".
type Parquet struct {
	Bucket Bucket
	Prefix string
}

// Begin implements delivery.Sink.
func (p Parquet) Begin(ctx context.Context, f delivery.File) (delivery.Stage, error) {
	up := p.Bucket.Create(ctx, objectKey(p.Prefix, "parquet", f, "parquet"))
	return &parquetStage{upload: up, w: NewParquetWriter(up)}, nil
}

// ParquetWriter writes records as one Parquet file under zstd.
type ParquetWriter struct {
	w     *parquet.GenericWriter[row]
	bytes int
	rows  int
}

// NewParquetWriter begins a file on w.
func NewParquetWriter(w io.Writer) *ParquetWriter {
	return &ParquetWriter{w: parquet.NewGenericWriter[row](w,
		parquet.Compression(&smallZstd{}), parquet.CreatedBy("trailhand", "1", ""), parquet.PageBufferSize(pageBytes))}
}

// smallZstd is Parquet's zstd with a window of the size of its pages: the usual
// one takes 16 MiB beside each writer.
type smallZstd struct {
	zstd.Codec
	encoder *kzstd.Encoder
}

// Encode implements compress.Codec.
func (z *smallZstd) Encode(to, page []byte) ([]byte, error) {
	if z.encoder == nil {
		var err error
		z.encoder, err = kzstd.NewWriter(nil, kzstd.WithEncoderConcurrency(1), kzstd.WithWindowSize(windowBytes),
			kzstd.WithLowerEncoderMem(true), kzstd.WithZeroFrames(true), kzstd.WithEncoderCRC(false))
		if err != nil {
			return nil, err
		}
	}
	return z.encoder.EncodeAll(page, to[:0]), nil
}

// Add writes a record.
func (p *ParquetWriter) Add(r *events.Record) error {
	line, err := rowOf(r)
	if err != nil {
		return fmt.Errorf("a record as Parquet: %w", err)
	}
	if _, err := p.w.Write([]row{line}); err != nil {
		return fmt.Errorf("writing Parquet: %w", err)
	}
	p.rows++
	if p.bytes += len(r.Raw()); p.bytes < rowGroupBytes {
		return nil
	}
	p.bytes = 0
	return p.w.Flush()
}

// Close ends the file.
func (p *ParquetWriter) Close() error { return p.w.Close() }

type parquetStage struct {
	upload delivery.Upload
	w      *ParquetWriter
}

// Add implements delivery.Stage.
func (p *parquetStage) Add(r *events.Record) error { return p.w.Add(r) }

// Commit implements delivery.Stage. A file without records makes no object.
func (p *parquetStage) Commit(ctx context.Context, _ *delivery.Summary) error {
	if p.w.rows == 0 {
		return p.upload.Discard(ctx)
	}
	if err := p.w.Close(); err != nil {
		return errors.Join(err, p.upload.Discard(ctx))
	}
	return p.upload.Commit(ctx)
}

// Discard implements delivery.Stage.
func (p *parquetStage) Discard(ctx context.Context) { _ = p.upload.Discard(ctx) }
