package inflate

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"testing/iotest"

	kgzip "github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/genlogs"
)

// streams is how many generated streams each test reads; TRAILHAND_STREAMS asks
// for more.
func streams() uint64 {
	if n, err := strconv.Atoi(os.Getenv("TRAILHAND_STREAMS")); err == nil {
		return uint64(n)
	}
	return 1500
}

// inflated reads a member, and gives the bytes that in has behind it.
func inflated(r *Reader, in *bufio.Reader) (text, rest []byte, err error) {
	if err = r.Reset(in); err == nil {
		text, err = io.ReadAll(r)
	}
	rest, _ = io.ReadAll(in)
	return text, rest, err
}

func TestGeneratedStreamsAreInflatedToTheirBytes(t *testing.T) {
	r, writers := new(Reader), newWriters(t)
	for seed := range streams() {
		random := rand.New(rand.NewPCG(seed, 1))
		text := content(t, random)
		packed := writers.pack(random, text)
		var src io.Reader = bytes.NewReader(append(packed, "behind"...))
		if seed%4 == 0 {
			src = iotest.HalfReader(src)
		}
		got, rest, err := inflated(r, bufio.NewReaderSize(src, 16<<random.IntN(13)))
		if err != nil || !bytes.Equal(got, text) || string(rest) != "behind" {
			t.Fatalf("seed %d: %d bytes of %d, %q behind: %v", seed, len(got), len(text), rest, err)
		}
	}
}

// TestDamagedStreamsAreRefused takes compress/gzip for its oracle.
func TestDamagedStreamsAreRefused(t *testing.T) {
	r, writers := new(Reader), newWriters(t)
	refused := 0
	for seed := range streams() {
		random := rand.New(rand.NewPCG(seed, 2))
		text := content(t, random)
		text = text[:min(len(text), 20_000)]
		damaged := damage(random, writers.pack(random, text))
		want, wantErr := standard(damaged)
		got, _, err := inflated(r, bufio.NewReaderSize(bytes.NewReader(damaged), 16<<random.IntN(13)))
		if (err == nil) != (wantErr == nil) || !agree(got, want, err) {
			t.Fatalf("seed %d: %d bytes and %v, want %d and %v", seed, len(got), err, len(want), wantErr)
		}
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("no stream was refused")
	}
}

// agree holds for the same bytes, or for as many as both gave before an error.
func agree(a, b []byte, err error) bool {
	if err == nil {
		return bytes.Equal(a, b)
	}
	n := min(len(a), len(b))
	return bytes.Equal(a[:n], b[:n])
}

// standard inflates one member with compress/gzip, but for the reserved flags:
// RFC 1952 wants them refused, and compress/gzip does not look.
func standard(packed []byte) ([]byte, error) {
	if len(packed) >= 10 && packed[3]&reserved != 0 {
		return nil, gzip.ErrHeader
	}
	r, err := gzip.NewReader(bufio.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, err
	}
	r.Multistream(false)
	return io.ReadAll(r)
}

// content draws bytes to compress: log records, runs, noise of few or many
// symbols, and symbols so unlike in number that their codes become long.
func content(t *testing.T, random *rand.Rand) []byte {
	t.Helper()
	var text bytes.Buffer
	for range 1 + random.IntN(3) {
		switch n := random.IntN(1 + random.IntN(60_000)); random.IntN(5) {
		case 0:
			e := genlogs.Entropy(random.IntN(2))
			if err := genlogs.WriteJSON(&text, random.Uint64(), n/2000, e); err != nil {
				t.Fatal(err)
			}
		case 1:
			period := make([]byte, 1+random.IntN(40))
			for i := range period {
				period[i] = byte(random.Uint32())
			}
			text.Write(bytes.Repeat(period, n/len(period)))
		case 2:
			symbols := 1 + random.IntN(256)
			for range n {
				text.WriteByte(byte(random.IntN(symbols)))
			}
		default:
			for range n {
				text.WriteByte(byte(random.ExpFloat64() * 3))
			}
		}
	}
	return text.Bytes()
}

