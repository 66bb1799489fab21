package cloud

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// told gives what an upstream was sent of the call that started the trail: the
// messages of its topic, and the events of its log group.
func (s *services) told() (messages int, logEvents int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	put := strings.Join(s.bodies["PutLogEvents"], "\n")
	return len(s.bodies["Publish"]), strings.Count(put, `\"eventName\":\"StartLogging\"`)
}

// failAll lets an upstream's topics and log groups fail, or not.
func (s *services) failAll(code string) {
	s.fail("Publish", code)
	s.fail("PutLogEvents", code)
}

func TestWhatAnUpstreamDidNotTakeIsSentAfterARestartAndOnce(t *testing.T) {
	s, cfg, c := beforeServices(t)
	logged(t, c, toldTrail())
	s.failAll("ServiceUnavailable")
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("what fails is not told")
	}
	files := len(objects(t, c, "/CloudTrail/"))
	if err := c.Close(t.Context()); err == nil {
		t.Error("what is left is not told")
	}
	s.failAll("")
	c = started(t, cfg)
	if said := healthOf(t, c); !strings.Contains(said, `"logEventsWaiting":`) || strings.Contains(said, `"logEventsWaiting":0`) {
		t.Errorf("health says %s", said)
	}
	for range 2 {
		if err := c.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if messages, logEvents := s.told(); messages != len(objects(t, c, "/CloudTrail/")) || messages < files || logEvents != 1 {
		t.Errorf("%d messages of %d files, and the call is %d times in the log group", messages, len(objects(t, c, "/CloudTrail/")), logEvents)
	}
}

func TestWhatAnUpstreamDoesNotTakeForADayIsGivenUpAndCounted(t *testing.T) {
	var later atomic.Int64
	s, cfg, c := beforeServices(t)
	closed(t, c)
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	c = started(t, cfg)
	logged(t, c, toldTrail())
	s.failAll("ServiceUnavailable")
	for _, after := range []time.Duration{0, 23 * time.Hour} {
		later.Store(int64(after))
		if err := c.Deliver(t.Context()); err == nil {
			t.Error("what fails is not told")
		}
		if said := healthOf(t, c); !strings.Contains(said, `"logEventsWaiting":1,"logEventsLost":0,"filesUntold":1,"filesNeverTold":0`) {
			t.Errorf("after %s health says %s", after, said)
		}
	}
	later.Store(int64(25 * time.Hour))
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("that it was given up is not told")
	}
	if said := healthOf(t, c); !strings.Contains(said, `"logEventsWaiting":0,"logEventsLost":1,"filesUntold":0,"filesNeverTold":1`) {
		t.Errorf("after a day health says %s", said)
	}
	s.failAll("")
	if err := c.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	if messages, logEvents := s.told(); messages+logEvents != 0 {
		t.Errorf("%d messages and %d events were sent all the same", messages, logEvents)
	}
}
