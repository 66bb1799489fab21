package cloud

import (
	"bytes"
	"io"
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
		h := &held{ResponseWriter: inner}
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
		if err := h.flush(); err != nil {
			t.Fatal(err)
		}
		if inner.Code != http.StatusTeapot || !bytes.Equal(inner.Body.Bytes(), want.Bytes()) {
			t.Fatalf("seed %d: status %d, %d bytes, want %d", seed, inner.Code, inner.Body.Len(), want.Len())
		}
	}
}

func TestAnAnswerWithoutABodyWaitsWithItsStatus(t *testing.T) {
	recorded := make(chan struct{})
	answered := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := &held{ResponseWriter: w}
		h.WriteHeader(http.StatusNoContent)
		<-recorded
		_ = h.flush()
	}))
	defer server.Close()
	go func() {
		defer close(answered)
		resp, err := http.Get(server.URL)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}()
	select {
	case <-answered:
		t.Error("the answer was there before the record")
	default:
	}
	close(recorded)
	<-answered
}
