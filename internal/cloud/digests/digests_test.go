package digests

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/digest"
)

const bucketName = "logs"

// bucket keeps digests and log files; a put can fail before or after it was done.
type bucket struct {
	objects map[string]object
	order   []string
	fail    func() (before, after bool)
}

type object struct {
	body []byte
	meta map[string]string
}

func newBucket() *bucket {
	return &bucket{objects: map[string]object{}, fail: func() (bool, bool) { return false, false }}
}

func (b *bucket) put(_ context.Context, d Digest) error {
	before, after := b.fail()
	if before {
		return errors.New("no such bucket")
	}
	if _, again := b.objects[d.Key]; !again {
		b.order = append(b.order, d.Key)
	}
	b.objects[d.Key] = object{d.Gzip, d.Metadata}
	if after {
		return errors.New("failed, but applied")
	}
	return nil
}

// Open implements digest.Store.
func (b *bucket) Open(_ context.Context, _, key string) (io.ReadCloser, map[string]string, error) {
	o, ok := b.objects[key]
	if !ok {
		return nil, nil, digest.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(o.body)), o.meta, nil
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func testConfig(dir string, b *bucket, c *clock) Config {
	return Config{Dir: dir, Interval: time.Hour, Put: b.put, Now: c.now, Log: slog.New(slog.DiscardHandler)}
}

func open(t *testing.T, cfg Config) *Digests {
	t.Helper()
	d, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func id(region string) Chain {
	return Chain{TrailARN: "arn:aws:cloudtrail:us-east-1:123456789012:trail/t", Trail: "t", HomeRegion: "us-east-1", AccountID: "123456789012", Region: region}
}

func place() Place { return Place{Bucket: bucketName} }

func active() map[Chain]Place { return map[Chain]Place{id("us-east-1"): place()} }

// logFile puts a log file into the bucket and describes it.
func logFile(t *testing.T, b *bucket, name string) digest.LogFile {
	t.Helper()
	text := fmt.Appendf(nil, `{"Records":[{"eventID":%q}]}`, name)
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	if _, err := w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	b.objects[name] = object{body: gz.Bytes()}
	return digest.LogFile{
		S3Bucket: bucketName, S3Object: name, HashValue: digest.Hash(text), HashAlgorithm: "SHA-256",
		OldestEventTime: "2026-03-02T10:00:00Z", NewestEventTime: "2026-03-02T10:00:05Z",
	}
}

// verified counts how often each object of the chain was found valid.
func verified(t *testing.T, d *Digests, b *bucket) map[string]int {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	public, err := d.PublicKeys("us-east-1", from, from.AddDate(1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	v := digest.Verifier{Store: b, Keys: map[string]*rsa.PublicKey{}}
	for _, k := range public {
		if v.Keys[*k.Fingerprint], err = x509.ParsePKCS1PublicKey(k.Value); err != nil {
			t.Fatal(err)
		}
	}
	valid := map[string]int{}
	err = v.Verify(context.Background(), bucketName, b.order, func(f digest.Finding) bool {
		if f.Err != nil {
			t.Errorf("%s: %v", f.Key, f.Err)
		}
		valid[f.Key]++
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
	return valid
}

func newClock() *clock { return &clock{time.Date(2026, 3, 2, 10, 7, 31, 123456789, time.UTC)} }

func TestEveryHourHasADigestAlsoOneInWhichNothingWasDelivered(t *testing.T) {
	b, c := newBucket(), newClock()
	d := open(t, testConfig(t.TempDir(), b, c))
	for hour := range 4 {
		if err := d.Step(t.Context(), active()); err != nil {
			t.Fatal(err)
		}
		if hour != 1 {
			if err := d.Note(id("us-east-1"), place(), logFile(t, b, fmt.Sprint("log-", hour))); err != nil {
				t.Fatal(err)
			}
		}
		c.at = c.at.Add(time.Hour)
	}
	if err := d.Step(t.Context(), active()); err != nil {
		t.Fatal(err)
	}
	if len(b.order) != 4 {
		t.Fatalf("%d digests, want 4: %q", len(b.order), b.order)
	}
	valid := verified(t, d, b)
	if len(valid) != 7 {
		t.Errorf("%d objects are valid, want 4 digests and 3 log files: %v", len(valid), valid)
	}
}

func TestNoDigestBeforeItsTimeIsOver(t *testing.T) {
	b, c := newBucket(), newClock()
	d := open(t, testConfig(t.TempDir(), b, c))
	for range 59 {
		if err := d.Step(t.Context(), active()); err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(time.Minute)
	}
	if len(b.order) != 0 {
		t.Errorf("there are digests after 59 minutes: %q", b.order)
	}
}

func TestTheChainOfATrailThatStopsEndsWithItsLastFilesAndBeginsAnew(t *testing.T) {
	b, c := newBucket(), newClock()
	d := open(t, testConfig(t.TempDir(), b, c))
	step := func(on map[Chain]Place) {
		t.Helper()
		if err := d.Step(t.Context(), on); err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(time.Hour)
	}
	step(active())
	if err := d.Note(id("us-east-1"), place(), logFile(t, b, "last")); err != nil {
		t.Fatal(err)
	}
	step(nil)
	step(nil)
	if len(b.order) != 1 || d.Has(id("us-east-1")) {
		t.Fatalf("digests %q, chain kept: %v; want one digest and no chain", b.order, d.Has(id("us-east-1")))
	}
	step(active())
	step(active())
	second, err := readSigned(b, b.order[1])
	if err != nil {
		t.Fatal(err)
	}
	if second.PreviousDigestS3Object != nil {
		t.Error("the new chain goes on with the old one")
	}
}

func readSigned(b *bucket, key string) (digest.Digest, error) {
	zr, err := gzip.NewReader(bytes.NewReader(b.objects[key].body))
	if err != nil {
		return digest.Digest{}, err
	}
	text, err := io.ReadAll(zr)
	if err != nil {
		return digest.Digest{}, err
	}
	return digest.Parse(text)
}

func TestADigestForABucketThatTheTrailLeftGoesToTheNewOne(t *testing.T) {
	b, c := newBucket(), newClock()
	d := open(t, testConfig(t.TempDir(), b, c))
	if err := d.Note(id("us-east-1"), Place{Bucket: "gone"}, logFile(t, b, "log")); err != nil {
		t.Fatal(err)
	}
	c.at = c.at.Add(time.Hour)
	b.fail = func() (bool, bool) { return true, false }
	if err := d.Step(t.Context(), map[Chain]Place{id("us-east-1"): {Bucket: "gone"}}); err == nil {
		t.Fatal("a failed delivery is not told")
	}
	b.fail = newBucket().fail
	c.at = c.at.Add(time.Hour)
	if err := d.Step(t.Context(), active()); err != nil {
		t.Fatal(err)
	}
	got, err := readSigned(b, b.order[0])
	if err != nil {
		t.Fatal(err)
	}
	if got.DigestS3Bucket != bucketName || len(got.LogFiles) != 1 {
		t.Errorf("the digest is for %s with %d files, want %s with 1", got.DigestS3Bucket, len(got.LogFiles), bucketName)
	}
}

func TestAKeyThatIsOverIsReplacedAndStillGivenOut(t *testing.T) {
	b, c := newBucket(), newClock()
	cfg := testConfig(t.TempDir(), b, c)
	d := open(t, cfg)
	for range 5 {
		if err := d.Step(t.Context(), active()); err != nil {
			t.Fatal(err)
		}
		c.at = c.at.Add(20 * 24 * time.Hour)
	}
	d = open(t, cfg)
	all, err := d.PublicKeys("us-east-1", newClock().at, c.at)
	if err != nil {
		t.Fatal(err)
	}
	now, err := d.PublicKeys("us-east-1", newClock().at.AddDate(0, 0, 21), newClock().at.AddDate(0, 0, 22))
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || len(now) != 1 {
		t.Errorf("%d keys in all and %d on a day, want 2 and 1", len(all), len(now))
	}
	if other, err := d.PublicKeys("eu-west-1", newClock().at, c.at); err != nil || len(other) != 0 {
		t.Errorf("another Region has %d keys (%v), want none", len(other), err)
	}
	verified(t, d, b)
}
