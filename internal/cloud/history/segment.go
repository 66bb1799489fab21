package history

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

const (
	recordSuffix = ".records"
	indexSuffix  = ".index"
	fixedBytes   = 8 + 4 + 4 + 2 // of an index entry: time, offset, size, number of keys
)

// segment is a file of records, and beside it one of their index entries. An
// entry is written before its record: one whose record is cut was never
// acknowledged, and both are dropped by the next process.
type segment struct {
	id             uint32
	records, index *os.File
	size           int64 // of records
	indexSize      int64
	events         int
	newest         int64 // Unix seconds, of the newest event
	begun          time.Time
}

func segmentFiles(dir string, id uint32) (records, index *os.File, err error) {
	base := filepath.Join(dir, fmt.Sprintf("%010d", id))
	records, err = os.OpenFile(base+recordSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, err
	}
	index, err = os.OpenFile(base+indexSuffix, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, nil, errors.Join(err, records.Close())
	}
	return records, index, nil
}

func createSegment(dir string, id uint32, now time.Time) (*segment, error) {
	records, index, err := segmentFiles(dir, id)
	if err != nil {
		return nil, err
	}
	return &segment{id: id, records: records, index: index, begun: now}, nil
}

// openSegment gives each event of an earlier process to add.
func openSegment(dir string, id uint32, add func(entry, []key)) (*segment, error) {
	records, index, err := segmentFiles(dir, id)
	if err != nil {
		return nil, err
	}
	s := &segment{id: id, records: records, index: index}
	info, err := records.Stat()
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	in := bufio.NewReaderSize(index, 1<<20)
	for {
		e, keys, n, err := s.readEntry(in)
		if err != nil || int64(e.offset) != s.size || s.size+int64(e.size) > info.Size() {
			break
		}
		s.took(e, n)
		add(e, keys)
	}
	if err := s.cut(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// readEntry reads one index entry, of n bytes.
func (s *segment) readEntry(in io.Reader) (e entry, keys []key, n int, err error) {
	var fixed [fixedBytes]byte
	if _, err := io.ReadFull(in, fixed[:]); err != nil {
		return entry{}, nil, 0, err
	}
	e = entry{
		at: int64(binary.LittleEndian.Uint64(fixed[0:])), segment: s.id,
		offset: binary.LittleEndian.Uint32(fixed[8:]), size: binary.LittleEndian.Uint32(fixed[12:]),
	}
	rest := make([]byte, 8*int(binary.LittleEndian.Uint16(fixed[16:])))
	if _, err := io.ReadFull(in, rest); err != nil {
		return entry{}, nil, 0, err
	}
	for i := 0; i < len(rest); i += 8 {
		keys = append(keys, key(binary.LittleEndian.Uint64(rest[i:])))
	}
	return e, keys, fixedBytes + len(rest), nil
}

// took notes an event that is in the files, with an index entry of n bytes.
func (s *segment) took(e entry, n int) {
	if s.begun.IsZero() {
		s.begun = time.Unix(e.at, 0) // near enough: it happened just before it was kept
	}
	s.size, s.indexSize = int64(e.offset)+int64(e.size), s.indexSize+int64(n)
	s.newest = max(s.newest, e.at)
	s.events++
}

// append writes a record. What could not be written whole is taken back.
func (s *segment) append(at int64, keys []key, record []byte) (entry, error) {
	e := entry{at: at, segment: s.id, offset: uint32(s.size), size: uint32(len(record))}
	keys = keys[:min(len(keys), 1<<16-1)]
	var b []byte
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = binary.LittleEndian.AppendUint32(b, e.offset)
	b = binary.LittleEndian.AppendUint32(b, e.size)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(keys)))
	for _, k := range keys {
		b = binary.LittleEndian.AppendUint64(b, uint64(k))
	}
	_, err := s.index.WriteAt(b, s.indexSize)
	if err == nil {
		_, err = s.records.WriteAt(record, s.size)
	}
	if err != nil {
		return entry{}, errors.Join(err, s.cut())
	}
	s.took(e, len(b))
	return e, nil
}

// cut drops what is behind the last whole event.
func (s *segment) cut() error {
	return errors.Join(s.records.Truncate(s.size), s.index.Truncate(s.indexSize))
}

func (s *segment) read(e entry) ([]byte, error) {
	record := make([]byte, e.size)
	_, err := s.records.ReadAt(record, int64(e.offset))
	return record, err
}

func (s *segment) close() error { return errors.Join(s.records.Close(), s.index.Close()) }

func (s *segment) remove() error {
	return errors.Join(s.close(), os.Remove(s.records.Name()), os.Remove(s.index.Name()))
}
