package door

import "net/http"

// heldBytes of an answer's end are kept back at most.
const heldBytes = 64 << 10

// Held is an answer whose end waits until the call is recorded. A client that
// has the whole answer can so rely on the record, whatever happens to us then.
type Held struct {
	http.ResponseWriter
	status int // 0: none yet
	begun  bool
	rest   []byte
}

// WriteHeader implements http.ResponseWriter.
func (h *Held) WriteHeader(status int) {
	if status < http.StatusOK {
		h.ResponseWriter.WriteHeader(status)
		return
	}
	if h.status == 0 {
		h.status = status
	}
}

// Write passes on what is too much to be kept, but never the last byte.
func (h *Held) Write(p []byte) (int, error) {
	if len(h.rest)+len(p) <= heldBytes {
		h.rest = append(h.rest, p...)
		return len(p), nil
	}
	if err := h.Flush(); err != nil {
		return 0, err
	}
	last := len(p) - 1
	n, err := h.ResponseWriter.Write(p[:last])
	if err != nil {
		return n, err
	}
	h.rest = append(h.rest, p[last])
	return len(p), nil
}

// Flush passes on all that was kept.
func (h *Held) Flush() error {
	if !h.begun && h.status != 0 {
		h.ResponseWriter.WriteHeader(h.status)
	}
	h.begun = true
	if len(h.rest) == 0 {
		return nil
	}
	_, err := h.ResponseWriter.Write(h.rest)
	h.rest = h.rest[:0]
	return err
}
