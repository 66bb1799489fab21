package events

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

const oneRecord = `{"Records":[{"eventName":"A"}]}`

func TestOpenGzipOverDamagedFiles(t *testing.T) {
	good := gz(t, oneRecord)
	longer := gz(t, `{"Records":[{"eventName":"A","n":"`+strings.Repeat("0123456789", 50000)+`"}]}`)
	for name, c := range map[string]struct {
		in      []byte
		lim     Limits
		records int
		bad     string
		fault   Fault
		says    string
	}{
		"a good file is read":                                         {in: good, records: 1},
		"a file without a byte is empty":                              {fault: Empty, says: "no bytes"},
		"gzip of nothing is empty":                                    {in: gz(t, ""), fault: Empty},
		"gzip inside gzip is named":                                   {in: gz(t, string(good)), fault: DoubleGzip},
		"a wrong CRC is found behind the last record":                 {in: flip(good, len(good)-8), records: 1, fault: Checksum},
		"a wrong length is found behind the last record":              {in: flip(good, len(good)-4), records: 1, fault: Checksum},
		"a cut trailer is found behind the last record":               {in: good[:len(good)-1], records: 1, fault: CutShort},
		"a cut header is a cut file":                                  {in: good[:5], fault: CutShort},
		"an unknown compression method is a corrupt header":           {in: flip(good, 2), fault: Corrupt},
		"a deflate block of an unknown type is corrupt":               {in: append(bytes.Clone(good[:10]), 0xff, 0xff, 0xff), fault: Corrupt},
		"two members are one stream":                                  {in: append(gz(t, oneRecord[:14]), gz(t, oneRecord[14:])...), records: 1},
		"an empty member does not matter":                             {in: append(bytes.Clone(good), gz(t, "")...), records: 1},
		"a damaged second member damages the file":                    {in: flip(append(gz(t, oneRecord[:14]), gz(t, oneRecord[14:])...), -5), records: 1, fault: Checksum},
		"a second log file behind the first is trailing data":         {in: append(bytes.Clone(good), good...), records: 1, fault: TrailingData, says: "behind the JSON"},
		"garbage behind the stream is trailing data":                  {in: append(bytes.Clone(good), "garbage"...), records: 1, fault: TrailingData, says: "behind the gzip"},
		"one zero byte behind the stream is trailing data":            {in: append(bytes.Clone(good), 0), records: 1, fault: TrailingData},
		"half a magic number behind the stream is a cut file":         {in: append(bytes.Clone(good), 0x1f), records: 1, fault: CutShort},
		"plain JSON is told from gzip":                                {in: []byte("\n" + oneRecord), fault: NotGzip, says: "never compressed"},
		"zstd is named":                                               {in: zst(oneRecord), fault: NotGzip, says: "zstd"},
		"bzip2 is named":                                              {in: []byte("BZh91AY&SY"), fault: NotGzip, says: "bzip2"},
		"xz is named":                                                 {in: []byte("\xfd7zXZ\x00\x00"), fault: NotGzip, says: "xz"},
		"zip is named":                                                {in: []byte("PK\x03\x04\x14"), fault: NotGzip, says: "zip"},
		"what is not known is shown":                                  {in: []byte("hello"), fault: NotGzip, says: `"hell"`},
		"zstd inside gzip is no log file":                             {in: gz(t, string(zst(oneRecord))), fault: NotLog, says: "zstd"},
		"UTF-16 inside gzip is named":                                 {in: gz(t, "\xff\xfe{\x00"), fault: NotUTF8},
		"more inflated bytes than allowed are an error":               {in: longer, lim: Limits{Inflated: 1000}, fault: OverLimit, says: "limit Inflated"},
		"a bomb is stopped by its ratio":                              {in: gz(t, `{"Records":[`+strings.Repeat(" ", 64<<20)), fault: OverLimit, says: "250 times its size (limit Ratio)"},
		"a bomb is read when there is no limit":                       {in: gz(t, `{"Records":[`+strings.Repeat(" ", 3<<20)+`]}`), lim: Limits{Ratio: -1}},
		"a record over the limit is bad and the next one good":        {in: gz(t, `{"Records":[{"a":"`+strings.Repeat("]}x", 1000)+`"},{"b":1}]}`), lim: Limits{Record: 1000}, records: 1, bad: "over limit", says: "limit Record"},
		"a record over the limit and the window is bad too":           {in: gz(t, `{"Records":[{"a":"`+strings.Repeat("]}x", 200000)+`"},{"b":1}]}`), lim: Limits{Record: 150000}, records: 1, bad: "over limit"},
		"a record of the very limit is good":                          {in: good, lim: Limits{Record: len(oneRecord) - len(`{"Records":[]}`)}, records: 1},
		"a value outside Records over the limit damages the file":     {in: gz(t, `{"x":"`+strings.Repeat("x", 300000)+`","Records":[]}`), lim: Limits{Record: 1000}, fault: OverLimit},
		"a record beyond the window is read":                          {in: longer, records: 1},
		"a million open brackets are one bad record of a good file":   {in: gz(t, `{"Records":[{"a":`+strings.Repeat("[", 1e6)+strings.Repeat("]", 1e6)+`},{"b":1}]}`), lim: Limits{Ratio: -1}, records: 1, bad: "nested too deep"},
		"a million open brackets without end are a cut file":          {in: gz(t, `{"Records":[{"a":`+strings.Repeat("[", 1e6)), lim: Limits{Ratio: -1}, fault: CutShort},
		"a file of the digest kind is no log file":                    {in: gz(t, `{"awsAccountId":"111122223333","logFiles":[]}`), fault: NotLog, says: `no key "Records"`},
		"a bad record before a damaged trailer is reported with both": {in: flip(gz(t, `{"Records":[1]}`), -8), bad: "not an object", fault: Checksum},
	} {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]*Reader{
				"in turn": OpenGzip(bytes.NewReader(c.in), c.lim),
				"ahead":   OpenGzipAhead(bytes.NewReader(c.in), c.lim),
			} {
				o := readAll(t, r)
				if len(o.records) != c.records || joinFaults(o.bad) != c.bad || o.fault != c.fault {
					t.Errorf("%s: %d records, bad %v, fault %q: %s", how, len(o.records), o.bad, o.fault, o.text)
				}
				if !strings.Contains(o.text, c.says) {
					t.Errorf("%s: error %q does not say %q", how, o.text, c.says)
				}
			}
		})
	}
}

