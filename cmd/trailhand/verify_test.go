package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/internal/genlogs"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

var update = flag.Bool("update", false, "write examples/digests anew")

const digestBucket = "amzn-s3-demo-bucket"

// copied is a copy of a bucket in which four digests and their log files are.
type copied struct {
	t    *testing.T
	root string
	key  *rsa.PrivateKey
}

func digestName(hour int) string {
	return events.Key{AccountID: "123456789012", Kind: events.KeyDigest, Region: "us-east-1", Trail: "management-events", HomeRegion: "us-east-1", Time: hourOf(hour)}.String()
}

func logName(hour int) string {
	return events.Key{AccountID: "123456789012", Region: "us-east-1", Suffix: fmt.Sprintf("Example%d", hour), Time: hourOf(hour).Add(-55 * time.Minute)}.String()
}

func hourOf(hour int) time.Time { return time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC) }

// newCopy writes the digests of the hours to 1, 2, 3 and 4 o'clock with their
// metadata and a log file each, and the public keys.
func newCopy(t *testing.T, root string) copied {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	c := copied{t, root, key}
	var previous *digest.Signed
	for hour := 1; hour <= 4; hour++ {
		var body bytes.Buffer
		if err := genlogs.WriteJSON(&body, uint64(hour), 3, genlogs.Low); err != nil {
			t.Fatal(err)
		}
		c.write(logName(hour), body.Bytes())
		signed, err := digest.Sign(digest.Digest{
			AWSAccountID: "123456789012", DigestS3Bucket: digestBucket, DigestS3Object: digestName(hour), DigestPublicKeyFingerprint: "f1",
			DigestStartTime: digest.FormatTime(hourOf(hour - 1)), DigestEndTime: digest.FormatTime(hourOf(hour)),
			LogFiles: []digest.LogFile{{S3Bucket: digestBucket, S3Object: logName(hour), HashValue: digest.Hash(body.Bytes()), HashAlgorithm: "SHA-256"}},
		}, previous, key)
		if err != nil {
			t.Fatal(err)
		}
		c.write(digestName(hour), signed.Inflated)
		c.json(digestName(hour)+".metadata.json", map[string]any{"Metadata": map[string]string{
			digest.MetadataSignature: signed.Signature, digest.MetadataAlgorithm: "SHA256withRSA"}})
		previous = &signed
	}
	c.publicKeys(hourOf(0), hourOf(24))
	return c
}

func (c copied) publicKeys(from, to time.Time) {
	c.json("public-keys.json", map[string]any{"PublicKeyList": []map[string]any{{
		"Fingerprint": "f1", "Value": x509.MarshalPKCS1PublicKey(&c.key.PublicKey), "ValidityStartTime": from, "ValidityEndTime": to}}})
}

func (c copied) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

func (c copied) write(name string, inflated []byte) {
	c.t.Helper()
	var stored bytes.Buffer
	gz := gzip.NewWriter(&stored)
	_, err := gz.Write(inflated)
	if err == nil {
		err = gz.Close()
	}
	c.must(err)
	c.raw(name, stored.Bytes())
}

func (c copied) raw(name string, stored []byte) {
	c.t.Helper()
	c.must(os.MkdirAll(filepath.Dir(c.path(name)), 0o755))
	c.must(os.WriteFile(c.path(name), stored, 0o644))
}

func (c copied) json(name string, v any) {
	c.t.Helper()
	text, err := json.MarshalIndent(v, "", "  ")
	c.must(err)
	c.raw(name, append(text, '\n'))
}

func (c copied) read(name string) []byte {
	c.t.Helper()
	text, err := os.ReadFile(c.path(name))
	c.must(err)
	return text
}

func (c copied) move(from, to string) {
	c.t.Helper()
	c.raw(to, c.read(from))
	c.must(os.Remove(c.path(from)))
}

// loseMetadata removes the metadata of digests.
func (c copied) loseMetadata(hours ...int) {
	c.t.Helper()
	for _, hour := range hours {
		c.must(os.Remove(c.path(digestName(hour) + ".metadata.json")))
	}
}

func (c copied) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// verify runs the command and gives its result.
func (c copied) verify(flags ...string) (code int, result verified) {
	c.t.Helper()
	var out, errs bytes.Buffer
	args := append([]string{"verify", "--json", "--public-keys", c.path("public-keys.json"), c.root}, flags...)
	code = run(c.t.Context(), args, nil, nil, &out, &errs)
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		c.t.Fatalf("%v in %q; %s", err, out.String(), errs.String())
	}
	return code, result
}

