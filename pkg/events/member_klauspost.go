//go:build klauspost

package events

import (
	"bufio"

	"github.com/klauspost/compress/gzip"
)

// newMember gives klauspost's inflater in place of our own.
func newMember() member { return new(klauspostMember) }

type klauspostMember struct{ gzip.Reader }

func (m *klauspostMember) Reset(in *bufio.Reader) error {
	if err := m.Reader.Reset(in); err != nil {
		return err
	}
	m.Multistream(false)
	return nil
}