// flip gives a copy of b with one bit changed at i, counted from the end if
// negative.
func flip(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[(i+len(b))%len(b)] ^= 1
	return b
}

func zst(s string) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll([]byte(s), nil)
}

func TestTheInflatedSizeOfGoodFilesIsCounted(t *testing.T) {
	r := OpenGzip(bytes.NewReader(gz(t, oneRecord)), Limits{})
	if o := readAll(t, r); o.fault != "" || r.Inflated() != int64(len(oneRecord)) {
		t.Errorf("%d inflated bytes, want %d (%s)", r.Inflated(), len(oneRecord), o.text)
	}
}

// breaking gives b and then err.
func breaking(b []byte, err error) io.Reader {
	return io.MultiReader(bytes.NewReader(b), broken{err})
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

func TestABodyThatBreaksOffIsUnreadableAndNotCut(t *testing.T) {
	good := gz(t, oneRecord)
	for n := range len(good) + 1 {
		for _, cause := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF} {
			for _, r := range []*Reader{OpenGzip(breaking(good[:n], cause), Limits{}), OpenGzipAhead(breaking(good[:n], cause), Limits{})} {
				var fe *FileError
				_, err := r.Next()
				for err == nil {
					_, err = r.Next()
				}
				r.Close()
				if !errors.As(err, &fe) || fe.Fault != Unreadable || !errors.Is(err, cause) {
					t.Fatalf("broken off at %d of %d: %v", n, len(good), err)
				}
			}
		}
	}
	o := readAll(t, NewReader(breaking([]byte(oneRecord[:20]), errors.New("connection reset")), Limits{}))
	if o.fault != Unreadable || !strings.Contains(o.text, "connection reset") {
		t.Errorf("inflated text broken off: %s", o.text)
	}
}

func TestCloseEndsInflatingAhead(t *testing.T) {
	before := runtime.NumGoroutine()
	packed := gz(t, `{"Records":[{"a":1}`+strings.Repeat(`,{"a":"`+strings.Repeat("x", 100)+`"}`, 50000)+`]}`)
	for range 20 {
		r := OpenGzipAhead(bytes.NewReader(packed), Limits{Ratio: -1})
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		r.Close()
		r.Close()
		var fe *FileError
		if _, err := r.Next(); !errors.As(err, &fe) || fe.Fault != Closed {
			t.Fatalf("Next after Close: %v", err)
		}
	}
	wantGoroutines(t, before)
}

// wantGoroutines waits a little: what has signed off may not be gone yet.
func wantGoroutines(t *testing.T, most int) {
	t.Helper()
	for range 100 {
		if runtime.NumGoroutine() <= most {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", most, runtime.NumGoroutine())
}

// TestStoredBlocksAreRead reads a gzip file that was put together by hand:
// its text is stored and not compressed, in two blocks.
func TestStoredBlocksAreRead(t *testing.T) {
	packed := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff")
	for i, part := range []string{oneRecord[:9], oneRecord[9:]} {
		packed = append(packed, byte(i))
		packed = binary.LittleEndian.AppendUint16(packed, uint16(len(part)))
		packed = binary.LittleEndian.AppendUint16(packed, ^uint16(len(part)))
		packed = append(packed, part...)
	}
	packed = binary.LittleEndian.AppendUint32(packed, crc32.ChecksumIEEE([]byte(oneRecord)))
	packed = binary.LittleEndian.AppendUint32(packed, uint32(len(oneRecord)))
	if o := readAll(t, OpenGzip(bytes.NewReader(packed), Limits{})); len(o.records) != 1 || o.fault != "" {
		t.Errorf("%d records, %s", len(o.records), o.text)
	}
}
