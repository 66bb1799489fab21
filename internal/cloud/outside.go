package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/pkg/events"
)

// maxOutside is the greatest request with events in bytes.
const maxOutside = 32 << 20

// outcome answers a request with events.
type outcome struct {
	Accepted int       `json:"accepted"`
	Refused  []refused `json:"refused"`
}

type refused struct {
	Index  int    `json:"index"` // from 0
	Reason string `json:"reason"`
}

// outside takes events that happened elsewhere: sign-ins, service events,
// network activity, recorded calls. They go the way of calls. The status is
// 200 if all were taken, 207 if some were, 400 if none was, and 503 if none
// could be: what was refused is nowhere and may be sent again, and what is sent
// again under its eventID is taken once.
func (c *Cloud) outside(w http.ResponseWriter, r *http.Request) {
	records, err := readOutside(w, r)
	if err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
		return
	}
	out, status := outcome{Refused: []refused{}}, http.StatusBadRequest
	for i, raw := range records {
		if err := c.takeOutside(context.WithoutCancel(r.Context()), raw); err != nil {
			out.Refused = append(out.Refused, refused{i, strings.ReplaceAll(err.Error(), "\n", "; ")})
			if errors.Is(err, errNotTaken) {
				status = http.StatusServiceUnavailable
			}
			continue
		}
		out.Accepted++
	}
	switch {
	case len(out.Refused) == 0:
		status = http.StatusOK
	case out.Accepted > 0:
		status = http.StatusMultiStatus
	}
	answerJSON(w, status, out)
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that went away cannot be told
}

// readOutside reads one record, an array of them, or a log file. A page in a
// browser may not send any: those requests name their origin.
func readOutside(w http.ResponseWriter, r *http.Request) ([]json.RawMessage, error) {
	switch {
	case r.Method != http.MethodPost:
		return nil, fmt.Errorf("%s is not supported; use POST", r.Method)
	case r.Header.Get("Origin") != "":
		return nil, errors.New("events are not taken from web pages")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxOutside))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	var records []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")) {
		err := json.Unmarshal(body, &records)
		return records, unreadable(err)
	}
	var object map[string]json.RawMessage // its keys match exactly
	if err := json.Unmarshal(body, &object); err != nil {
		return nil, unreadable(err)
	}
	if list, isLogFile := object["Records"]; isLogFile {
		err := json.Unmarshal(list, &records)
		return records, unreadable(err)
	}
	return []json.RawMessage{body}, nil
}

func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("neither a record, nor an array of them, nor {\"Records\":[…]}: %w", err)
}

// errNotTaken says that nothing is wrong with an event, and that it could not
// be taken all the same.
var errNotTaken = errors.New("try again")

func (c *Cloud) takeOutside(ctx context.Context, raw []byte) error {
	whole, err := c.complete(raw)
	if err != nil {
		return err
	}
	rec, err := events.Parse(whole)
	if err != nil {
		return err
	}
	if err := checkOutside(&rec); err != nil {
		return err
	}
	if err := c.take(ctx, &rec, c.trails.Logging(rec.String(events.RecipientAccountID))); err != nil {
		return fmt.Errorf("%w: %w", errNotTaken, err)
	}
	return nil
}

// complete puts a record on one line, and fills in what it leaves out of when,
// where and for whom.
func (c *Cloud) complete(raw []byte) ([]byte, error) {
	var given map[string]json.RawMessage
	if err := json.Unmarshal(raw, &given); err != nil || given == nil {
		return nil, errors.New("it is not a JSON object")
	}
	var out bytes.Buffer
	separator := byte('{')
	for _, field := range [][2]string{
		{"eventTime", c.cfg.Now().UTC().Format(time.RFC3339)}, {"awsRegion", c.cfg.Region},
		{"recipientAccountId", c.cfg.AccountID}, {"eventID", uuid.NewString()},
	} {
		if _, has := given[field[0]]; !has {
			out.WriteByte(separator)
			fmt.Fprintf(&out, "%q:%q", field[0], field[1])
			separator = ','
		}
	}
	if len(given) == 0 {
		out.WriteByte('}')
		return out.Bytes(), nil
	}
	out.WriteByte(separator)
	var rest bytes.Buffer
	if err := json.Compact(&rest, raw); err != nil {
		return nil, err
	}
	out.Write(rest.Bytes()[1:])
	return out.Bytes(), nil
}

// checkOutside holds what every record has. Account and Region become parts of
// keys and names.
func checkOutside(rec *events.Record) error {
	var errs []error
	if _, err := rec.Time(); err != nil {
		errs = append(errs, err)
	}
	for _, f := range []struct {
		name  string
		field events.Field
		is    func(string) bool
	}{
		{"awsRegion", events.AWSRegion, isRegion},
		{"recipientAccountId", events.RecipientAccountID, isAccount},
		{"eventID", events.EventID, func(id string) bool { return id != "" && len(id) <= 128 }},
	} {
		if text := rec.String(f.field); !f.is(text) {
			errs = append(errs, fmt.Errorf("%s is %q", f.name, text))
		}
	}
	if rec.Category() == events.Insight {
		if rec.Text(events.InsightDetails) == nil {
			errs = append(errs, errors.New("an Insight event without insightDetails"))
		}
		return errors.Join(errs...)
	}
	if _, err := trails.EventOf(rec.Raw()); err != nil && len(errs) == 0 {
		errs = append(errs, err)
	}
	if rec.String(events.EventSource) == "" || rec.String(events.EventName) == "" {
		errs = append(errs, errors.New("eventSource or eventName is missing"))
	}
	return errors.Join(errs...)
}

func isRegion(text string) bool {
	return text != "" && len(text) <= 32 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func isAccount(text string) bool { return len(text) == 12 && strings.Trim(text, "0123456789") == "" }
