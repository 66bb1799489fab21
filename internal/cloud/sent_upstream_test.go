package cloud

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/outbox"
)

// services are SNS, Logs, KMS and IAM, of which some operations fail.
type services struct {
	mu      sync.Mutex
	failing map[string]string // operation to code
	streams bool
	bodies  map[string][]string
}

func (s *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if op == "" {
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		op = r.FormValue("Action")
	}
	code := s.failing[op]
	if op == "PutLogEvents" && !s.streams && code == "" {
		code = "ResourceNotFoundException"
	}
	if code != "" {
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"`+code+`","message":"no"}`)
		return
	}
	s.streams = s.streams || op == "CreateLogStream"
	s.bodies[op] = append(s.bodies[op], string(body))
	io.WriteString(w, map[string]string{
		"DescribeLogGroups": `{"logGroups":[{"logGroupName":"trail"}]}`, "DescribeKey": `{"KeyMetadata":{"Enabled":true}}`,
	}[op])
}

func (s *services) fail(op, code string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[op] = code
}

func beforeServices(t *testing.T) (*services, Config, *Cloud) {
	s := &services{failing: map[string]string{}, bodies: map[string][]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	cfg := testConfig(t, t.TempDir())
	cfg.Upstream = server.URL
	return s, cfg, started(t, cfg)
}

func toldTrail() *cloudtrail.CreateTrailInput {
	return &cloudtrail.CreateTrailInput{
		Name: aws.String("trailhand"), S3BucketName: aws.String(logBucket), SnsTopicName: aws.String("told"), KmsKeyId: aws.String("alias/key"),
		CloudWatchLogsLogGroupArn: aws.String("arn:aws:logs:us-east-1:123456789012:log-group:trail:*"),
		CloudWatchLogsRoleArn:     aws.String("arn:aws:iam::123456789012:role/service-role/trail"),
	}
}

func TestAnUpstreamIsToldInPlaceOfTheOutboxAndItsFailuresShow(t *testing.T) {
	s, cfg, c := beforeServices(t)
	arn := logged(t, c, toldTrail())
	s.fail("Publish", "NotFound")
	s.fail("PutLogEvents", "AccessDeniedException")
	status := func() *cloudtrail.GetTrailStatusOutput {
		out, err := trailClient(c, testRegion).GetTrailStatus(t.Context(), &cloudtrail.GetTrailStatusInput{Name: &arn})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if err := c.Deliver(t.Context()); err == nil {
		t.Error("what fails is not told")
	}
	files := len(objects(t, c, "/CloudTrail/"))
	if said := healthOf(t, c); !strings.Contains(said, `"filesUntold":1`) || !strings.Contains(said, `"recordsWaiting":0`) || !strings.Contains(said, `"logEventsWaiting":1`) {
		t.Errorf("health says %s", said)
	}
	if got := status(); files == 0 || aws.ToString(got.LatestNotificationError) != "NotFound" || aws.ToString(got.LatestCloudWatchLogsDeliveryError) != "AccessDeniedException" || got.LatestDeliveryError != nil {
		t.Errorf("%d files delivered; the status is %+v", files, got)
	}
	s.fail("Publish", "")
	s.fail("PutLogEvents", "")
	delivered(t, c, "/CloudTrail/")
	if said := healthOf(t, c); !strings.Contains(said, `"filesUntold":0`) || !strings.Contains(said, `"logEventsWaiting":0`) {
		t.Errorf("then health says %s", said)
	}
	if got := status(); got.LatestNotificationError != nil || got.LatestCloudWatchLogsDeliveryError != nil {
		t.Errorf("the status is %+v", got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	put := strings.Join(s.bodies["PutLogEvents"], "\n")
	if len(s.bodies["Publish"]) == 0 || len(s.bodies["CreateLogStream"]) != 1 || !strings.Contains(put, `"123456789012_CloudTrail_us-east-1"`) ||
		strings.Count(put, `\"eventName\":\"StartLogging\"`) != 1 {
		t.Errorf("sent: %v", s.bodies)
	}
	for _, file := range []string{outbox.SNSFile, outbox.LogsFile} {
		if info, err := os.Stat(filepath.Join(cfg.Dir, "outbox", file)); err == nil && info.Size() > 0 {
			t.Errorf("the outbox's %s is written too", file)
		}
	}
}

func TestAnUpstreamIsAskedForWhatATrailNames(t *testing.T) {
	for op, c := range map[string][2]string{
		"GetTopicAttributes": {"NotFound", "InsufficientSnsTopicPolicyException"},
		"DescribeKey":        {"NotFoundException", "KmsKeyNotFoundException"},
		"DescribeLogGroups":  {"InternalFailure", "CloudWatchLogsDeliveryUnavailableException"},
		"GetRole":            {"NoSuchEntity", "InvalidCloudWatchLogsRoleArnException"},
	} {
		t.Run(op, func(t *testing.T) {
			s, _, cloud := beforeServices(t)
			s.fail(op, c[0])
			_, err := trailClient(cloud, testRegion).CreateTrail(t.Context(), toldTrail())
			if err == nil || !strings.Contains(err.Error(), c[1]) {
				t.Errorf("got %v, want %s", err, c[1])
			}
		})
	}
}
