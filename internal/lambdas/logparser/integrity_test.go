package logparser

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/digest"
	"github.com/trailhand/trailhand/pkg/events"
)

// signedStore is a bucket with two digests, of which the second names two log files.
type signedStore struct {
	objects map[string]any // []byte or error
	signed  map[string]string
	public  *rsa.PublicKey
}

func (s *signedStore) Open(_ context.Context, _, key string) (io.ReadCloser, map[string]string, error) {
	switch o := s.objects[key].(type) {
	case []byte:
		return io.NopCloser(bytes.NewReader(o)), map[string]string{digest.MetadataSignature: s.signed[key]}, nil
	case error:
		return nil, nil, o
	}
	return nil, nil, digest.ErrNotFound
}

func (s *signedStore) keys(_ context.Context, region string, from, to time.Time, keys digest.PublicKeys) error {
	if region != "us-east-1" || !from.Equal(hour(1)) || !to.Equal(hour(2)) {
		return fmt.Errorf("asked for the keys of %s from %v to %v", region, from, to)
	}
	keys.Keys["f1"], keys.Validity["f1"] = s.public, digest.Validity{}
	return nil
}

func hour(n int) time.Time { return time.Date(2024, 1, 2, n, 0, 0, 0, time.UTC) }

func digestKey(n int) string {
	return events.Key{AccountID: "111122223333", Kind: events.KeyDigest, Region: "us-east-1", Trail: "t", HomeRegion: "us-east-1", Time: hour(n)}.String()
}

func newSignedStore(t *testing.T) *signedStore {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s := &signedStore{objects: map[string]any{}, signed: map[string]string{}, public: &private.PublicKey}
	var before *digest.Signed
	for n := 1; n <= 2; n++ {
		d := digest.Digest{DigestS3Bucket: "logs", DigestS3Object: digestKey(n), DigestEndTime: digest.FormatTime(hour(n)), DigestPublicKeyFingerprint: "f1"}
		for _, name := range []string{"a", "b"}[:2*(n-1)] {
			text := fmt.Sprintf(`{"Records":[%s]}`, record(name))
			s.objects[key(name)] = gz(t, text)
			d.LogFiles = append(d.LogFiles, digest.LogFile{S3Bucket: "logs", S3Object: key(name), HashAlgorithm: "SHA-256", HashValue: digest.Hash([]byte(text))})
		}
		signed, err := digest.Sign(d, before, private)
		if err != nil {
			t.Fatal(err)
		}
		s.objects[digestKey(n)], s.signed[digestKey(n)] = gz(t, string(signed.Inflated)), signed.Signature
		before = &signed
	}
	return s
}

