package cloud

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// found are the names of the events that a lookup finds, newest first.
func found(t *testing.T, c *Cloud, region string, attribute types.LookupAttributeKey, value string) []string {
	t.Helper()
	in := &cloudtrail.LookupEventsInput{MaxResults: aws.Int32(2)}
	if attribute != "" {
		in.LookupAttributes = []types.LookupAttribute{{AttributeKey: attribute, AttributeValue: &value}}
	}
	var names []string
	for pages := cloudtrail.NewLookupEventsPaginator(trailClient(c, region), in); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			names = append(names, *e.EventName)
		}
	}
	return names
}

func TestManagementEventsAreInTheHistoryWithoutATrailAndAfterARestart(t *testing.T) {
	clock := &handClock{behind: time.Hour}
	cfg := testConfig(t, t.TempDir())
	cfg.Now = clock.now
	c := started(t, cfg)
	for _, call := range []func() error{
		func() error {
			_, err := trailClient(c, testRegion).DescribeTrails(t.Context(), nil)
			return err
		},
		func() error {
			_, err := bucketClient(c).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("made")})
			return err
		},
		func() error {
			_, err := bucketClient(c).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("made")}) // a data event
			return err
		},
	} {
		if err := call(); err != nil {
			t.Fatal(err)
		}
		clock.forward(time.Second)
	}
	closed(t, c)
	c = started(t, cfg)
	if got := found(t, c, testRegion, "", ""); len(got) < 2 || got[len(got)-1] != "DescribeTrails" || got[len(got)-2] != "CreateBucket" {
		t.Errorf("the history is %q", got)
	}
	if got := found(t, c, testRegion, types.LookupAttributeKeyReadOnly, "false"); len(got) != 1 || got[0] != "CreateBucket" {
		t.Errorf("the writes are %q", got)
	}
	if got := found(t, c, "eu-west-1", types.LookupAttributeKeyEventName, "CreateBucket"); len(got) != 0 {
		t.Errorf("another Region has %q", got)
	}
}
