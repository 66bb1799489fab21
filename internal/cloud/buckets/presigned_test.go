package buckets

import (
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func (s session) send(method, url string, header http.Header, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header = header
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

func presignedGet(s session) {
	s.mustPut("a+b c", "body")
	p, err := s3.NewPresignClient(s.Client).PresignGetObject(s.t.Context(), &s3.GetObjectInput{Bucket: aws.String(bkt), Key: aws.String("a+b c"), ResponseContentType: aws.String("text/x-test")})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, got := s.send(p.Method, p.URL, p.SignedHeader, ""); status != http.StatusOK || got != "body" {
		s.t.Errorf("%d %q", status, got)
	}
}

func presignedPut(s session) {
	p, err := s3.NewPresignClient(s.Client).PresignPutObject(s.t.Context(), &s3.PutObjectInput{Bucket: aws.String(bkt), Key: aws.String("key"), Metadata: map[string]string{"a": "1"}})
	if err != nil {
		s.t.Fatal(err)
	}
	if status, got := s.send(p.Method, p.URL, p.SignedHeader, "body"); status != http.StatusOK {
		s.t.Errorf("%d %q", status, got)
	}
	s.is("key", "body")
	call := s.calls[len(s.calls)-2]
	if call.EventName != "PutObject" || call.Additional["AuthenticationMethod"] != "QueryString" {
		s.t.Errorf("call = %+v", call)
	}
	if _, leaked := call.Request.(map[string]any)["X-Amz-Signature"]; leaked {
		s.t.Errorf("the call tells its signature: %v", call.Request)
	}
}
