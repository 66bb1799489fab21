package upstream

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// timeout of a request that the cloud itself makes.
const timeout = 5 * time.Second

// operation is a call that the cloud itself makes: of the query protocol if it
// has a form, else of AWS JSON 1.1.
type operation struct {
	service, region, name string

	version string     // of the query protocol
	form    url.Values // its parameters

	target string // of the JSON protocol, before the operation's name
	input  any
}

// call makes a request and decodes the answer into out, unless that is nil.
// What the other endpoint refuses is a *wire.Fault.
func (u *Upstream) call(ctx context.Context, op operation, out any) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	r, err := u.request(ctx, op)
	if err != nil {
		return fmt.Errorf("%s %s: %w", op.service, op.name, err)
	}
	resp, err := u.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", op.service, op.name, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxKept))
	switch {
	case err != nil:
		return fmt.Errorf("%s %s: %w", op.service, op.name, err)
	case resp.StatusCode >= http.StatusMultipleChoices:
		code, message := exception(body, resp.Header.Get("Content-Type"), resp.Header.Get("X-Amzn-Errortype"))
		code = cmp.Or(code, strings.ReplaceAll(http.StatusText(resp.StatusCode), " ", ""), "UnknownError")
		return &wire.Fault{Code: code, Message: message, Status: resp.StatusCode}
	case out == nil || len(body) == 0:
		return nil
	}
	decode := json.Unmarshal
	if op.form != nil {
		decode = xml.Unmarshal
	}
	if err := decode(body, out); err != nil {
		return fmt.Errorf("%s %s: its answer: %w", op.service, op.name, err)
	}
	return nil
}

// request is signed with a key that emulators take.
func (u *Upstream) request(ctx context.Context, op operation) (*http.Request, error) {
	body, kind := []byte(nil), "application/x-amz-json-1.1"
	if op.form != nil {
		op.form.Set("Action", op.name)
		op.form.Set("Version", op.version)
		body, kind = []byte(op.form.Encode()), "application/x-www-form-urlencoded; charset=utf-8"
	} else {
		var err error
		if body, err = json.Marshal(op.input); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, u.url.Scheme+"://"+u.url.Host+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("User-Agent", "cloudtrail.amazonaws.com")
	if op.form == nil {
		r.Header.Set("X-Amz-Target", op.target+"."+op.name)
	}
	hash := sha256.Sum256(body)
	key := sigv4.Key{AccessKeyID: "test", SecretAccessKey: "test"}
	sigv4.Sign(r, key, op.region, op.service, hex.EncodeToString(hash[:]), u.cfg.Now())
	return r, nil
}
