package wire_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

func service() *wire.Service {
	return &wire.Service{
		Source: "cloudtrail.amazonaws.com", Version: wire.JSON11,
		Now:         func() time.Time { return time.Unix(1700000000, 0) },
		Unsupported: []string{"StartQuery"},
		Operations: map[string]wire.Operation{
			"GetTrail": wire.Op(func(_ context.Context, c wire.Caller, in *cloudtrail.GetTrailInput) (*cloudtrail.GetTrailOutput, error) {
				switch {
				case in.Name == nil:
					return nil, nil
				case *in.Name == "panic":
					panic("a defect")
				case *in.Name == "defect":
					return nil, errors.New("the disk is full")
				}
				return nil, &wire.Fault{Code: "TrailNotFoundException", Message: "Unknown trail: " + *in.Name + " for the user: " + c.AccountID, QueryCode: "Old.NotFound"}
			}),
			"DescribeTrails": wire.Op(func(_ context.Context, _ wire.Caller, in *cloudtrail.DescribeTrailsInput) (*cloudtrail.DescribeTrailsOutput, error) {
				return &cloudtrail.DescribeTrailsOutput{}, nil
			}),
			"LookupEvents": wire.Op(func(_ context.Context, _ wire.Caller, in *cloudtrail.LookupEventsInput) (*cloudtrail.LookupEventsOutput, error) {
				return &cloudtrail.LookupEventsOutput{}, nil
			}),
		},
	}
}

func request(target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	return r
}

