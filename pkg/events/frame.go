package events

import (
	"errors"
	"fmt"
	"io"
)

// The frame of a log file is all that is around its records: an object with
// one key "Records", and any other keys before and behind it.

var (
	errNoRecords  = errors.New(`there is no key "Records"`)
	errTwice      = errors.New(`the key "Records" occurs twice`)
	errNotRecords = errors.New(`"Records" is no array`)
)

// openRecords goes behind the bracket that opens Records.
func (r *Reader) openRecords() error {
	if err := r.checkFormat(); err != nil {
		return err
	}
	c, err := r.token()
	if err != nil {
		return err
	}
	if c != '{' {
		return r.fault(NotLog, fmt.Errorf("it begins with %q; a log file is a JSON object", c))
	}
	r.pos++
	if c, err = r.token(); err == nil && c == '}' {
		return r.fault(NotLog, errNoRecords)
	}
	for err == nil {
		var found bool
		if found, err = r.member(); err != nil {
			return err
		}
		if found {
			r.place = atFirst
			return nil
		}
		var open bool
		if open, err = r.nextMember(); err == nil && !open {
			return r.fault(NotLog, errNoRecords)
		}
	}
	return err
}

// checkFormat looks at the first bytes for what is no JSON in UTF-8.
func (r *Reader) checkFormat() error {
	if err := r.fill(); err != nil {
		if r.srcErr == io.EOF {
			return r.fault(Empty, errors.New("there are no bytes in it"))
		}
		return err
	}
	head := r.buf[:min(r.end, 16)]
	if name := wideText(head); name != "" {
		return r.fault(NotUTF8, fmt.Errorf("the text is %s", name))
	}
	if len(head) >= 2 && string(head[:2]) == gzipMagic {
		return r.fault(DoubleGzip, errors.New("the content is gzip once more"))
	}
	if name := format(head); name != "" {
		return r.fault(NotLog, fmt.Errorf("the content is %s", name))
	}
	if len(head) >= 3 && string(head[:3]) == utf8BOM {
		r.pos = 3
	}
	return nil
}

// member goes behind a key and its value, and says whether the key is Records:
// then only the bracket of its value is read.
func (r *Reader) member() (bool, error) {
	key, err := r.whole(skipKey)
	if err != nil {
		return false, err
	}
	b := r.buf[r.pos : r.pos+key]
	end, _ := skipString(b, 1)
	name, _ := unescape(nil, b[1:end-1])
	r.pos += key
	if string(name) == "Records" {
		if r.buf[r.pos] != '[' {
			return true, r.fault(NotLog, errNotRecords)
		}
		r.pos++
		return true, nil
	}
	n, err := r.whole(skipFrameValue)
	r.pos += n
	return false, err
}

func skipFrameValue(b []byte, i int) (int, status) { return skipValue(b, i, 1) }

// nextMember goes to the next key of the frame, and says whether there is one.
func (r *Reader) nextMember() (bool, error) {
	c, err := r.token()
	if err != nil {
		return false, err
	}
	r.pos++
	switch c {
	case '}':
		return false, nil
	case ',':
		_, err = r.token()
		return true, err
	}
	return false, r.unexpected(r.pos-1, "a comma or the end of the file's object")
}

// finish reads the rest of the frame, and then to the end of the file, so that
// the gzip trailer has been checked.
func (r *Reader) finish() error {
	for {
		open, err := r.nextMember()
		if err != nil {
			return err
		}
		if !open {
			return r.drain()
		}
		again, err := r.member()
		if again {
			return r.fault(NotLog, errTwice)
		}
		if err != nil {
			return err
		}
	}
}

// drain wants nothing but white space to the end of the file.
func (r *Reader) drain() error {
	_, err := r.token()
	switch {
	case err == nil:
		return r.fault(TrailingData, errors.New("bytes behind the JSON object"))
	case r.srcErr == io.EOF:
		return nil
	}
	return err
}

// whole scans a value of the frame that begins at the window's beginning, and
// reads on until all of it is there. It gives the count of its bytes.
func (r *Reader) whole(scan func(b []byte, i int) (int, status)) (int, error) {
	for {
		b := r.buf[r.pos:r.end]
		n, st := scan(b, 0)
		switch {
		case st == ok:
			return n, nil
		case st == tooDeep:
			return 0, r.fault(Malformed, fmt.Errorf("more than %d objects and arrays inside one another", maxDepth))
		case st != more:
			return 0, r.unexpected(r.pos+n, "other JSON")
		case len(b) > r.lim.Record:
			return 0, r.fault(OverLimit, fmt.Errorf("a value outside Records has more than %d bytes (limit Record)", r.lim.Record))
		}
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
}
