package logfiles

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

const journalSuffix = ".journal"

// journal is a file of one header line and then a record a line.
type journal struct {
	path    string
	out     *os.File // nil once it is sealed
	dest    Destination
	key     string
	since   time.Time
	records int
	bytes   int64
}

type header struct {
	Destination Destination
	Key         string
	Since       time.Time
}

// create opens a journal and chooses its log file's key: the time is the
// beginning of its five minutes, as in CloudTrail's own names.
func create(dir string, d Destination, now time.Time) (*journal, error) {
	unique := rand.Text()[:16]
	key := events.Key{
		Prefix: d.Prefix, OrganizationID: d.OrganizationID, AccountID: d.AccountID, Kind: d.Kind,
		Region: d.Region, Time: now.UTC().Truncate(5 * time.Minute), Suffix: unique,
	}
	j := &journal{dest: d, key: key.String(), since: now}
	j.path = filepath.Join(dir, fmt.Sprintf("%020d-%s%s", now.UnixNano(), unique, journalSuffix))
	line, err := json.Marshal(header{Destination: d, Key: j.key, Since: now})
	if err != nil {
		return nil, err
	}
	if j.out, err = os.OpenFile(j.path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err != nil {
		return nil, err
	}
	if _, err := j.out.Write(append(line, '\n')); err != nil {
		return nil, errors.Join(err, j.remove())
	}
	return j, nil
}

// reopen reads the journal of an earlier process.
func reopen(path string) (*journal, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	first, err := lines.ReadBytes('\n')
	if err != nil {
		return nil, fmt.Errorf("journal %s: its header is cut: %w", path, err)
	}
	var h header
	if err := json.Unmarshal(first, &h); err != nil {
		return nil, fmt.Errorf("journal %s: header: %w", path, err)
	}
	j := &journal{path: path, dest: h.Destination, key: h.Key, since: h.Since}
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			break // a last line without its newline was never acknowledged
		}
		j.records++
		j.bytes += int64(len(line))
	}
	return j, nil
}

// append writes a record as one line. A line that could not be written whole is taken back.
func (j *journal) append(record []byte) error {
	var line bytes.Buffer
	if err := json.Compact(&line, record); err != nil {
		return fmt.Errorf("a record that is not JSON: %w", err)
	}
	line.WriteByte('\n')
	if _, err := j.out.Write(line.Bytes()); err != nil {
		return errors.Join(err, j.rewind())
	}
	j.records++
	j.bytes += int64(line.Len())
	return nil
}

// rewind cuts what a failed write left behind (a full disk).
func (j *journal) rewind() error {
	whole, err := reopen(j.path)
	if err != nil {
		return err
	}
	size, err := headerSize(j.path)
	if err != nil {
		return err
	}
	if err := j.out.Truncate(size + whole.bytes); err != nil {
		return err
	}
	_, err = j.out.Seek(0, io.SeekEnd)
	return err
}

func headerSize(path string) (int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadBytes('\n')
	return int64(len(line)), err
}

func (j *journal) file() File {
	return File{Destination: j.dest, Key: j.key, Records: j.records, Since: j.since}
}

// gzip renders the log file. The same journal always gives the same bytes.
func (j *journal) gzip() ([]byte, error) {
	if err := j.close(); err != nil {
		return nil, err
	}
	f, err := os.Open(j.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	if _, err := lines.ReadBytes('\n'); err != nil {
		return nil, fmt.Errorf("journal %s: header: %w", j.path, err)
	}
	var body bytes.Buffer
	gz := gzip.NewWriter(&body)
	sep := []byte(`{"Records":[`)
	for range j.records {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, fmt.Errorf("journal %s: %w", j.path, err)
		}
		gz.Write(sep) // a bytes.Buffer takes everything
		gz.Write(line[:len(line)-1])
		sep = []byte(",")
	}
	if j.records == 0 {
		gz.Write(sep)
	}
	gz.Write([]byte("]}"))
	if err := gz.Close(); err != nil {
		return nil, err
	}
	return body.Bytes(), nil
}

func (j *journal) close() error {
	if j.out == nil {
		return nil
	}
	err := j.out.Close()
	j.out = nil
	return err
}

func (j *journal) remove() error {
	return errors.Join(j.close(), os.Remove(j.path))
}
