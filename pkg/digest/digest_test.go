package digest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/trailhand/trailhand/pkg/events"
)

const bucket = "logs"

type object struct {
	body     []byte
	metadata map[string]string
}

type memory map[string]object

func (m memory) Open(_ context.Context, _, key string) (io.ReadCloser, map[string]string, error) {
	o, ok := m[key]
	if !ok {
		return nil, nil, fmt.Errorf("%q: %w", key, ErrNotFound)
	}
	return io.NopCloser(bytes.NewReader(o.body)), o.metadata, nil
}

func squeeze(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	gz := gzip.NewWriter(&out)
	if _, err := gz.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func newKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func digestKey(hour int) string {
	return events.Key{
		AccountID: "123456789012", Kind: events.KeyDigest, Region: "us-east-1", Trail: "t", HomeRegion: "us-east-1",
		Time: time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC),
	}.String()
}

func logKey(hour int) string { return fmt.Sprintf("AWSLogs/log-%d.json.gz", hour) }

// chain stores three hours: a log file an hour, the second hour empty.
func chain(t *testing.T, key *rsa.PrivateKey) (memory, []string) {
	t.Helper()
	m := memory{}
	var keys []string
	var previous *Signed
	for hour := 1; hour <= 3; hour++ {
		d := Digest{
			AWSAccountID: "123456789012", DigestS3Bucket: bucket, DigestS3Object: digestKey(hour), DigestPublicKeyFingerprint: "f1",
			DigestStartTime: FormatTime(time.Date(2026, 3, 2, hour-1, 0, 0, 0, time.UTC)),
			DigestEndTime:   FormatTime(time.Date(2026, 3, 2, hour, 0, 0, 0, time.UTC)),
		}
		if hour != 2 {
			body := fmt.Appendf(nil, `{"Records":[{"eventID":"%d"}]}`, hour)
			m[logKey(hour)] = object{body: squeeze(t, body)}
			d.LogFiles = []LogFile{{S3Bucket: bucket, S3Object: logKey(hour), HashValue: Hash(body), HashAlgorithm: hashAlgorithm}}
		}
		s, err := Sign(d, previous, key)
		if err != nil {
			t.Fatal(err)
		}
		m[digestKey(hour)] = object{squeeze(t, s.Inflated), map[string]string{MetadataSignature: s.Signature, MetadataAlgorithm: signatureAlgorithm}}
		keys, previous = append(keys, digestKey(hour)), &s
	}
	return m, keys
}

func TestWhatWasChangedIsNamedAndTheRestIsValid(t *testing.T) {
	key := newKey(t)
	tests := []struct {
		name   string
		change func(m memory, keys []string) []string
		wrong  map[string]error
		valid  int
	}{
		{"nothing was changed", func(_ memory, keys []string) []string { return keys }, nil, 5},
		{"keys in any order", func(_ memory, keys []string) []string { return []string{keys[2], keys[0], keys[1]} }, nil, 5},
		{"a log file was changed", func(m memory, keys []string) []string {
			m[logKey(1)] = object{body: squeeze(t, []byte(`{"Records":[]}`))}
			return keys
		}, map[string]error{logKey(1): ErrTampered}, 4},
		{"a log file was cut", func(m memory, keys []string) []string {
			o := m[logKey(3)]
			m[logKey(3)] = object{body: o.body[:len(o.body)-4]}
			return keys
		}, map[string]error{logKey(3): ErrTampered}, 4},
		{"a log file was deleted", func(m memory, keys []string) []string {
			delete(m, logKey(3))
			return keys
		}, map[string]error{logKey(3): ErrNotFound}, 4},
		{"a digest was changed", func(m memory, keys []string) []string {
			o := m[keys[1]]
			gz, _ := gzip.NewReader(bytes.NewReader(o.body))
			text, _ := io.ReadAll(gz)
			m[keys[1]] = object{squeeze(t, bytes.Replace(text, []byte("T02:00:00Z"), []byte("T02:00:01Z"), 1)), o.metadata}
			return keys
		}, map[string]error{digestKey(2): ErrSignature}, 4},
		{"a digest was left out", func(m memory, keys []string) []string {
			return []string{keys[0], keys[2]}
		}, map[string]error{digestKey(3): ErrGap}, 3},
		{"a digest was put in another's place", func(m memory, keys []string) []string {
			m[keys[2]] = m[keys[1]]
			return keys
		}, map[string]error{digestKey(3): ErrMoved}, 3},
		{"a digest lost its signature", func(m memory, keys []string) []string {
			m[keys[0]] = object{body: m[keys[0]].body}
			return keys
		}, map[string]error{digestKey(1): ErrUnsigned}, 3},
		{"a digest was deleted, and the one behind it names it", func(m memory, keys []string) []string {
			delete(m, keys[1])
			return []string{keys[0], keys[2]}
		}, map[string]error{digestKey(2): ErrNotFound}, 4},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, keys := chain(t, key)
			v := &Verifier{Store: m, Keys: map[string]*rsa.PublicKey{"f1": &key.PublicKey}}
			valid := 0
			err := v.Verify(context.Background(), bucket, test.change(m, keys), func(f Finding) bool {
				switch want := test.wrong[f.Key]; {
				case want != nil && !errors.Is(f.Err, want):
					t.Errorf("%s: %v, want %v", f.Key, f.Err, want)
				case want == nil && f.Err != nil:
					t.Errorf("%s: %v, want it valid", f.Key, f.Err)
				case want == nil:
					valid++
				}
				return true
			})
			if err != nil {
				t.Fatal(err)
			}
			if valid != test.valid {
				t.Errorf("%d objects are valid, want %d", valid, test.valid)
			}
		})
	}
}