func TestWhatIsWrongIsNamed(t *testing.T) {
	tests := []struct {
		name   string
		change func(c copied)
		wrong  map[string]string // file: verdict
		valid  int               // digests and log files
	}{
		{"nothing was changed", func(copied) {}, nil, 8},
		{"a log file was tampered with", func(c copied) { c.write(logName(2), []byte(`{"Records":[]}`)) },
			map[string]string{logName(2): "tampered"}, 7},
		{"a log file was deleted", func(c copied) { c.must(os.Remove(c.path(logName(2)))) },
			map[string]string{logName(2): "deleted"}, 7},
		{"a log file was moved", func(c copied) { c.move(logName(2), strings.Replace(logName(2), "Example2", "Other", 1)) },
			map[string]string{logName(2): "deleted", strings.Replace(logName(2), "Example2", "Other", 1): "moved"}, 7},
		{"a log file was backdated", func(c copied) {
			c.write(strings.Replace(logName(2), "Example2", "Planted", 1), []byte(`{"Records":[]}`))
		},
			map[string]string{strings.Replace(logName(2), "Example2", "Planted", 1): "backdated"}, 8},
		{"a log file of the hour that has no digest yet is no fault", func(c copied) { c.write(logName(5), []byte(`{"Records":[]}`)) }, nil, 8},
		{"a digest was deleted", func(c copied) { c.must(os.Remove(c.path(digestName(2)))) },
			map[string]string{digestName(2): "deleted"}, 6},
		{"a digest was put in another's place", func(c copied) { c.raw(digestName(2), c.read(digestName(1))) },
			map[string]string{digestName(2): "moved"}, 6},
		{"a digest was rewritten", func(c copied) {
			c.write(digestName(2), []byte(`{"digestS3Bucket":"b","digestS3Object":"`+digestName(2)+`","digestEndTime":"2026-03-02T02:00:00Z","digestPublicKeyFingerprint":"f1","logFiles":[]}`))
		},
			map[string]string{digestName(2): "tampered"}, 6},
		{"all but the newest digest lost their metadata", func(c copied) { c.loseMetadata(1, 2, 3) }, nil, 8},
		{"the newest digest lost its metadata", func(c copied) { c.loseMetadata(4) },
			map[string]string{digestName(4): "unsigned"}, 6},
		{"without metadata a digest that is gone takes the signature before it along", func(c copied) {
			c.loseMetadata(1, 2)
			c.must(os.Remove(c.path(digestName(2))))
		}, map[string]string{digestName(1): "unsigned", digestName(2): "deleted"}, 4},
		{"a digest is no gzip", func(c copied) { c.raw(digestName(2), []byte("nonsense")) },
			map[string]string{digestName(2): "unreadable"}, 6},
		{"the key was not valid at the time of two digests", func(c copied) { c.publicKeys(hourOf(3), hourOf(24)) },
			map[string]string{digestName(1): "backdated", digestName(2): "backdated"}, 4},
		{"no key is known", func(c copied) { c.json("public-keys.json", map[string]any{"PublicKeyList": []any{}}) },
			map[string]string{digestName(1): "unknown", digestName(2): "unknown", digestName(3): "unknown", digestName(4): "unknown"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCopy(t, t.TempDir())
			test.change(c)
			code, result := c.verify()
			for _, f := range result.Findings {
				name := strings.TrimPrefix(filepath.ToSlash(f.File), filepath.ToSlash(c.root)+"/")
				if test.wrong[name] != f.What {
					t.Errorf("%s: %s (%s), want %q", name, f.What, f.Error, test.wrong[name])
				}
			}
			if len(result.Findings) != len(test.wrong) || result.Digests.Valid+result.LogFiles.Valid != test.valid {
				t.Errorf("%d findings and %d valid files, want %d and %d", len(result.Findings), result.Digests.Valid+result.LogFiles.Valid, len(test.wrong), test.valid)
			}
			if (code == exitOK) != (len(test.wrong) == 0) || result.Valid != (len(test.wrong) == 0) {
				t.Errorf("exit code %d, valid %v", code, result.Valid)
			}
		})
	}
}

func TestLogFilesWithoutADigestMayBeAllowed(t *testing.T) {
	c := newCopy(t, t.TempDir())
	c.write(strings.Replace(logName(2), "Example2", "Other", 1), []byte(`{"Records":[]}`))
	if code, result := c.verify("--allow-unlisted"); code != exitOK {
		t.Errorf("exit code %d, %+v", code, result.Findings)
	}
}

func TestSinceAndUntilChooseDigests(t *testing.T) {
	c := newCopy(t, t.TempDir())
	code, result := c.verify("--since", "2026-03-02T02:00:00Z", "--until", "2026-03-02T04:00:00Z")
	if result.Digests.Checked != 2 || result.LogFiles.Checked != 2 {
		t.Errorf("%+v, want two digests and two log files", result)
	}
	if code != exitOK {
		t.Errorf("exit code %d, %+v", code, result.Findings)
	}
}

func TestTheExampleOfDigestsIsWhatThisTestWrites(t *testing.T) {
	if *update {
		if err := os.RemoveAll("../../examples/digests"); err != nil {
			t.Fatal(err)
		}
		c := newCopy(t, "../../examples/digests")
		c.loseMetadata(1, 2, 3)
	}
	var out bytes.Buffer
	args := []string{"verify", "--public-keys", "../../examples/digests/public-keys.json", "../../examples/digests"}
	if code := run(t.Context(), args, nil, nil, &out, &out); code != exitOK || !strings.Contains(out.String(), "4/4 digest files valid\n4/4 log files valid\n") {
		t.Errorf("exit code %d: %s", code, out.String())
	}
}
