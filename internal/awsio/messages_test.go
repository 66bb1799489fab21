package awsio

import (
	"crypto/md5"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
	"github.com/trailhand/trailhand/pkg/insights"
)

// entries plays SendMessageBatch and PutEvents; reject says which attempts at
// an entry fail.
type entries struct {
	requests [][]string // bodies
	groups   map[string]bool
	tries    map[string]int
	reject   func(body string, try int) bool
}

func (e *entries) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Entries []struct{ Id, MessageBody, MessageGroupId, MessageDeduplicationId, Detail string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	var bodies, ok, bad, both []string
	for _, entry := range in.Entries {
		body := entry.MessageBody + entry.Detail
		bodies = append(bodies, body)
		e.groups[entry.MessageGroupId] = true
		e.tries[body]++
		if e.reject != nil && e.reject(body, e.tries[body]) {
			bad = append(bad, fmt.Sprintf(`{"Id":%q,"Code":"InternalError","SenderFault":false,"Message":"no"}`, entry.Id))
			both = append(both, `{"ErrorCode":"ThrottlingException","ErrorMessage":"no"}`)
			continue
		}
		ok = append(ok, fmt.Sprintf(`{"Id":%q,"MessageId":"m","MD5OfMessageBody":"%x"}`, entry.Id, md5.Sum([]byte(body))))
		both = append(both, `{"EventId":"1"}`)
	}
	e.requests = append(e.requests, bodies)
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "PutEvents") {
		fmt.Fprintf(w, `{"FailedEntryCount":%d,"Entries":[%s]}`, len(bad), strings.Join(both, ","))
		return
	}
	fmt.Fprintf(w, `{"Successful":[%s],"Failed":[%s]}`, strings.Join(ok, ","), strings.Join(bad, ","))
}

func newEntries(reject func(string, int) bool) *entries {
	return &entries{groups: map[string]bool{}, tries: map[string]int{}, reject: reject}
}

func batch(id, region string, size int) insights.Batch {
	return insights.Batch{ID: id, AccountID: "1", Region: region, Tallies: []insights.Tally{{EventName: strings.Repeat("x", size), Count: 1}}}
}

func TestBatchesAreSentInRequestsOfTenAndOneMebibyte(t *testing.T) {
	for name, test := range map[string]struct{ count, size, requests int }{
		"ten at once":              {25, 10, 3},
		"a mebibyte at once":       {10, 250 << 10, 3},
		"nothing makes no request": {0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEntries(nil)
			q := NewQueue(against(t, e.ServeHTTP), "http://q/tallies.fifo")
			var all []insights.Batch
			for i := range test.count {
				all = append(all, batch(fmt.Sprint(i), "us-east-1", test.size))
			}
			if err := q.Send(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			if len(e.requests) != test.requests || len(e.tries) != test.count {
				t.Errorf("%d messages in %d requests", len(e.tries), len(e.requests))
			}
		})
	}
}

func TestEventsAreSentInRequestsOfTenAndLessThan256Kibibytes(t *testing.T) {
	for name, test := range map[string]struct{ count, size, requests int }{
		"ten at once":         {25, 10, 3},
		"256 KiB at once":     {4, 100 << 10, 2},
		"a larger one, alone": {2, 300 << 10, 2},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEntries(nil)
			var all []events.Envelope
			for i := range test.count {
				detail := fmt.Appendf(nil, `{"n":%d,"x":%q}`, i, strings.Repeat("x", test.size))
				all = append(all, events.Envelope{Source: "trailhand", DetailType: "t", Detail: detail})
			}
			if err := NewBus(against(t, e.ServeHTTP), "default").Publish(t.Context(), all); err != nil {
				t.Fatal(err)
			}
			if len(e.requests) != test.requests || len(e.tries) != test.count {
				t.Errorf("%d events in %d requests", len(e.tries), len(e.requests))
			}
		})
	}
}

