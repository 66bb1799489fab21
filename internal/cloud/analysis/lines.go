package analysis

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
)

// lines is a file of JSON values, one a line. What a full disk or a process
// that died left of a line is written over by the next.
type lines struct {
	path string
	file *os.File
	size int64 // of the whole lines
}

// openLines gives each whole line to take.
func openLines(path string, take func(line []byte)) (*lines, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	l := &lines{path: path, file: f}
	for in := bufio.NewReader(f); ; {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return l, nil
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		l.size += int64(len(line))
		take(bytes.TrimSuffix(line, []byte("\n")))
	}
}

// append adds a value, whole or not at all.
func (l *lines) append(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	n, err := l.file.WriteAt(append(line, '\n'), l.size)
	if err != nil {
		_ = l.file.Truncate(l.size) // what stays is written over
		return err
	}
	l.size += int64(n)
	return nil
}

// replace puts values in the place of all lines, or changes nothing.
func (l *lines) replace(values []any) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	for _, v := range values {
		if err := enc.Encode(v); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(l.path+".new", os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(text.Bytes(), 0)
	if err == nil {
		err = os.Rename(l.path+".new", l.path)
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(l.path+".new"))
	}
	old := l.file
	l.file, l.size = f, int64(text.Len())
	return old.Close()
}
