package conform

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"github.com/trailhand/trailhand/internal/cloud"
)

// prefixes of X-Amz-Target, by the name in the credential scope.
func prefixes() map[string]string {
	return map[string]string{
		"cloudtrail": "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.", "events": "AWSEvents.", "sqs": "AmazonSQS.",
	}
}

func TestBadInputIsRefusedInTheServicesOwnWords(t *testing.T) {
	url := startCloud(t, nil).URL()
	operations := map[string]string{"cloudtrail": "CreateTrail", "events": "PutRule", "sqs": "SendMessage"}
	for service, prefix := range prefixes() {
		for _, c := range []struct {
			name, target, body string
			status             int
			want               string
		}{
			{"JSON that breaks off", operations[service], `{"Name":"a`, 400, "SerializationException"},
			{"no JSON", operations[service], "\x00\xff<xml/>", 400, "SerializationException"},
			{"a list", operations[service], `[1,2,3]`, 400, "SerializationException"},
			{"objects a thousand deep", operations[service], strings.Repeat(`{"Name":`, 20000), 400, "SerializationException"},
			{"a target that nobody has", "DestroyEverything", `{}`, 400, "UnknownOperationException"},
			{"a body over the limit", operations[service], `{"Name":"` + strings.Repeat("x", 9<<20) + `"}`, 413, "RequestEntityTooLargeException"},
		} {
			t.Run(service+": "+c.name, func(t *testing.T) {
				resp, err := post(url, service, prefix+c.target, c.body)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != c.status || resp.Header.Get("X-Amzn-Errortype") != c.want || !strings.Contains(string(body), c.want) {
					t.Errorf("answered %d %s, %v; want %d %s", resp.StatusCode, body, err, c.status, c.want)
				}
			})
		}
	}
}

func TestRequestsThatNobodyCanServeAreRefused(t *testing.T) {
	url := startCloud(t, nil).URL()
	signed := "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=0"
	for _, c := range []struct {
		name          string
		header        http.Header
		status        int
		code, contain string
	}{
		{"unsigned JSON", http.Header{"X-Amz-Target": {"CloudTrail_20131101.GetTrail"}}, 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
		{"unsigned", http.Header{}, 403, "", "<Code>AccessDenied</Code>"},
		{"another kind of signature", http.Header{"Authorization": {"AWS3 nothing"}}, 400, "IncompleteSignatureException", "IncompleteSignature"},
		{"half a signature", http.Header{"Authorization": {"AWS4-HMAC-SHA256 Credential=x"}}, 400, "IncompleteSignatureException", "malformed"},
		{"a service that is not served", http.Header{"Authorization": {fmt.Sprintf(signed, "ec2")}, "X-Amz-Date": {"20260101T000000Z"}}, 400, "UnrecognizedClientException", "--upstream"},
		{"the same, of the query protocol", http.Header{"Authorization": {fmt.Sprintf(signed, "ec2")}, "X-Amz-Date": {"20260101T000000Z"}, "Content-Type": {"application/x-www-form-urlencoded"}}, 400, "", "<ErrorResponse>"},
		{"STS without a form", http.Header{"Authorization": {fmt.Sprintf(signed, "sts")}, "X-Amz-Date": {"20260101T000000Z"}}, 400, "", "<Code>MalformedInput</Code>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequest(http.MethodPost, url, strings.NewReader("garbage=%zz&"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header = c.header
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if err != nil || resp.StatusCode != c.status || resp.Header.Get("X-Amzn-Errortype") != c.code || !strings.Contains(string(body), c.contain) {
				t.Errorf("answered %d %q %s, %v; want %d %s", resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), body, err, c.status, c.contain)
			}
		})
	}
}

// TestHalfARequestHoldsNobodyUp sends requests that never end, and others beside them.
func TestHalfARequestHoldsNobodyUp(t *testing.T) {
	account := startCloud(t, func(cfg *cloud.Config) { cfg.Patience = 200 * time.Millisecond })
	address := strings.TrimPrefix(account.URL(), "http://")
	date := time.Now().UTC().Format("20060102")
	head := "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: CloudTrail_20131101.DescribeTrails\r\nX-Amz-Date: " + date + "T000000Z\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIA/" + date + "/us-east-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=0\r\n"
	for name, half := range map[string]string{
		"no header at all":     "",
		"half of the headers":  head[:len(head)/2],
		"half of a body":       head + "Content-Length: 100\r\n\r\n{\"trail",
		"half of a chunk":      head + "Transfer-Encoding: chunked\r\n\r\n64\r\n{\"trail",
		"headers without body": head + "Content-Length: 100\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			var held []net.Conn
			for range 20 {
				conn, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := io.WriteString(conn, half); err != nil {
					t.Fatal(err)
				}
				held = append(held, conn)
			}
			if _, err := Dial(account.URL(), Region).CloudTrail.DescribeTrails(t.Context(), nil); err != nil {
				t.Errorf("beside them: %v", err)
			}
			for _, conn := range held {
				conn.SetReadDeadline(time.Now().Add(20 * time.Second))
				if answer, err := io.ReadAll(conn); err != nil {
					t.Fatalf("still open, after %q: %v", answer, err)
				}
			}
		})
	}
}