func TestADigestFileIsVerifiedWhenAsked(t *testing.T) {
	throttled := errors.New("SlowDown: please reduce your request rate")
	tests := map[string]struct {
		change   func(s *signedStore)
		tampered []string // verdict and key of each error line
		verified int
		returned bool
		reason   string // of what is set aside
		rest     string // what is sent on
	}{
		"nothing was changed": {change: func(*signedStore) {}, verified: 3},
		"a log file was changed": {change: func(s *signedStore) { s.objects[key("a")] = logFile(t, "other") },
			tampered: []string{"tampered " + key("a")}, verified: 2, reason: "tampered: s3://logs/" + key("a")},
		"a log file was cut": {change: func(s *signedStore) { o := s.objects[key("a")].([]byte); s.objects[key("a")] = o[:len(o)-5] },
			tampered: []string{"tampered " + key("a")}, verified: 2, reason: "tampered"},
		"a log file is gone": {change: func(s *signedStore) { delete(s.objects, key("b")) },
			tampered: []string{"deleted " + key("b")}, verified: 2, reason: "deleted"},
		"both log files were changed": {change: func(s *signedStore) { s.objects[key("a")], s.objects[key("b")] = logFile(t), []byte("plain") },
			tampered: []string{"tampered " + key("a"), "tampered " + key("b")}, verified: 1, reason: key("b")},
		"the digest was changed": {change: func(s *signedStore) { s.objects[digestKey(2)] = s.objects[digestKey(1)] },
			tampered: []string{"moved " + digestKey(2)}, reason: "moved"},
		"the digest's signature was changed": {change: func(s *signedStore) { s.signed[digestKey(2)] = s.signed[digestKey(1)] },
			tampered: []string{"tampered " + digestKey(2)}, reason: "signature"},
		"the digest is no gzip": {change: func(s *signedStore) { s.objects[digestKey(2)] = []byte("plain") },
			tampered: []string{"unreadable " + digestKey(2)}, reason: "no digest file"},
		"the key of the digest is not known": {change: func(s *signedStore) { s.public = nil },
			tampered: []string{"unknown " + digestKey(2)}, reason: "unknown"},
		"the digest before it is another one": {change: func(s *signedStore) { s.objects[digestKey(1)] = gz(t, `{"digestS3Object":"x","digestEndTime":"y"}`) },
			tampered: []string{"broken " + digestKey(2)}, verified: 2, reason: "chain is broken"},
		"the digest before it is gone": {change: func(s *signedStore) { delete(s.objects, digestKey(1)) },
			tampered: []string{"deleted " + digestKey(1)}, verified: 3, reason: digestKey(1)},
		"a log file that may not be read is set aside": {change: func(s *signedStore) { s.objects[key("a")] = delivery.ErrDenied },
			verified: 2, reason: "could not be checked"},
		"throttling proves nothing, and only what was throttled comes again": {change: func(s *signedStore) { s.objects[key("a")] = throttled },
			verified: 2, rest: `{"bucket":"logs","key":"` + digestKey(2) + `","files":[0]}`},
		"throttling hides nothing": {change: func(s *signedStore) { s.objects[key("a")] = throttled; delete(s.objects, key("b")) },
			tampered: []string{"deleted " + key("b")}, verified: 1, reason: "deleted", rest: `{"bucket":"logs","key":"` + digestKey(2) + `","files":[0]}`},
		"the digest before it is throttled":      {change: func(s *signedStore) { s.objects[digestKey(1)] = throttled; delete(s.objects, key("b")) }, returned: true},
		"a digest that is throttled comes again": {change: func(s *signedStore) { s.objects[digestKey(2)] = throttled }, returned: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s, dead := newSignedStore(t), &aside{}
			test.change(s)
			h, log := newHandler(store{}, &queue{}, dead)
			rest := &posted{}
			h.queue = rest
			h.verify = &integrity{store: s, keys: func(ctx context.Context, region string, from, to time.Time, keys digest.PublicKeys) error {
				if s.public == nil {
					return nil
				}
				return s.keys(ctx, region, from, to, keys)
			}}
			answer, err := h.Invoke(t.Context(), sqsEvent(notice(digestKey(2))))
			if err != nil || (failures(t, answer) != "") != test.returned {
				t.Fatalf("%s, %v", answer, err)
			}
			if got := strings.Join(dead.reasons, "|"); (got == "") != (test.reason == "") || !strings.Contains(got, test.reason) {
				t.Errorf("set aside %q, want %q", got, test.reason)
			}
			if test.reason != "" && dead.bodies[0] != notice(digestKey(2)) {
				t.Errorf("set aside %s: it could not be verified again", dead.bodies[0])
			}
			if got := strings.Join(rest.bodies, " "); got != test.rest {
				t.Errorf("sent on %s, want %s", got, test.rest)
			}
			said := log.String()
			for _, want := range test.tampered {
				verdict, file, _ := strings.Cut(want, " ")
				if !strings.Contains(said, fmt.Sprintf(`"msg":"tampered","requestId":"","verdict":%q,"bucket":"logs","file":%q`, verdict, file)) {
					t.Errorf("no line for %s:\n%s", want, said)
				}
			}
			if !strings.Contains(said, fmt.Sprintf(`"Verified":%d,"Tampered":%d,`, test.verified, len(test.tampered))) {
				t.Errorf("want %d verified and %d tampered:\n%s", test.verified, len(test.tampered), said)
			}
		})
	}
}

func TestWithoutPublicKeysADigestComesAgain(t *testing.T) {
	h, _ := newHandler(store{}, &queue{}, &aside{})
	s := newSignedStore(t)
	h.verify = &integrity{store: s, keys: func(context.Context, string, time.Time, time.Time, digest.PublicKeys) error {
		return errors.New("ThrottlingException")
	}}
	answer, err := h.Invoke(t.Context(), sqsEvent(notice(digestKey(2))))
	if err != nil || failures(t, answer) != "m0" {
		t.Errorf("%s, %v", answer, err)
	}
}

func TestTheReasonOfATamperedHourIsShort(t *testing.T) {
	bad := make(findings, 5000)
	for i := range bad {
		bad[i] = digest.Finding{Bucket: "logs", Key: key("a"), Err: digest.ErrTampered}
	}
	if reason := bad.Error(); len(reason) > 4<<10 || !strings.HasSuffix(reason, "and 4990 more") {
		t.Errorf("%d bytes: %s", len(reason), reason)
	}
}

// A body that breaks must not be called tampered.
func TestABodyThatBreaksProvesNothing(t *testing.T) {
	s, dead := newSignedStore(t), &aside{}
	h, log := newHandler(store{}, &queue{}, dead)
	h.verify = &integrity{store: breaking{s}, keys: s.keys}
	answer, err := h.Invoke(t.Context(), sqsEvent(notice(digestKey(2))))
	if err != nil || failures(t, answer) != "m0" || len(dead.reasons) != 0 || strings.Contains(log.String(), `"msg":"tampered"`) {
		t.Errorf("%s, %v, set aside %q\n%s", answer, err, dead.reasons, log)
	}
}

// breaking breaks every log file's body in its middle.
type breaking struct{ *signedStore }

func (b breaking) Open(ctx context.Context, bucket, key string) (io.ReadCloser, map[string]string, error) {
	body, metadata, err := b.signedStore.Open(ctx, bucket, key)
	if strings.Contains(key, "/CloudTrail/") {
		body = io.NopCloser(io.MultiReader(io.LimitReader(body, 40), fault{errors.New("connection reset")}))
	}
	return body, metadata, err
}

type fault struct{ error }

func (f fault) Read([]byte) (int, error) { return 0, f.error }
