package sigv4

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	testID     = "AKIAIOSFODNN7EXAMPLE"
	testSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
)

func signedAt() time.Time { return time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) }

func verifier(now time.Time) Verifier {
	return Verifier{
		Now: func() time.Time { return now },
		Secret: func(id string) (string, bool) {
			return testSecret, id == testID
		},
	}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// sdkSigned is a request as a server gets it after the SDK's signer signed it.
func sdkSigned(t testing.TB, method, url, service, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header.Set("X-Amz-Meta-Note", "two  spaces   and a\ttab ")
	if service == "s3" {
		r.Header.Set("X-Amz-Content-Sha256", hashOf(body))
	}
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" })
	key := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	if err := signer.SignHTTP(context.Background(), key, r, hashOf(body), service, "eu-west-1", signedAt()); err != nil {
		t.Fatal(err)
	}
	return r
}

func verify(r *http.Request, now time.Time, body string) error {
	scope, err := Parse(r)
	if err != nil {
		return err
	}
	return verifier(now).Verify(r, scope, func() (string, error) { return hashOf(body), nil })
}

func TestWhatTheSDKSignsIsGood(t *testing.T) {
	for name, tc := range map[string]struct{ method, url, service, body string }{
		"a plain object":              {"GET", "http://localhost:4566/bucket/key", "s3", ""},
		"a key with + and space":      {"PUT", "http://localhost/bucket/a%2Bb%20c", "s3", "body"},
		"a key with a percent sign":   {"PUT", "http://localhost/bucket/100%25", "s3", "body"},
		"a key beyond ASCII":          {"PUT", "http://localhost/bucket/%C3%BCber/%E6%97%A5", "s3", "body"},
		"a key with two slashes":      {"GET", "http://localhost/bucket//a//b/", "s3", ""},
		"a query without a value":     {"GET", "http://localhost/bucket?policy", "s3", ""},
		"a query that needs sorting":  {"GET", "http://localhost/bucket?prefix=b&list-type=2&Z=1&a=2&a=1", "s3", ""},
		"a query with reserved bytes": {"GET", "http://localhost/bucket?prefix=a%2Fb%20c%2Bd~", "s3", ""},
		"a JSON service":              {"POST", "http://localhost/", "cloudtrail", `{"Name":"t"}`},
		"a path of another service":   {"POST", "http://localhost/a%20b", "lambda", "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sdkSigned(t, tc.method, tc.url, tc.service, tc.body)
			if err := verify(r, signedAt(), tc.body); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAPresignedURLIsGoodUntilItExpires(t *testing.T) {
	r := presigned(t, "http://localhost/bucket/a%2Bb%20c?X-Amz-Expires=300&versionId=v")
	for name, tc := range map[string]struct {
		after time.Duration
		code  string
	}{
		"at once":                          {0, ""},
		"at its last second":               {300 * time.Second, ""},
		"a second later it has expired":    {301 * time.Second, "AccessDenied"},
		"an hour before it is not yet":     {-time.Hour, "AccessDenied"},
		"ten minutes before is clock skew": {-10 * time.Minute, ""},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, verify(r, signedAt().Add(tc.after), ""), tc.code) })
	}
}

func presigned(t *testing.T, url string) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, url, nil)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	key := aws.Credentials{AccessKeyID: testID, SecretAccessKey: testSecret}
	signed, _, err := signer.PresignHTTP(context.Background(), key, r, UnsignedPayload, "s3", "eu-west-1", signedAt())
	if err != nil {
		t.Fatal(err)
	}
	return httptest.NewRequest(http.MethodGet, signed, nil)
}

func TestWhatWasChangedIsRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*http.Request)
		code   string
	}{
		"nothing":         {func(*http.Request) {}, ""},
		"the path":        {func(r *http.Request) { r.URL.Path = "/bucket/other" }, "SignatureDoesNotMatch"},
		"the query":       {func(r *http.Request) { r.URL.RawQuery = "acl" }, "SignatureDoesNotMatch"},
		"the method":      {func(r *http.Request) { r.Method = http.MethodDelete }, "SignatureDoesNotMatch"},
		"the host":        {func(r *http.Request) { r.Host = "elsewhere" }, "SignatureDoesNotMatch"},
		"a signed header": {func(r *http.Request) { r.Header.Set("X-Amz-Meta-Note", "x") }, "SignatureDoesNotMatch"},
		"the body's hash": {func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", hashOf("x")) }, "SignatureDoesNotMatch"},
		"the Region":      {replaceAuthorization("eu-west-1", "eu-west-2"), "SignatureDoesNotMatch"},
		"one digit of the signature": {func(r *http.Request) {
			h := r.Header.Get("Authorization")
			last := "0"
			if strings.HasSuffix(h, "0") {
				last = "1"
			}
			r.Header.Set("Authorization", h[:len(h)-1]+last)
		}, "SignatureDoesNotMatch"},
		"the access key":     {replaceAuthorization(testID, "AKIASOMEBODYELSE"), "InvalidAccessKeyId"},
		"the algorithm":      {replaceAuthorization("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), "AuthorizationHeaderMalformed"},
		"the date by a day":  {func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261122T020000Z") }, "AuthorizationHeaderMalformed"},
		"the date's absence": {func(r *http.Request) { r.Header.Del("X-Amz-Date") }, "AuthorizationHeaderMalformed"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sdkSigned(t, "PUT", "http://localhost/bucket/key?tagging", "s3", "body")
			tc.change(r)
			wantCode(t, verify(r, signedAt(), "body"), tc.code)
		})
	}
}

func replaceAuthorization(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), from, to, 1))
	}
}

func TestAClockThatIsOffByMoreThanFifteenMinutesIsRefused(t *testing.T) {
	r := sdkSigned(t, "GET", "http://localhost/bucket/key", "s3", "")
	for skew, code := range map[time.Duration]string{
		15 * time.Minute: "", -15 * time.Minute: "",
		15*time.Minute + time.Second: "RequestTimeTooSkewed", -15*time.Minute - time.Second: "RequestTimeTooSkewed",
	} {
		t.Run(skew.String(), func(t *testing.T) { wantCode(t, verify(r, signedAt().Add(skew), ""), code) })
	}
}

func TestParseReadsTheScope(t *testing.T) {
	s, err := Parse(sdkSigned(t, "POST", "http://localhost/", "cloudtrail", "{}"))
	if err != nil {
		t.Fatal(err)
	}
	if s.AccessKeyID != testID || s.Region != "eu-west-1" || s.Service != "cloudtrail" || !s.Time.Equal(signedAt()) || s.Presigned {
		t.Errorf("scope = %+v", s)
	}
	if _, err := Parse(httptest.NewRequest("GET", "http://localhost/", nil)); !errors.Is(err, ErrUnsigned) {
		t.Errorf("a request without a signature: %v", err)
	}
}

func TestWhatSignMakesVerifies(t *testing.T) {
	r := httptest.NewRequest("PUT", "http://localhost/bucket/a+b%20%C3%BC?tagging&x=%2F", strings.NewReader("body"))
	r.Header.Set("X-Amz-Meta-Note", "x")
	Sign(r, Key{testID, testSecret}, "us-east-1", "s3", UnsignedPayload, signedAt())
	if err := verify(r, signedAt(), ""); err != nil {
		t.Error(err)
	}
}

// wantCode holds that err is a Refusal with a code; an empty one stands for no error.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *Refusal
	switch {
	case code == "" && err != nil:
		t.Errorf("refused: %v", err)
	case code != "" && (!errors.As(err, &refusal) || refusal.Code != code):
		t.Errorf("error = %v, want %s", err, code)
	}
}
