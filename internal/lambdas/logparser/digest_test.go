package logparser

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"
)

// posted is the queue that invokes the function.
type posted struct {
	bodies []string
	err    error
}

func (p *posted) Post(_ context.Context, body string) error {
	p.bodies = append(p.bodies, body)
	return p.err
}

func TestTheRestOfADigestFileIsVerifiedAloneAndEnds(t *testing.T) {
	s, dead, rest := newSignedStore(t), &aside{}, &posted{}
	whole := s.objects[key("a")]
	s.objects[key("a")] = errors.New("SlowDown")
	h, log := newHandler(store{}, &queue{}, dead)
	h.verify, h.queue = &integrity{store: s, keys: s.keys}, rest
	delete(s.objects, key("b"))
	steps := []struct {
		name, body, said string
		change           func()
		returned         string
		posted           int
	}{
		{name: "what is wrong is told, the rest is sent on", body: notice(digestKey(2)), said: `"Verified":1,"Tampered":1,`, posted: 1},
		{name: "throttled again, it is returned, and told no second time", said: `"Verified":0,"Tampered":0,`, returned: "m0", posted: 1},
		{name: "it is read at last", change: func() { s.objects[key("a")] = whole }, said: `"Verified":1,"Tampered":0,`, posted: 1},
		{name: "the digest is another one by then", change: func() { s.objects[digestKey(2)] = s.objects[digestKey(1)] }, said: `"Verified":0,"Tampered":1,`, posted: 1},
	}
	for _, step := range steps {
		log.Reset()
		if step.change != nil {
			step.change()
		}
		if step.body == "" {
			step.body = rest.bodies[0]
		}
		answer, err := h.Invoke(t.Context(), sqsEvent(step.body))
		if err != nil || failures(t, answer) != step.returned || len(rest.bodies) != step.posted || !strings.Contains(log.String(), step.said) {
			t.Fatalf("%s: %s, %v, sent on %q\n%s", step.name, answer, err, rest.bodies, log)
		}
	}
	if len(dead.bodies) != 2 || dead.bodies[0] != notice(digestKey(2)) || dead.bodies[1] != notice(digestKey(2)) {
		t.Errorf("set aside %q", dead.bodies)
	}
}

// An hour that takes longer than an invocation has comes to its end all the same.
func TestAnHourThatIsTooLargeForOneInvocationIsVerifiedInSeveral(t *testing.T) {
	s, dead, rest := newSignedStore(t), &aside{}, &posted{}
	h, log := newHandler(store{}, &queue{}, dead)
	h.verify, h.queue = &integrity{store: &untilDone{signedStore: s, most: 1}, keys: s.keys}, rest
	ctx, cancel := context.WithTimeout(t.Context(), margin+200*time.Millisecond)
	defer cancel()
	answer, err := h.Invoke(ctx, sqsEvent(notice(digestKey(2))))
	if err != nil || ctx.Err() != nil || failures(t, answer) != "" || len(rest.bodies) != 1 || !strings.Contains(log.String(), `"Verified":2,`) {
		t.Fatalf("%s, %v, %v, sent on %q\n%s", answer, err, ctx.Err(), rest.bodies, log)
	}
	log.Reset()
	h.verify.store = s
	answer, err = h.Invoke(t.Context(), sqsEvent(rest.bodies[0]))
	if err != nil || failures(t, answer) != "" || len(rest.bodies) != 1 || !strings.Contains(log.String(), `"Verified":1,`) {
		t.Fatalf("%s, %v, sent on %q\n%s", answer, err, rest.bodies, log)
	}
	if len(dead.bodies) != 0 {
		t.Errorf("set aside %q", dead.bodies)
	}
}

// untilDone has most log files within any time, and no other.
type untilDone struct {
	*signedStore
	mu   sync.Mutex
	most int
}

func (u *untilDone) Open(ctx context.Context, bucket, key string) (io.ReadCloser, map[string]string, error) {
	if strings.Contains(key, "/CloudTrail/") {
		u.mu.Lock()
		u.most--
		left := u.most >= 0
		u.mu.Unlock()
		if !left {
			<-ctx.Done()
			return nil, nil, ctx.Err()
		}
	}
	return u.signedStore.Open(ctx, bucket, key)
}

func TestWhatIsLeftComesAgainWithTheWholeWhereItCannotBeSentOn(t *testing.T) {
	for name, q := range map[string]postbox{"there is no queue": nil, "the queue refuses": &posted{err: errors.New("SQS: throttled")}} {
		t.Run(name, func(t *testing.T) {
			s, dead := newSignedStore(t), &aside{}
			s.objects[key("a")] = errors.New("SlowDown")
			h, _ := newHandler(store{}, &queue{}, dead)
			h.verify, h.queue = &integrity{store: s, keys: s.keys}, q
			answer, err := h.Invoke(t.Context(), sqsEvent(notice(digestKey(2))))
			if err != nil || failures(t, answer) != "m0" || len(dead.bodies) != 0 {
				t.Errorf("%s, %v, set aside %q", answer, err, dead.bodies)
			}
		})
	}
}
