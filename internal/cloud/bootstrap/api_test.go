package bootstrap

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func post(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestTheRuntimeAPIIsLambdas(t *testing.T) {
	api := newRuntimeAPI()
	server := httptest.NewServer(api.routes())
	defer server.Close()
	root := server.URL + "/2018-06-01/runtime/"

	if status, body := post(t, root+"invocation/none/response", `{}`); status != http.StatusBadRequest || !strings.Contains(body, `"InvalidRequestID"`) {
		t.Errorf("an answer to no work: %d %s", status, body)
	}
	work := &invocation{id: "1-2-3", arn: "arn:aws:lambda:…", deadline: time.UnixMilli(1700000000123), payload: []byte(`{"a":1}`), answers: make(chan answer, 1)}
	go func() { api.work <- work }()
	resp, err := http.Get(root + "invocation/next")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	payload, err := io.ReadAll(resp.Body)
	if err != nil || string(payload) != `{"a":1}` {
		t.Errorf("payload %s, %v", payload, err)
	}
	for name, want := range map[string]string{
		"Lambda-Runtime-Aws-Request-Id": "1-2-3", "Lambda-Runtime-Deadline-Ms": "1700000000123", "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:…",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if status, _ := post(t, root+"invocation/another/error", `{}`); status != http.StatusBadRequest {
		t.Errorf("an answer to other work: %d", status)
	}
	if status, body := post(t, root+"invocation/1-2-3/response", `"done"`); status != http.StatusAccepted || body != `{"status":"OK"}` {
		t.Errorf("the answer: %d %s", status, body)
	}
	if got := <-work.answers; string(got.payload) != `"done"` || got.err != nil {
		t.Errorf("answered %+v", got)
	}
	if status, _ := post(t, root+"invocation/1-2-3/response", `"again"`); status != http.StatusBadRequest {
		t.Errorf("a second answer: %d", status)
	}
}
