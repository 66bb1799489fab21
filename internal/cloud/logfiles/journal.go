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
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

const journalSuffix = ".journal"

// journal is a file of records and of all the places that each goes to. A
// record is one line, so it is on its way to all of them or to none, whatever
// dies. The first byte says what a line is:
//
//	+{"Destination":…,"Key":…,"Since":…}   one more place, counted from 0
//	0,2 {…}                                a record, and the places that it goes to
//	-2.1                                   a place of which the second of Config.After was done
//	-2@7                                   a log group that has the first 7 of its records
//	-2                                     a place of which nothing is left to do
//
// A line is written behind what is known to be whole. One that was cut, by a
// full disk or a kill, is written over, or is the end of the file.
type journal struct {
	path   string
	out    file  // nil once it is sealed
	size   int64 // in bytes, of what is whole
	begun  time.Time
	steps  int // of what a delivered file sets off
	places []*place
}

// place is where records of a journal go, and how far they have come.
type place struct {
	Destination Destination
	Key         string
	Since       time.Time

	records int
	again   bool         // see File.Again
	put     bool         // it was delivered
	after   []bool       // what that sets off was done
	sent    atomic.Int64 // see File.Sent; Waiting reads it
	done    bool         // nothing is left to do
	marked  bool         // and the journal says so
}

// file is what is written of an os.File.
type file interface {
	WriteAt(p []byte, offset int64) (int, error)
	Truncate(size int64) error
	Close() error
}

func newFile(path string) (file, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
}

func (f *Files) create(now time.Time) (*journal, error) {
	j := &journal{begun: now, steps: len(f.cfg.After), path: filepath.Join(f.cfg.Dir, fmt.Sprintf("%020d-%s%s", now.UnixNano(), rand.Text()[:16], journalSuffix))}
	var err error
	j.out, err = f.newFile(j.path)
	return j, err
}

// newPlace chooses the log file's key: the time is the beginning of its five
// minutes, as in CloudTrail's own names.
func (j *journal) newPlace(d Destination, now time.Time) *place {
	p := &place{Destination: d, Since: now, after: make([]bool, j.steps)}
	if !d.LogGroup {
		p.Key = events.Key{
			Prefix: d.Prefix, OrganizationID: d.OrganizationID, AccountID: d.AccountID, Kind: d.Kind,
			Region: d.Region, Time: now.UTC().Truncate(5 * time.Minute), Suffix: rand.Text()[:16],
		}.String()
	}
	return p
}

// append writes a record and does what else makes it taken. If one fails, it
// is as if neither had been tried.
func (j *journal) append(record []byte, to []Destination, now time.Time, also func() error) error {
	places := j.places
	var lines, numbers []byte
	for _, d := range to {
		i := slices.IndexFunc(places, func(p *place) bool { return p.Destination == d })
		if i < 0 {
			p := j.newPlace(d, now)
			text, err := json.Marshal(p)
			if err != nil {
				return err
			}
			i, places = len(places), append(places, p)
			lines = append(append(append(lines, '+'), text...), '\n')
		}
		numbers = append(strconv.AppendInt(numbers, int64(i), 10), ',')
	}
	lines = append(lines, numbers[:len(numbers)-1]...)
	lines = append(append(append(lines, ' '), record...), '\n')
	_, err := j.out.WriteAt(lines, j.size)
	if err == nil {
		err = also()
	}
	if err != nil {
		_ = j.out.Truncate(j.size) // what stays is written over by the next record
		return err
	}
	j.size, j.places = j.size+int64(len(lines)), places
	j.count(numbers[:len(numbers)-1])
	return nil
}

// count notes a record for the places that it goes to.
func (j *journal) count(numbers []byte) (to []Destination, known bool) {
	for number := range bytes.SplitSeq(numbers, []byte(",")) {
		i, err := strconv.Atoi(string(number))
		if err != nil || i < 0 || i >= len(j.places) {
			return nil, false
		}
		to = append(to, j.places[i].Destination)
	}
	for _, d := range to {
		j.places[slices.IndexFunc(j.places, func(p *place) bool { return p.Destination == d })].records++
	}
	return to, true
}

// rendering is the log file of a place, as it grows.
type rendering struct {
	body  bytes.Buffer
	gz    *gzip.Writer
	sep   []byte // before the next record
	found int    // records
}

// add takes a record. A bytes.Buffer takes everything.
func (r *rendering) add(record []byte) {
	r.gz.Write(r.sep)
	r.gz.Write(record)
	r.sep, r.found = append(r.sep[:0], ','), r.found+1
}

// render reads the journal once, and gives the log files of some places by their
// numbers. The same journal always gives the same bytes.
func (j *journal) render(numbers []int) (map[int]*rendering, error) {
	f, err := os.Open(j.path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[int]*rendering{}
	for _, n := range numbers {
		r := &rendering{sep: []byte(`{"Records":[`)}
		r.gz = gzip.NewWriter(&r.body)
		all[n] = r
	}
	for lines := bufio.NewReader(io.LimitReader(f, j.size)); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("journal %s: %w", j.path, err)
		}
		places, record, _ := bytes.Cut(line[:len(line)-1], []byte(" "))
		for n := range bytes.SplitSeq(places, []byte(",")) {
			i, err := strconv.Atoi(string(n))
			if err == nil && all[i] != nil && (!j.places[i].again || whole(record)) {
				all[i].add(record)
			}
		}
	}
	return all, nil
}

// end gives the bytes of a log file that has all records of its place, unless
// the journal could not be read.
func (r *rendering) end(p *place, unread error) ([]byte, error) {
	if unread != nil {
		return nil, unread
	}
	r.gz.Write([]byte("]}"))
	if r.found != p.records {
		return nil, fmt.Errorf("%d records are in the journal for %q, and %d were", r.found, p.Key, p.records)
	}
	err := r.gz.Close()
	return r.body.Bytes(), err
}

func whole(record []byte) bool {
	_, err := events.Parse(record)
	return err == nil
}

// mark writes down which places are done, and ends a journal of which all are.
func (j *journal) mark() (ended bool, err error) {
	var lines []byte
	ended = true
	for i, p := range j.places {
		if p.done && !p.marked {
			lines = fmt.Appendf(lines, "-%d\n", i)
		}
		ended = ended && p.done
	}
	if ended {
		if err := os.Remove(j.path); !errors.Is(err, os.ErrNotExist) {
			return err == nil, err
		}
		return true, nil
	}
	if len(lines) == 0 {
		return false, nil
	}
	if err := j.write(lines); err != nil {
		return false, err
	}
	for _, p := range j.places {
		p.marked = p.done
	}
	return false, nil
}

// markStep writes down that a part of what a file sets off was done. If it
// cannot, that is known to this process alone.
func (j *journal) markStep(number, step int) {
	j.places[number].after[step] = true
	_ = j.write(fmt.Appendf(nil, "-%d.%d\n", number, step))
}

// markSent does so with how much of a file a log group has.
func (j *journal) markSent(number, sent int) {
	j.places[number].sent.Store(int64(sent))
	_ = j.write(fmt.Appendf(nil, "-%d@%d\n", number, sent))
}

// write adds to a journal that is sealed.
func (j *journal) write(lines []byte) error {
	f, err := os.OpenFile(j.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(lines, j.size)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	j.size += int64(len(lines))
	return nil
}

func (j *journal) close() error {
	if j.out == nil {
		return nil
	}
	err := j.out.Close()
	j.out = nil
	return err
}
