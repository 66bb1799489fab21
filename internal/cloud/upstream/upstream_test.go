package upstream

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// emulator answers every request alike, and keeps the last one.
type emulator struct {
	status       int
	answer, kind string
	header       http.Header

	got  *http.Request
	body string
}

func (e *emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.got, e.body = r, string(body)
	for name, values := range e.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Type", e.kind)
	w.WriteHeader(e.status)
	io.WriteString(w, e.answer)
}

// pass sends one request through an Upstream to e, and gives what the client
// got and what was observed.
func pass(t *testing.T, e http.Handler, service string, r *http.Request) (*httptest.ResponseRecorder, wire.Call, *Upstream) {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	u, err := New(Config{URL: server.URL, Now: func() time.Time { return time.Unix(1700000000, 0) }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	var observed []wire.Call
	caller := wire.Caller{AccountID: "123456789012", Region: "eu-west-1", Service: service}
	u.Serve(w, r, caller, func(c wire.Call) { observed = append(observed, c) })
	if len(observed) != 1 {
		t.Fatalf("%d calls observed", len(observed))
	}
	return w, observed[0], u
}

func request(method, uri, kind, target, body string) *http.Request {
	r := httptest.NewRequest(method, uri, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	return r
}

const form, json11 = "application/x-www-form-urlencoded; charset=utf-8", "application/x-amz-json-1.1"

func TestCallsAreNamedAndDescribed(t *testing.T) {
	for _, c := range []struct {
		name, service string
		request       *http.Request
		answer        string
		source, event string
		parameters    string // JSON
		elements      string
		resource      string
	}{
		{name: "query of EC2", service: "ec2",
			request: request("POST", "/", form, "", "Action=RunInstances&Version=2016-11-15&ImageId=ami-1&MaxCount=1&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=b&TagSpecification.1.Tag.2.Key=c"),
			answer:  `<RunInstancesResponse><requestId>q</requestId><instancesSet><item><instanceId>i-1</instanceId></item><item><instanceId>i-2</instanceId></item></instancesSet></RunInstancesResponse>`,
			source:  "ec2", event: "RunInstances",
			parameters: `{"imageId":"ami-1","maxCount":"1","tagSpecification":[{"tag":[{"key":"a","value":"b"},{"key":"c"}]}]}`,
			elements:   `{"requestId":"q","instancesSet":{"items":[{"instanceId":"i-1"},{"instanceId":"i-2"}]}}`},
		{name: "query of IAM, without its envelope", service: "iam",
			request: request("POST", "/", form, "", "Action=CreateUser&Version=2010-05-08&UserName=alice&Tags.member.1.Key=k"),
			answer:  `<CreateUserResponse><CreateUserResult><User><UserName>alice</UserName><Tags><member><Key>k</Key></member></Tags></User></CreateUserResult><ResponseMetadata><RequestId>q</RequestId></ResponseMetadata></CreateUserResponse>`,
			source:  "iam", event: "CreateUser",
			parameters: `{"userName":"alice","tags":[{"key":"k"}]}`,
			elements:   `{"user":{"userName":"alice","tags":[{"key":"k"}]}}`},
		{name: "JSON whose maps keep their keys", service: "dynamodb",
			request: request("POST", "/", "application/x-amz-json-1.0", "DynamoDB_20120810.PutItem", `{"TableName":"Music","Item":{"Artist":{"S":"x"},"Year":{"N":"1"}}}`),
			answer:  `{}`, source: "dynamodb", event: "PutItem",
			parameters: `{"tableName":"Music","item":{"Artist":{"s":"x"},"Year":{"n":"1"}}}`, elements: `{}`,
			resource: "AWS::DynamoDB::Table arn:aws:dynamodb:eu-west-1:123456789012:table/Music"},
		{name: "JSON whose numbers stay exact", service: "logs",
			request: request("POST", "/", json11, "Logs_20140328.PutRetentionPolicy", `{"logGroupName":"g","retentionInDays":9007199254740993}`),
			answer:  "", source: "logs", event: "PutRetentionPolicy",
			parameters: `{"logGroupName":"g","retentionInDays":9007199254740993}`, elements: `null`},
		{name: "REST whose body is data", service: "lambda",
			request: request("POST", "/2015-03-31/functions/my-fn/invocations?Qualifier=live", "", "", `{"payload":"of the function"}`),
			answer:  `"ok"`, source: "lambda", event: "Invoke",
			parameters: `{"functionName":"my-fn","qualifier":"live"}`, elements: `null`,
			resource: "AWS::Lambda::Function arn:aws:lambda:eu-west-1:123456789012:function:my-fn"},
		{name: "REST whose body is a document", service: "lambda",
			request: request("PUT", "/2015-03-31/functions/my-fn/configuration", "application/json", "", `{"MemorySize":128}`),
			answer:  `{"FunctionName":"my-fn","MemorySize":128}`, source: "lambda", event: "UpdateFunctionConfiguration20150331v2",
			parameters: `{"functionName":"my-fn","memorySize":128}`, elements: `{"functionName":"my-fn","memorySize":128}`},
		{name: "a document that is none", service: "logs",
			request: request("POST", "/", json11, "Logs_20140328.CreateLogGroup", `{"logGroupName":`),
			answer:  `<`, source: "logs", event: "CreateLogGroup", parameters: `{}`, elements: `null`},
		{name: "a body over the limit is passed on and left out", service: "logs",
			request: request("POST", "/", json11, "Logs_20140328.PutLogEvents", `{"logGroupName":"`+strings.Repeat("x", maxKept)+`"}`),
			answer:  "{}", source: "logs", event: "PutLogEvents", parameters: `{}`, elements: `{}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			sent, err := io.ReadAll(c.request.Body)
			if err != nil {
				t.Fatal(err)
			}
			c.request.Body = io.NopCloser(strings.NewReader(string(sent)))
			e := &emulator{status: 200, answer: c.answer, kind: "text/plain"}
			w, call, _ := pass(t, e, c.service, c.request)
			if e.body != string(sent) || w.Body.String() != c.answer || e.got.Host != "example.com" {
				t.Errorf("not passed on as it was: %q, %q, host %q", e.body, w.Body, e.got.Host)
			}
			if call.EventSource != c.source+".amazonaws.com" || call.EventName != c.event || call.Fault != nil {
				t.Errorf("observed %s of %s, fault %v", call.EventName, call.EventSource, call.Fault)
			}
			sameJSON(t, "parameters", call.Request, c.parameters)
			sameJSON(t, "elements", call.Response, c.elements)
			resource := ""
			for _, r := range call.Resources {
				resource += r.Type + " " + r.ARN
			}
			if c.resource != "" && resource != c.resource {
				t.Errorf("resources %q", resource)
			}
		})
	}
}

func sameJSON(t *testing.T, what string, got any, want string) {
	t.Helper()
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	var g, w any
	if err := errors.Join(json.Unmarshal(data, &g), json.Unmarshal([]byte(want), &w)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(w, g); diff != "" {
		t.Errorf("%s: %s", what, diff)
	}
}

func TestFaultsAreReadWhereTheProtocolsPutThem(t *testing.T) {
	for _, c := range []struct {
		name, service string
		status        int
		answer        string
		header        http.Header
		code, message string
	}{
		{"JSON", "logs", 400, `{"__type":"com.amazonaws.logs#ResourceNotFoundException","message":"no group"}`, nil, "ResourceNotFoundException", "no group"},
		{"a header", "logs", 404, `{"Message":"no function"}`, http.Header{"X-Amzn-Errortype": {"NotFound:http://internal/"}}, "NotFound", "no function"},
		{"query", "iam", 404, `<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no user</Message></Error></ErrorResponse>`, nil, "NoSuchEntity", "no user"},
		{"EC2 says whose fault it is", "ec2", 400, `<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no image</Message></Error></Errors></Response>`, nil, "Client.InvalidAMIID.NotFound", "no image"},
		{"nothing that says more", "logs", 503, ``, nil, "ServiceUnavailable", ""},
		{"a page of HTML", "logs", 500, `<html><body>sorry`, nil, "InternalServerError", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := map[string]*http.Request{
				"logs": request("POST", "/", json11, "Logs_20140328.CreateLogGroup", `{}`),
				"iam":  request("POST", "/", form, "", "Action=GetUser"),
				"ec2":  request("POST", "/", form, "", "Action=RunInstances"),
			}[c.service]
			w, call, _ := pass(t, &emulator{status: c.status, answer: c.answer, header: c.header}, c.service, r)
			if w.Code != c.status || call.Fault == nil || call.Fault.Code != c.code || call.Fault.Message != c.message {
				t.Errorf("status %d, fault %v", w.Code, call.Fault)
			}
		})
	}
}

func TestWhatCannotBeNamedIsPassedOnAndCounted(t *testing.T) {
	e := &emulator{status: 200, answer: "ok"}
	w, call, u := pass(t, e, "nobody", request("GET", "/x?y=z", "", "", ""))
	if call.EventName != "" || w.Body.String() != "ok" || e.got.URL.String() != "/x?y=z" {
		t.Errorf("observed %+v, answered %q to %s", call, w.Body, e.got.URL)
	}
	if want := (Counts{Calls: 1, Unnamed: 1}); u.Counts() != want {
		t.Errorf("counted %+v", u.Counts())
	}
}

func TestAnOperationOfUnknownAccessIsCounted(t *testing.T) {
	_, call, u := pass(t, &emulator{status: 200}, "lambda", request("POST", "/2015-03-31/functions/f/invocations", "", "", ""))
	if call.Foreign.ReadOnly != nil {
		t.Error("its access is known")
	}
	if want := (Counts{Calls: 1, Unclassified: 1}); u.Counts() != want {
		t.Errorf("counted %+v", u.Counts())
	}
}

func TestAnEndpointThatIsGoneIsACallThatFailed(t *testing.T) {
	u, err := New(Config{URL: "http://127.0.0.1:1", Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for target, r := range map[string]*http.Request{
		`{"__type":"ServiceUnavailable"`:  request("POST", "/", json11, "Logs_20140328.CreateLogGroup", `{}`),
		"<Code>ServiceUnavailable</Code>": request("POST", "/", form, "", "Action=CreateUser"),
	} {
		w := httptest.NewRecorder()
		var call wire.Call
		u.Serve(w, r, wire.Caller{Service: "iam"}, func(c wire.Call) { call = c })
		if w.Code != http.StatusBadGateway || !strings.Contains(w.Body.String(), target) || call.Fault == nil || call.Fault.Code != "ServiceUnavailable" || call.EventName == "" {
			t.Errorf("answered %d %s, observed %+v", w.Code, w.Body, call)
		}
	}
}

func TestAnAnswerThatBreaksOffIsObserved(t *testing.T) {
	e := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
	})
	server := httptest.NewServer(e)
	defer server.Close()
	u, err := New(Config{URL: server.URL, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	observed := make(chan wire.Call, 1)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u.Serve(w, r, wire.Caller{Service: "logs"}, func(c wire.Call) { observed <- c })
	}))
	defer front.Close()
	r := request("POST", front.URL, json11, "Logs_20140328.CreateLogGroup", `{}`)
	r.RequestURI = ""
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the client was not told that the answer is not whole")
	}
	if c := <-observed; c.EventName != "CreateLogGroup" {
		t.Errorf("observed %+v", c)
	}
}

func TestAnUpstreamThatIsNoURLIsRefused(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:5000", "ftp://host", "http://", "http://a b"} {
		if _, err := New(Config{URL: bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// FuzzTree holds that any answer has a form in a record, or none, and never panics.
func FuzzTree(f *testing.F) {
	f.Add([]byte(`{"A":[{"B":1e99}]}`), "A.member.1.B=c&A=d")
	f.Add([]byte(`<a><b>1</b><b/><item>x</item></a>`), "1=2")
	f.Fuzz(func(t *testing.T, data []byte, query string) {
		x := &exchange{}
		b := &body{}
		b.Write(data)
		if _, err := json.Marshal(x.tree(b)); err != nil {
			t.Fatalf("%v", err)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.RawQuery = query
		if _, err := json.Marshal(nested(r.URL.Query())); err != nil {
			t.Fatalf("%v", err)
		}
	})
}