func TestServe(t *testing.T) {
	const prefix = "CloudTrail_20131101."
	for _, c := range []struct {
		name, target, body string
		status             int
		code, message      string // of the exception; empty: success
		event              string
	}{
		{"the target of the Go SDK", prefix + "GetTrail", `{}`, 200, "", "", "GetTrail"},
		{"the target of boto3 and the aws cli", "com.amazonaws.cloudtrail.v20131101." + prefix + "GetTrail", `{}`, 200, "", "", "GetTrail"},
		{"an empty body is an empty request", prefix + "GetTrail", "", 200, "", "", "GetTrail"},
		{"members that are null are absent", prefix + "GetTrail", `{"Name":null}`, 200, "", "", "GetTrail"},
		{"members that the operation lacks are ignored", prefix + "GetTrail", `{"Unheard":{"of":[1]}}`, 200, "", "", "GetTrail"},
		{"names match exactly", prefix + "GetTrail", `{"name":"trail"}`, 200, "", "", "GetTrail"},
		{"an exception of the service", prefix + "GetTrail", `{"Name":"trail"}`, 400, "TrailNotFoundException", "Unknown trail: trail for the user: 123456789012", "GetTrail"},
		{"a panic", prefix + "GetTrail", `{"Name":"panic"}`, 500, "InternalFailure", "The request processing has failed because of an unknown error.", "GetTrail"},
		{"an error that is no fault", prefix + "GetTrail", `{"Name":"defect"}`, 500, "InternalFailure", "The request processing has failed because of an unknown error.", "GetTrail"},
		{"an operation that AWS has and we have not", prefix + "StartQuery", `{}`, 400, "UnsupportedOperationException", "The requested operation is not supported: StartQuery.", "StartQuery"},
		{"an operation that nobody has", prefix + "DeleteEverything", `{}`, 400, "UnknownOperationException", "Unknown operation: DeleteEverything", ""},
		{"no target", "", `{}`, 400, "UnknownOperationException", "Unknown operation: ", ""},
		{"a body that is cut short", prefix + "GetTrail", `{"Name":"tr`, 400, "SerializationException", "the request body is not valid JSON", "GetTrail"},
		{"a body with something behind it", prefix + "GetTrail", `{}{}`, 400, "SerializationException", "the request body is not valid JSON", "GetTrail"},
		{"a list where an object is wanted", prefix + "GetTrail", `[]`, 400, "SerializationException", "START_ARRAY can not be converted to a structure", "GetTrail"},
		{"a number where a text is wanted", prefix + "GetTrail", `{"Name":1}`, 400, "SerializationException", "Name: NUMBER_VALUE can not be converted to String", "GetTrail"},
		{"a text where a boolean is wanted", prefix + "DescribeTrails", `{"includeShadowTrails":"true"}`, 400, "SerializationException", "includeShadowTrails: STRING_VALUE can not be converted to Boolean", "DescribeTrails"},
		{"a text where a list is wanted", prefix + "DescribeTrails", `{"trailNameList":"a"}`, 400, "SerializationException", "trailNameList: STRING_VALUE can not be converted to a list", "DescribeTrails"},
		{"a boolean among texts", prefix + "DescribeTrails", `{"trailNameList":["a",false]}`, 400, "SerializationException", "trailNameList[1]: FALSE_VALUE can not be converted to String", "DescribeTrails"},
		{"an object where a text is wanted", prefix + "LookupEvents", `{"LookupAttributes":[{"AttributeValue":{}}]}`, 400, "SerializationException", "LookupAttributes[0].AttributeValue: START_OBJECT can not be converted to String", "LookupEvents"},
		{"a date where epoch seconds are wanted", prefix + "LookupEvents", `{"StartTime":"2024-01-01T00:00:00Z"}`, 400, "SerializationException", "StartTime: STRING_VALUE can not be converted to Timestamp", "LookupEvents"},
		{"a time beyond all calendars", prefix + "LookupEvents", `{"StartTime":1e300}`, 400, "SerializationException", "StartTime: NUMBER_VALUE can not be converted to Timestamp", "LookupEvents"},
		{"a fraction where an integer is wanted", prefix + "LookupEvents", `{"MaxResults":1.5}`, 400, "SerializationException", "MaxResults: NUMBER_VALUE can not be converted to Integer", "LookupEvents"},
		{"a number too great for an integer", prefix + "LookupEvents", `{"MaxResults":3000000000}`, 400, "SerializationException", "MaxResults: NUMBER_VALUE can not be converted to Integer", "LookupEvents"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			call := service().Serve(w, request(c.target, c.body), wire.Caller{AccountID: "123456789012"})
			checkAnswer(t, w, c.status, c.code, c.message)
			if call.EventName != c.event {
				t.Errorf("the call is of %q, want %q", call.EventName, c.event)
			}
			if failed := call.Fault != nil; failed != (c.code != "") || failed && (call.Fault.Code != c.code || call.Response != nil) {
				t.Errorf("the call has fault %v and response %v", call.Fault, call.Response)
			}
			if defect := c.status == 500; defect != (call.Err != nil) {
				t.Errorf("the call's defect is %v", call.Err)
			}
			if call.RequestID == "" || call.RequestID != w.Header().Get("x-amzn-RequestId") {
				t.Errorf("the call has request ID %q, the client was told %q", call.RequestID, w.Header().Get("x-amzn-RequestId"))
			}
		})
	}
}

func checkAnswer(t *testing.T, w *httptest.ResponseRecorder, status int, code, message string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d", w.Code, status)
	}
	if got := w.Header().Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("Content-Type %q", got)
	}
	var body map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatalf("the answer %s: %v", w.Body, err)
	}
	if body["__type"] != code || body["message"] != message || w.Header().Get("x-amzn-ErrorType") != code {
		t.Errorf("answered %s (%q), want %q %q", w.Body, w.Header().Get("x-amzn-ErrorType"), code, message)
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	call := service().Serve(w, request("CloudTrail_20131101.GetTrail", strings.Repeat(" ", wire.MaxBody+1)), wire.Caller{})
	if w.Code != http.StatusRequestEntityTooLarge || call.Fault == nil || call.Fault.Code != "RequestEntityTooLargeException" {
		t.Errorf("answered %d, fault %v", w.Code, call.Fault)
	}
}