func TestAnotherKeyDoesNotVerify(t *testing.T) {
	m, keys := chain(t, newKey(t))
	other := newKey(t)
	for fingerprint, want := range map[string]error{"f1": ErrSignature, "f2": ErrNoKey} {
		v := &Verifier{Store: m, Keys: map[string]*rsa.PublicKey{fingerprint: &other.PublicKey}}
		_ = v.Verify(context.Background(), bucket, keys, func(f Finding) bool {
			if !errors.Is(f.Err, want) {
				t.Errorf("%s: %v, want %v", f.Key, f.Err, want)
			}
			return true
		})
	}
}

func TestTheSignedTextIsTheUserGuides(t *testing.T) {
	previous := "ab"
	d := Digest{DigestEndTime: "2026-03-02T01:00:00Z", DigestS3Bucket: "b", DigestS3Object: "k", PreviousDigestSignature: &previous}
	if got, want := stringToSign(d, []byte("x")), "2026-03-02T01:00:00Z\nb/k\n"+Hash([]byte("x"))+"\nab"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	d.PreviousDigestSignature = nil
	if got := stringToSign(d, []byte("x")); !strings.HasSuffix(got, "\nnull") {
		t.Errorf("the first digest of a chain signs %q, want null at the end", got)
	}
}

func TestAChainThatBeginsAnewIsValid(t *testing.T) {
	key := newKey(t)
	m, keys := chain(t, key)
	d := Digest{DigestS3Bucket: bucket, DigestS3Object: digestKey(5), DigestEndTime: "2026-03-02T05:00:00Z", DigestPublicKeyFingerprint: "f1"}
	s, err := Sign(d, nil, key)
	if err != nil {
		t.Fatal(err)
	}
	m[digestKey(5)] = object{squeeze(t, s.Inflated), map[string]string{MetadataSignature: s.Signature}}
	v := &Verifier{Store: m, Keys: map[string]*rsa.PublicKey{"f1": &key.PublicKey}}
	err = v.Verify(context.Background(), bucket, append(keys, digestKey(5)), func(f Finding) bool {
		if f.Err != nil {
			t.Errorf("%s: %v", f.Key, f.Err)
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestACopyIsVerifiedByTheSignaturesThatLaterDigestsRepeat(t *testing.T) {
	key := newKey(t)
	m, keys := chain(t, key)
	for _, k := range keys {
		m[k] = object{body: m[k].body}
	}
	wrong := map[string]error{digestKey(3): ErrUnsigned}
	v := &Verifier{Store: m, Keys: map[string]*rsa.PublicKey{"f1": &key.PublicKey}, Parallel: 4}
	err := v.Verify(context.Background(), "", keys, func(f Finding) bool {
		if !errors.Is(f.Err, wrong[f.Key]) {
			t.Errorf("%s: %v, want %v", f.Key, f.Err, wrong[f.Key])
		}
		return true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPublicKeysAreReadAsTheCLIPrintsThem(t *testing.T) {
	value := base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&newKey(t).PublicKey))
	tests := []struct {
		name, text, wrong string
	}{
		{"times as text", `{"PublicKeyList":[{"Value":"` + value + `","Fingerprint":"f","ValidityStartTime":"2026-03-01T00:00:00+00:00","ValidityEndTime":"2026-04-01T00:00:00+00:00"}]}`, ""},
		{"times in seconds", `{"PublicKeyList":[{"Value":"` + value + `","Fingerprint":"f","ValidityStartTime":1772323200.0,"ValidityEndTime":1775001600.5}]}`, ""},
		{"no times", `{"PublicKeyList":[{"Value":"` + value + `","Fingerprint":"f"}]}`, ""},
		{"a key's name in another case", `{"PublicKeyList":[{"value":"` + value + `","Fingerprint":"f"}]}`, "missing"},
		{"no list", `{}`, "no PublicKeyList"},
		{"no JSON", `-----BEGIN`, "invalid character"},
		{"a value that is no key", `{"PublicKeyList":[{"Value":"AAAA","Fingerprint":"f"}]}`, "public key f"},
		{"a time that is none", `{"PublicKeyList":[{"Value":"` + value + `","Fingerprint":"f","ValidityStartTime":"soon"}]}`, `"soon" is no time`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			keys := NewPublicKeys()
			err := keys.AddJSON([]byte(test.text))
			if test.wrong == "" && (err != nil || keys.Keys["f"] == nil) {
				t.Errorf("%v, %v", keys, err)
			}
			if test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong)) {
				t.Errorf("got %v, want %q", err, test.wrong)
			}
		})
	}
}

func TestOnlyATimeFullOfDigestsMakesAFileForeign(t *testing.T) {
	c := NewCoverage()
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }
	for _, hour := range []int{3, 1, 2, 6} {
		c.Add(Digest{DigestStartTime: FormatTime(at(hour-1, 0)), DigestEndTime: FormatTime(at(hour, 0)), LogFiles: []LogFile{{S3Object: "p/AWSLogs/known"}}})
	}
	tests := []struct {
		name, key string
		at        time.Time
		foreign   bool
	}{
		{"named", "p/AWSLogs/known", at(1, 0), false},
		{"named, without the prefix", "AWSLogs/known", at(1, 0), false},
		{"in the middle", "x", at(1, 30), true},
		{"at the beginning", "x", at(0, 0), true},
		{"before the first digest", "x", time.Date(2026, 3, 1, 23, 59, 0, 0, time.UTC), false},
		{"delivered perhaps after a gap's beginning", "x", at(2, 5), false},
		{"in a gap", "x", at(4, 0), false},
		{"behind the gap, delivered perhaps after the last digest", "x", at(5, 30), false},
	}
	for _, test := range tests {
		if got := c.Foreign(test.key, test.at); got != test.foreign {
			t.Errorf("%s: %v", test.name, got)
		}
	}
}
