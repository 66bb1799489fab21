package digests

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/digest"
)

func TestADigestThatWasPutIsNotPutAgainBecauseThatCouldNotBeKept(t *testing.T) {
	b, c := newBucket(), newClock()
	cfg := testConfig(t.TempDir(), b, c)
	puts, full := 0, ""
	cfg.Put = func(ctx context.Context, d Digest) error {
		puts++
		if puts == 1 { // the disk is full from now on
			if err := os.MkdirAll(full, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		return b.put(ctx, d)
	}
	d := open(t, cfg)
	full = filepath.Join(d.folder(), fileName(id("us-east-1"))+".new")
	if err := d.Note(id("us-east-1"), place(), logFile(t, b, "log")); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Hour)
	for range 3 {
		if err := d.Step(t.Context(), active()); err == nil {
			t.Error("nothing is told")
		}
	}
	if err := os.Remove(full); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.Step(t.Context(), active()); err != nil {
			t.Fatal(err)
		}
	}
	if puts != 1 {
		t.Errorf("it was put %d times", puts)
	}
	verified(t, d, b)
}

// Whatever fails, and wherever the process dies, each log file is named in
// exactly one digest, and the chain holds.
func TestEveryLogFileIsInOneDigestWhateverFails(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 2))
		b, c := newBucket(), newClock()
		b.fail = func() (bool, bool) { return r.IntN(4) == 0, r.IntN(4) == 0 }
		cfg := testConfig(t.TempDir(), b, c)
		d := open(t, cfg)
		var files []digest.LogFile
		for i := range 40 {
			switch r.IntN(6) {
			case 0:
				d = open(t, cfg) // the process died
			case 1, 2:
				c.at = c.at.Add(time.Duration(r.IntN(90)) * time.Minute)
				_ = d.Step(context.Background(), active()) // may fail: nothing must be lost
			case 3:
				if len(files) > 0 && d.chains[id("us-east-1")].names(bucketName, files[len(files)-1].S3Object) {
					if err := d.Note(id("us-east-1"), place(), files[len(files)-1]); err != nil { // delivered again
						t.Fatal(err)
					}
				}
			default:
				files = append(files, logFile(t, b, fmt.Sprintf("log-%d", i)))
				if err := d.Note(id("us-east-1"), place(), files[len(files)-1]); err != nil {
					t.Fatal(err)
				}
			}
		}
		b.fail = newBucket().fail
		for range 3 {
			c.at = c.at.Add(2 * time.Hour)
			if err := d.Step(context.Background(), active()); err != nil {
				t.Fatal(err)
			}
		}
		valid := verified(t, d, b)
		for _, f := range files {
			if valid[f.S3Object] != 1 {
				t.Errorf("seed %d: %s is in %d digests", seed, f.S3Object, valid[f.S3Object])
			}
		}
	}
}
