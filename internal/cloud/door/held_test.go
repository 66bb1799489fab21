package door

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
)

// However an answer is written, its end is kept back until it may go, and all
// of it arrives.
func TestAnAnswerIsNeverWholeBeforeItMayBe(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 4))
		inner := httptest.NewRecorder()
		h := &Held{ResponseWriter: inner}
		var want bytes.Buffer
		h.WriteHeader(http.StatusTeapot)
		for range r.IntN(6) {
			p := bytes.Repeat([]byte{byte(want.Len())}, r.IntN(2*heldBytes))
			if n, err := h.Write(p); n != len(p) || err != nil {
				t.Fatal(n, err)
			}
			want.Write(p)
		}
		if want.Len() > 0 && inner.Body.Len() >= want.Len() {
			t.Fatalf("seed %d: %d of %d bytes went out", seed, inner.Body.Len(), want.Len())
		}
		if err := h.Flush(); err != nil {
			t.Fatal(err)
		}
		if inner.Code != http.StatusTeapot || !bytes.Equal(inner.Body.Bytes(), want.Bytes()) {
			t.Fatalf("seed %d: status %d, %d bytes, want %d", seed, inner.Code, inner.Body.Len(), want.Len())
		}
	}
}

// heads counts the times that a status goes out.
type heads struct {
	http.ResponseWriter
	sent int
}

func (h *heads) WriteHeader(status int) {
	h.sent++
	h.ResponseWriter.WriteHeader(status)
}

func TestAnAnswerWithoutABodyWaitsWithItsStatus(t *testing.T) {
	inner := &heads{ResponseWriter: httptest.NewRecorder()}
	h := &Held{ResponseWriter: inner}
	h.WriteHeader(http.StatusNoContent)
	if inner.sent != 0 {
		t.Error("the status went out before the record was made")
	}
	if err := h.Flush(); err != nil || inner.sent != 1 {
		t.Errorf("after it the status went out %d times: %v", inner.sent, err)
	}
}