// TestALongAnswerToAWholeRequestIsWaitedFor holds that patience ends with the request.
func TestALongAnswerToAWholeRequestIsWaitedFor(t *testing.T) {
	account := startCloud(t, func(cfg *cloud.Config) { cfg.Patience = 200 * time.Millisecond })
	c := Dial(account.URL(), Region)
	err := c.withQueue(t.Context(), "patient", nil, func(url *string) error {
		got, err := c.receive(t.Context(), url, 1)
		return errors.Join(err, same("received", len(got), 0))
	})
	if err != nil {
		t.Error(err)
	}
}

func TestOfManyWhoCreateOneNameOneWins(t *testing.T) {
	c := Dial(startCloud(t, nil).URL(), Region)
	err := c.withLogBucket(t.Context(), "one-logs", func() error {
		wins, losses := race(64, func(int) error {
			_, err := c.CloudTrail.CreateTrail(t.Context(), &cloudtrail.CreateTrailInput{Name: aws.String("the-one"), S3BucketName: aws.String("one-logs")})
			return err
		})
		return errors.Join(same("who won", wins, 1), same("who was told that it exists", losses["TrailAlreadyExistsException"], 63))
	})
	if err != nil {
		t.Error(err)
	}
}

// race does something n times at once, and counts successes, and faults by code.
func race(n int, do func(i int) error) (wins int, losses map[string]int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	losses = map[string]int{}
	for i := range n {
		all.Go(func() {
			err := do(i)
			mu.Lock()
			defer mu.Unlock()
			var api smithy.APIError
			switch {
			case err == nil:
				wins++
			case errors.As(err, &api):
				losses[api.ErrorCode()]++
			default:
				losses[err.Error()]++
			}
		})
	}
	all.Wait()
	return wins, losses
}

// TestTenThousandNamesAreNoBurden holds the limit of five trails in a Region
// under 10,000 attempts, and asks for all of them at once.
func TestTenThousandNamesAreNoBurden(t *testing.T) {
	url := startCloud(t, nil).URL()
	c := Dial(url, Region)
	const names, workers = 10000, 8
	err := c.withLogBucket(t.Context(), "many-logs", func() error {
		var created, full, other, next atomic.Int64
		race(workers, func(int) error {
			for {
				i := next.Add(1)
				if i > names {
					return nil
				}
				resp, err := post(url, "cloudtrail", "CloudTrail_20131101.CreateTrail", fmt.Sprintf(`{"Name":"trail-%d","S3BucketName":"many-logs"}`, i))
				if err != nil {
					other.Add(1)
					return err
				}
				io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				switch {
				case resp.StatusCode == http.StatusOK:
					created.Add(1)
				case resp.Header.Get("X-Amzn-Errortype") == "MaximumNumberOfTrailsExceededException":
					full.Add(1)
				default:
					other.Add(1)
				}
			}
		})
		var all []string
		for i := range names {
			all = append(all, fmt.Sprintf("trail-%d", i+1))
		}
		got, err := c.CloudTrail.DescribeTrails(t.Context(), &cloudtrail.DescribeTrailsInput{TrailNameList: all})
		if err != nil {
			return err
		}
		return errors.Join(same("created", created.Load(), 5), same("refused", full.Load(), names-5), same("anything else", other.Load(), 0), same("described", len(got.TrailList), 5))
	})
	if err != nil {
		t.Error(err)
	}
}

// FuzzRequests holds that no request makes the account fail: it is answered,
// never with a defect, and the next one is served.
func FuzzRequests(f *testing.F) {
	account := startCloud(f, nil)
	f.Add("POST", "/", "cloudtrail", "CloudTrail_20131101.CreateTrail", []byte(`{"Name":"x"}`))
	f.Add("POST", "/", "events", "AWSEvents.TestEventPattern", []byte(`{"Event":"{}","EventPattern":"{\"a\":[{\"wildcard\":\"**\"}]}"}`))
	f.Add("POST", "/", "sqs", "AmazonSQS.ReceiveMessage", []byte(`{"QueueUrl":"http://x/1/y"}`))
	f.Add("GET", "/b/%00?acl&versions", "s3", "", []byte("x"))
	f.Add("PUT", "/b?policy", "s3", "", []byte(`{"Statement":{}}`))
	f.Add("POST", "/?Action=GetCallerIdentity", "sts", "", []byte("Action=AssumeRole&RoleArn=%"))
	f.Add("POST", "/_trailhand/events", "", "", []byte(`[{},{"eventTime":1}]`))
	f.Fuzz(func(t *testing.T, method, path, service, target string, body []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: x\r\n\r\n", method, path))))
		if err != nil || strings.Contains(string(body), "WaitTimeSeconds") {
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		r.Header.Set("X-Amz-Date", "20260101T000000Z")
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
		w := httptest.NewRecorder()
		account.ServeHTTP(w, r)
		if w.Code == http.StatusInternalServerError || w.Code < 200 || w.Code > 599 {
			t.Fatalf("answered %d %s", w.Code, w.Body)
		}
	})
}
