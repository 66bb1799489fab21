package events

import "io"

// OpenGzipAhead is OpenGzip with a goroutine that inflates ahead of the
// scanning, by at most four buffers of 128 KiB. It is worth it for a large
// file when a second core is free. The Reader must be closed, also after an
// error; Close waits until the goroutine reads no more from gz.
func OpenGzipAhead(gz io.Reader, lim Limits) *Reader {
	lim = lim.filled()
	a := newAhead(newInflater(gz, lim))
	r := newReader(a, lim)
	r.close = a.stop
	return r
}

// aheadBuffers is how many buffers go round between the two goroutines.
const aheadBuffers = 4

// ahead reads src in a goroutine of its own. Buffers go from free to full and
// back; the last one carries the error of src.
type ahead struct {
	src     input
	buffers [aheadBuffers][]byte
	free    chan []byte
	full    chan chunk
	quit    chan struct{}
	stopped bool
	chunk   chunk // what Read has in hand
	rest    []byte
}

type chunk struct {
	buf []byte
	n   int
	err error
}

func newAhead(src input) *ahead {
	a := &ahead{src: src}
	for i := range a.buffers {
		a.buffers[i] = make([]byte, windowSize)
	}
	a.start()
	return a
}

func (a *ahead) reset(src io.Reader) {
	a.stop()
	a.src.reset(src)
	a.start()
}

func (a *ahead) start() {
	*a = ahead{
		src: a.src, buffers: a.buffers,
		free: make(chan []byte, aheadBuffers), full: make(chan chunk, aheadBuffers), quit: make(chan struct{}),
	}
	for _, b := range a.buffers {
		a.free <- b
	}
	go a.run()
}

// run reads until src ends or quit is closed, and closes full when it is done.
func (a *ahead) run() {
	defer close(a.full)
	for {
		select {
		case <-a.quit:
			return
		case buf := <-a.free:
			c := readChunk(a.src, buf)
			a.full <- c // never blocks: full has room for every buffer
			if c.err != nil {
				return
			}
		}
	}
}

// readChunk fills buf, unless src ends.
func readChunk(src io.Reader, buf []byte) chunk {
	c := chunk{buf: buf}
	for c.n < len(buf) && c.err == nil {
		var n int
		n, c.err = src.Read(buf[c.n:])
		c.n += n
	}
	return c
}

// Read implements io.Reader.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.chunk.err != nil {
			return 0, a.chunk.err
		}
		if a.chunk.buf != nil {
			a.free <- a.chunk.buf // never blocks either
		}
		a.chunk = <-a.full
		a.rest = a.chunk.buf[:a.chunk.n]
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// stop ends the goroutine and waits for it. It may be called twice.
func (a *ahead) stop() {
	if a.stopped {
		return
	}
	a.stopped = true
	close(a.quit)
	for range a.full {
	}
}
