package cloud

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
)

func healthOf(t *testing.T, c *Cloud) string {
	t.Helper()
	resp, err := http.Get(c.URL() + "/_trailhand/health")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A journal that cannot be made stands for every failure to write one.
func TestADiskThatTakesNoRecordIsToldAndEndsNothing(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	c := started(t, cfg)
	arn := logged(t, c, &cloudtrail.CreateTrailInput{Name: aws.String("trailhand")})
	names := named(delivered(t, c, "/CloudTrail/"))
	journals := filepath.Join(cfg.Dir, "journals")
	if err := os.Rename(journals, journals+".gone"); err != nil {
		t.Fatal(err)
	}
	look(t, c, arn)
	if said := healthOf(t, c); !strings.Contains(said, `"recordsNotKept":1`) {
		t.Errorf("health says %s", said)
	}
	if status, out := send(t, c, happened(testRegion, "ec2.amazonaws.com", "RunInstances", "")); status != http.StatusBadRequest || len(out.Refused) != 1 {
		t.Errorf("an event from outside is answered with %d %+v", status, out)
	}
	if err := os.Rename(journals+".gone", journals); err != nil {
		t.Fatal(err)
	}
	look(t, c, arn)
	after := named(delivered(t, c, "/CloudTrail/"))
	if len(after) != len(names)+1 || !slices.Contains(after, "GetTrail") {
		t.Errorf("before %q were delivered, and after %q", names, after)
	}
}