// writer is what both libraries compress with.
type writer interface {
	io.WriteCloser
	Flush() error
	Reset(io.Writer)
}

// writers are made once: they are large, and there may be millions of streams.
type writers struct{ standard, klauspost [12]writer }

func newWriters(t *testing.T) *writers {
	t.Helper()
	var w writers
	for i := range w.standard {
		level := i + gzip.HuffmanOnly
		s, err := gzip.NewWriterLevel(nil, level)
		k, errK := kgzip.NewWriterLevel(nil, level)
		if err != nil || errK != nil {
			t.Fatal(err, errK)
		}
		w.standard[i], w.klauspost[i] = s, k
	}
	return &w
}

// pack compresses text: by either library, at any level, with any header,
// flushed anywhere.
func (ws *writers) pack(random *rand.Rand, text []byte) []byte {
	w := ws.standard[random.IntN(len(ws.standard))]
	if random.IntN(2) == 0 {
		w = ws.klauspost[random.IntN(len(ws.klauspost))]
	}
	var out bytes.Buffer
	w.Reset(&out)
	if s, standard := w.(*gzip.Writer); standard && random.IntN(4) == 0 {
		s.Name, s.Comment, s.Extra = "name", "comment", []byte("extra")
	}
	for len(text) > 0 {
		n := 1 + random.IntN(len(text))
		w.Write(text[:n])
		if text = text[n:]; random.IntN(2) == 0 {
			w.Flush()
		}
	}
	w.Close()
	return out.Bytes()
}

// damage cuts a stream, or changes some of it.
func damage(random *rand.Rand, packed []byte) []byte {
	if random.IntN(3) == 0 {
		return packed[:random.IntN(len(packed))]
	}
	for range 1 + random.IntN(3) {
		packed[random.IntN(len(packed))] ^= 1 << random.IntN(8)
	}
	return packed
}

func TestEveryCutIsRefused(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	text := content(t, random)
	whole := newWriters(t).pack(random, text[:min(len(text), 3000)])
	for n := range whole {
		_, _, err := inflated(new(Reader), bufio.NewReader(bytes.NewReader(whole[:n])))
		if err == nil || n > 0 && err != io.ErrUnexpectedEOF {
			t.Errorf("the first %d bytes of %d: %v", n, len(whole), err)
		}
	}
}

func TestErrorsOfTheInputAreKept(t *testing.T) {
	text := []byte("some text that is not whole")
	whole := newWriters(t).pack(rand.New(rand.NewPCG(4, 4)), text)
	for _, n := range []int{5, 15, len(whole) - 1} {
		src := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(iotest.ErrTimeout))
		if _, _, err := inflated(new(Reader), bufio.NewReader(src)); err != iotest.ErrTimeout {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// FuzzReader wants what compress/flate says of any deflate stream.
func FuzzReader(f *testing.F) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 5))
		var z bytes.Buffer
		w, _ := flate.NewWriter(&z, int(seed%12)-2)
		for i := range 300 {
			w.Write([]byte(strconv.Itoa(random.IntN(1 + i))))
		}
		w.Close()
		f.Add(z.Bytes())
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		in := bytes.NewReader(stream)
		want, wantErr := io.ReadAll(io.LimitReader(flate.NewReader(in), 1<<20))
		if len(want) == 1<<20 {
			t.Skip("long")
		}
		member := append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), stream[:len(stream)-in.Len()]...)
		if wantErr == nil {
			member = binary.LittleEndian.AppendUint32(member, crc32.ChecksumIEEE(want))
			member = binary.LittleEndian.AppendUint32(member, uint32(len(want)))
		}
		got, _, err := inflated(new(Reader), bufio.NewReaderSize(bytes.NewReader(member), 16))
		if (err == nil) != (wantErr == nil) || !agree(got, want, err) {
			t.Fatalf("%d bytes and %v, want %d and %v", len(got), err, len(want), wantErr)
		}
	})
}
