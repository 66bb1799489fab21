package insights

import (
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Average is the arithmetic of a record's averages.
var Average = average

// Body is a snapshot's inflated body.
func Body(t testing.TB, snapshot []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	body, err := d.DecodeAll(snapshot[len(snapshotMagic)+1:], nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// DecodeBody reads the inflated body of a snapshot of the newest version.
func DecodeBody(body []byte) (*State, error) {
	return decodeBody(snapshotVersion, body, DefaultConfig())
}
