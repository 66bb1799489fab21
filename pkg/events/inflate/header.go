package inflate

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
)

// Flags of a gzip header.
const (
	hasCRC     = 1 << 1
	hasExtra   = 1 << 2
	hasName    = 1 << 3
	hasComment = 1 << 4
	reserved   = 0xe0
)

// maxText bounds the name and the comment of a header, as compress/gzip does.
const maxText = 512

// header skips a gzip header.
func header(in *bufio.Reader) error {
	h := headerReader{in: in}
	head := h.bytes(10)
	if h.err != nil {
		return h.err
	}
	if head[0] != 0x1f || head[1] != 0x8b || head[2] != 8 || head[3]&reserved != 0 {
		return gzip.ErrHeader
	}
	flags := head[3]
	if flags&hasExtra != 0 {
		for range binary.LittleEndian.Uint16(h.bytes(2)) {
			h.bytes(1)
		}
	}
	if flags&hasName != 0 {
		h.text()
	}
	if flags&hasComment != 0 {
		h.text()
	}
	if sum := uint16(h.sum); flags&hasCRC != 0 && binary.LittleEndian.Uint16(h.bytes(2)) != sum && h.err == nil {
		return gzip.ErrHeader
	}
	if h.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return h.err
}

// headerReader reads the fields of a header. After an error it gives zeros.
type headerReader struct {
	in  *bufio.Reader
	buf [10]byte
	sum uint32 // CRC-32 of all that was read
	err error
}

func (h *headerReader) bytes(n int) []byte {
	b := h.buf[:n]
	clear(b)
	if h.err == nil {
		_, h.err = io.ReadFull(h.in, b)
		h.sum = crc32.Update(h.sum, crc32.IEEETable, b)
	}
	return b
}

// text skips a string that a zero byte ends.
func (h *headerReader) text() {
	for range maxText {
		if h.bytes(1)[0] == 0 {
			return
		}
	}
	if h.err == nil {
		h.err = gzip.ErrHeader
	}
}
