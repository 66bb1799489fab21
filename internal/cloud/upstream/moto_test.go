package upstream

import (
	"log/slog"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/conform/moto"
)

// overMoto stands before moto's server, which is code that is independent of ours.
func overMoto(t *testing.T) *Upstream {
	t.Helper()
	u, err := New(Config{URL: moto.Start(t), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return u
}
