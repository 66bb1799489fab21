package logfiles

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/trailhand/trailhand/pkg/events"
)

// reopen reads the journal of an earlier process, and gives each record to
// visit. damaged counts the lines that are none of a journal.
func reopen(path string, steps int, visit func(events.Record, []Destination) error) (j *journal, damaged int, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	j = &journal{path: path, steps: steps}
	for lines := bufio.NewReader(f); ; {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return j, damaged, nil // a last line without its end was never acknowledged
		}
		if err != nil {
			return nil, 0, fmt.Errorf("journal %s: %w", path, err)
		}
		j.size += int64(len(line))
		rec, to, fine := j.read(line[:len(line)-1])
		if !fine {
			damaged++
		}
		if to == nil {
			continue
		}
		if err := visit(rec, to); err != nil {
			return nil, 0, fmt.Errorf("journal %s: %w", path, err)
		}
	}
}

// read takes one line of an earlier process. It may be a record, with where it goes.
func (j *journal) read(line []byte) (rec events.Record, to []Destination, fine bool) {
	if rest, isPlace := bytes.CutPrefix(line, []byte("+")); isPlace {
		p := &place{again: true, after: make([]bool, j.steps)}
		if json.Unmarshal(rest, p) != nil {
			return rec, nil, false
		}
		if len(j.places) == 0 {
			j.begun = p.Since
		}
		j.places = append(j.places, p)
		return rec, nil, true
	}
	if rest, isMark := bytes.CutPrefix(line, []byte("-")); isMark {
		return rec, nil, j.readMark(string(rest))
	}
	numbers, record, _ := bytes.Cut(line, []byte(" "))
	rec, err := events.Parse(record)
	if err != nil {
		return rec, nil, false
	}
	to, fine = j.count(numbers)
	return rec, to, fine
}

// readMark takes a line of what was done.
func (j *journal) readMark(text string) bool {
	number, step, ofStep := strings.Cut(text, ".")
	number, sent, ofSent := strings.Cut(number, "@")
	i, err := strconv.Atoi(number)
	if err != nil || i < 0 || i >= len(j.places) {
		return false
	}
	p, k := j.places[i], 0
	switch {
	case ofSent:
		k, err = strconv.Atoi(sent)
		p.sent.Store(int64(k))
	case ofStep:
		if k, err = strconv.Atoi(step); err == nil && k >= 0 && k < len(p.after) {
			p.after[k] = true
		}
	default:
		p.done, p.marked = true, true
	}
	return err == nil
}