func TestEntriesThatFailAreSentAgainAndNoOthers(t *testing.T) {
	e := newEntries(func(body string, try int) bool { return strings.Contains(body, `"id":"3"`) && try < 3 })
	q := NewQueue(against(t, e.ServeHTTP), "http://q/tallies.fifo")
	var all []insights.Batch
	for i := range 5 {
		all = append(all, batch(fmt.Sprint(i), "us-east-1", 1))
	}
	if err := q.Send(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for body, n := range e.tries {
		if want := map[bool]int{true: 3, false: 1}[strings.Contains(body, `"id":"3"`)]; n != want {
			t.Errorf("%.40s was sent %d times", body, n)
		}
	}
}

func TestAnEntryThatKeepsFailingIsAnErrorThatNamesItsCode(t *testing.T) {
	e := newEntries(func(body string, _ int) bool { return strings.Contains(body, "bad") })
	cfg := against(t, e.ServeHTTP)
	if err := NewQueue(cfg, "http://q/t.fifo").Send(t.Context(), []insights.Batch{batch("bad", "r", 1)}); err == nil || !strings.Contains(err.Error(), "InternalError") {
		t.Errorf("queue: %v", err)
	}
	err := NewBus(cfg, "default").Publish(t.Context(), []events.Envelope{
		{Source: "trailhand", DetailType: "t", Detail: json.RawMessage(`{"good":1}`)},
		{Source: "trailhand", DetailType: "t", Detail: json.RawMessage(`{"bad":1}`)},
	})
	if err == nil || !strings.Contains(err.Error(), "ThrottlingException") {
		t.Errorf("bus: %v", err)
	}
	if e.tries[`{"good":1}`] != 1 || e.tries[`{"bad":1}`] != 4 {
		t.Errorf("tries %v", e.tries)
	}
}

func TestAMessageGroupIsOneAccountAndRegionWhateverTheirText(t *testing.T) {
	e := newEntries(nil)
	q := NewQueue(against(t, e.ServeHTTP), "http://q/t.fifo")
	odd := []string{"us-east-1", "with space", "\x1b", strings.Repeat("r", 200)}
	for _, region := range odd {
		if err := q.Send(t.Context(), []insights.Batch{batch(region, region, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.groups) != len(odd) || !e.groups["1/us-east-1"] {
		t.Errorf("groups %v", e.groups)
	}
	for g := range e.groups {
		if len(g) > 128 || strings.ContainsAny(g, " \x1b") {
			t.Errorf("SQS would refuse group %q", g)
		}
	}
}

func TestWhatIsSetAsideCarriesItsReasonInCharactersThatSQSTakes(t *testing.T) {
	var in struct {
		MessageBody, MessageGroupId string
		MessageAttributes           map[string]struct{ StringValue string }
	}
	cfg := against(t, func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&in)
		fmt.Fprintf(w, `{"MessageId":"m","MD5OfMessageBody":"%x"}`, md5.Sum([]byte(in.MessageBody)))
	})
	if err := NewQueue(cfg, "http://q/dead").SetAside(t.Context(), "", "bad \x01\xff key"); err != nil {
		t.Fatal(err)
	}
	if got := in.MessageAttributes["reason"].StringValue; got != "bad \uFFFD\uFFFD key" || in.MessageBody != "(empty)" || in.MessageGroupId != "" {
		t.Errorf("%+v", in)
	}
	if err := NewQueue(cfg, "http://q/dead").SetAside(t.Context(), "b", strings.Repeat("é", maxReason)); err != nil {
		t.Fatal(err)
	}
	if got := in.MessageAttributes["reason"].StringValue; len(got) > maxReason+5 || !strings.HasSuffix(got, "é …") {
		t.Errorf("a reason of %d bytes", len(got))
	}
	if err := NewQueue(cfg, "http://q/files").Post(t.Context(), "again"); err != nil || in.MessageBody != "again" {
		t.Errorf("%v %+v", err, in)
	}
	if err := NewQueue(cfg, "http://q/dead.fifo").SetAside(t.Context(), "b", "r"); err != nil || in.MessageGroupId == "" {
		t.Errorf("%v %+v", err, in)
	}
}