func TestARequestThatBreaksOffIsRefusedAndStillACall(t *testing.T) {
	r := request("CloudTrail_20131101.GetTrail", "")
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"Name":`), broken{}))
	w := httptest.NewRecorder()
	call := service().Serve(w, r, wire.Caller{})
	if w.Code != 400 || call.EventName != "GetTrail" || call.Fault == nil || call.Fault.Code != "SerializationException" {
		t.Errorf("answered %d, call of %q with fault %v", w.Code, call.EventName, call.Fault)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAGetIsNoOperation(t *testing.T) {
	r := request("CloudTrail_20131101.GetTrail", "")
	r.Method = http.MethodGet
	w := httptest.NewRecorder()
	if call := service().Serve(w, r, wire.Caller{}); call.EventName != "" || w.Code != 400 {
		t.Errorf("answered %d to a call of %q", w.Code, call.EventName)
	}
}

func TestClientsOfTheQueryProtocolAreToldItsCode(t *testing.T) {
	for mode, want := range map[string]string{"": "", "true": "Old.NotFound;Sender"} {
		r := request("CloudTrail_20131101.GetTrail", `{"Name":"trail"}`)
		r.Header.Set("x-amzn-query-mode", mode)
		w := httptest.NewRecorder()
		service().Serve(w, r, wire.Caller{})
		if got := w.Header().Get("x-amzn-query-error"); got != want {
			t.Errorf("with mode %q the header is %q, want %q", mode, got, want)
		}
	}
}

func TestACallOverTLSSaysSo(t *testing.T) {
	r := request("CloudTrail_20131101.GetTrail", `{}`)
	r.Host = "cloudtrail.us-east-2.amazonaws.com"
	r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
	call := service().Serve(httptest.NewRecorder(), r, wire.Caller{})
	want := wire.TLS{Version: "TLSv1.3", CipherSuite: "TLS_AES_128_GCM_SHA256", Host: "cloudtrail.us-east-2.amazonaws.com"}
	if call.TLS == nil || *call.TLS != want {
		t.Errorf("the call has %+v, want %+v", call.TLS, want)
	}
}

func TestEmptyListsAreKeptAndNilOnesLeftOut(t *testing.T) {
	for _, c := range []struct {
		out  cloudtrail.GetEventSelectorsOutput
		want string
	}{
		{cloudtrail.GetEventSelectorsOutput{}, `{}`},
		{cloudtrail.GetEventSelectorsOutput{EventSelectors: []types.EventSelector{}}, `{"EventSelectors":[]}`},
	} {
		got, err := wire.Marshal(&c.out)
		if err != nil || string(got) != c.want {
			t.Errorf("%s, %v; want %s", got, err, c.want)
		}
	}
}

func TestTimesAreSecondsWithMillisecondsWhereThereAreAny(t *testing.T) {
	for ms, want := range map[int64]string{1700000000000: `{"StartTime":1700000000}`, 1700000000050: `{"StartTime":1700000000.050}`} {
		at := time.UnixMilli(ms)
		got, err := wire.Marshal(&cloudtrail.LookupEventsInput{StartTime: &at})
		if err != nil || string(got) != want {
			t.Errorf("%s, %v; want %s", got, err, want)
		}
	}
}

// FuzzUnmarshal holds that any body is either decoded, or refused with a
// SerializationException; and that what was decoded encodes and decodes to the same.
func FuzzUnmarshal(f *testing.F) {
	f.Add([]byte(`{"StartTime":1700000000.5,"MaxResults":5,"LookupAttributes":[{"AttributeKey":"EventName","AttributeValue":"x"}]}`))
	f.Add([]byte(`{"LookupAttributes":[null]}`))
	f.Add([]byte(`null`))
	f.Add([]byte(`{"StartTime":-0}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var in, again cloudtrail.LookupEventsInput
		if err := wire.Unmarshal(body, &in); err != nil {
			var fault *wire.Fault
			if !errors.As(err, &fault) || fault.Code != "SerializationException" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		once, err := wire.Marshal(&in)
		if err != nil {
			t.Fatal(err)
		}
		if err := wire.Unmarshal(once, &again); err != nil {
			t.Fatalf("its own encoding %s is refused: %v", once, err)
		}
		if twice, _ := wire.Marshal(&again); string(twice) != string(once) {
			t.Fatalf("%s became %s", once, twice)
		}
	})
}
