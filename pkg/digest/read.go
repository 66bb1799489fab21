package digest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// maxDigest bounds a digest file in memory, inflated: some 100,000 log files, far
// above those of an hour.
const maxDigest = 64 << 20

// loaded is a digest file as it was found. Of one with an error nothing is believed.
type loaded struct {
	key    string
	signed Signed
	err    error
}

// load reads one digest file.
func (w *walk) load(ctx context.Context, key string) loaded {
	s, err := w.read(ctx, key)
	return loaded{key: key, signed: s, err: err}
}

func (w *walk) read(ctx context.Context, key string) (Signed, error) {
	body, metadata, err := w.Store.Open(ctx, w.bucket, key)
	if err != nil {
		return Signed{}, err
	}
	defer body.Close()
	inflated, err := inflate(body)
	if err != nil {
		return Signed{}, err
	}
	d, err := Parse(inflated)
	if err != nil {
		return Signed{}, fmt.Errorf("%w: %w", ErrNoDigest, err)
	}
	return Signed{Digest: d, Inflated: inflated, Signature: metadata[MetadataSignature]}, nil
}

// inflate gives what is inside a digest file. Contents that are none wrap
// ErrNoDigest; a store that fails does not.
func inflate(body io.Reader) ([]byte, error) {
	from := &origin{Reader: body}
	gz, err := gzip.NewReader(from)
	if err != nil {
		return nil, from.fault(ErrNoDigest, err)
	}
	inflated, err := io.ReadAll(io.LimitReader(gz, maxDigest+1))
	if err != nil {
		return nil, from.fault(ErrNoDigest, err)
	}
	if len(inflated) > maxDigest {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrNoDigest, maxDigest)
	}
	return inflated, nil
}

// origin tells a store that fails, which proves nothing, from contents that are bad.
type origin struct {
	io.Reader
	err error // of the store
}

// Read implements io.Reader.
func (o *origin) Read(p []byte) (int, error) {
	n, err := o.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		o.err = err
	}
	return n, err
}

// fault gives the error of reading: it wraps bad only if the contents are.
func (o *origin) fault(bad, err error) error {
	if o.err != nil {
		return fmt.Errorf("reading: %w", o.err)
	}
	return fmt.Errorf("%w: inflating: %w", bad, err)
}
