package trails_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/trails"
)

func TestUpdateTrailKeepsWhatIsAbsentAndClearsWhatIsEmpty(t *testing.T) {
	full := cloudtrail.CreateTrailInput{
		Name: p("my-trail"), S3KeyPrefix: p("prefix"), SnsTopicName: p("topic"), KmsKeyId: p("alias/key"), EnableLogFileValidation: p(true),
		CloudWatchLogsLogGroupArn: p("arn:aws:logs:us-east-2:123456789012:log-group:trail:*"), CloudWatchLogsRoleArn: p("arn:aws:iam::123456789012:role/trail"),
	}
	for _, c := range []struct {
		name string
		in   cloudtrail.UpdateTrailInput
		want func(*trails.Trail)
		code string
	}{
		{"nothing given changes nothing", cloudtrail.UpdateTrailInput{}, func(*trails.Trail) {}, ""},
		{"an empty prefix clears it", cloudtrail.UpdateTrailInput{S3KeyPrefix: p("")}, func(t *trails.Trail) { t.S3KeyPrefix = "" }, ""},
		{"an empty topic clears it", cloudtrail.UpdateTrailInput{SnsTopicName: p("")}, func(t *trails.Trail) { t.SNSTopicARN = "" }, ""},
		{"an empty key clears it", cloudtrail.UpdateTrailInput{KmsKeyId: p("")}, func(t *trails.Trail) { t.KMSKeyID = "" }, ""},
		{"both fields of CloudWatch Logs are cleared together", cloudtrail.UpdateTrailInput{CloudWatchLogsLogGroupArn: p(""), CloudWatchLogsRoleArn: p("")},
			func(t *trails.Trail) { t.LogGroupARN, t.LogRoleARN = "", "" }, ""},
		{"one of them is not cleared alone", cloudtrail.UpdateTrailInput{CloudWatchLogsLogGroupArn: p("")}, func(*trails.Trail) {}, "InvalidParameterCombinationException"},
		{"a bucket is not cleared", cloudtrail.UpdateTrailInput{S3BucketName: p("")}, func(*trails.Trail) {}, "InvalidS3BucketNameException"},
		{"validation is switched off", cloudtrail.UpdateTrailInput{EnableLogFileValidation: p(false)}, func(t *trails.Trail) { t.LogFileValidation = false }, ""},
		{"a change is refused whole", cloudtrail.UpdateTrailInput{S3KeyPrefix: p("other"), KmsKeyId: p("no key")}, func(*trails.Trail) {}, "InvalidKmsKeyIdException"},
		{"a bucket that is not there", cloudtrail.UpdateTrailInput{S3BucketName: p("nowhere")}, func(*trails.Trail) {}, "S3BucketDoesNotExistException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.create(full)
			want, _ := w.trails.Trail(arn)
			c.want(&want)
			c.in.Name = &arn
			_, err := w.client(account, home).UpdateTrail(context.Background(), &c.in)
			check(t, err, c.code, "")
			got, _ := w.trails.Trail(arn)
			if d := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".matcher" }, cmp.Ignore())); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestGlobalServiceEventsFollowTheRegions(t *testing.T) {
	yes, no := p(true), p(false)
	for _, c := range []struct {
		name          string
		multi, global bool
		in            cloudtrail.UpdateTrailInput
		wantGlobal    bool
		code          string
	}{
		{"from all Regions to one they go off", true, true, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: no}, false, ""},
		{"unless the same call keeps them", true, true, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: no, IncludeGlobalServiceEvents: yes}, true, ""},
		{"from one Region to all they go on", false, false, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: yes}, true, ""},
		{"and cannot stay off", false, false, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: yes, IncludeGlobalServiceEvents: no}, false, "InvalidParameterCombinationException"},
		{"in one Region as before they stay on", false, true, cloudtrail.UpdateTrailInput{IsMultiRegionTrail: no}, true, ""},
		{"in one Region they go off when told", false, true, cloudtrail.UpdateTrailInput{IncludeGlobalServiceEvents: no}, false, ""},
		{"in all Regions they cannot", true, true, cloudtrail.UpdateTrailInput{IncludeGlobalServiceEvents: no}, true, "InvalidParameterCombinationException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail"), IsMultiRegionTrail: &c.multi, IncludeGlobalServiceEvents: &c.global})
			c.in.Name = &arn
			_, err := w.client(account, home).UpdateTrail(context.Background(), &c.in)
			check(t, err, c.code, "")
			if got, _ := w.trails.Trail(arn); got.IncludeGlobalServiceEvents != c.wantGlobal {
				t.Errorf("it includes events of global services: %t", got.IncludeGlobalServiceEvents)
			}
		})
	}
}

func TestATrailCoversItsRegions(t *testing.T) {
	for _, c := range []struct {
		name   string
		trail  trails.Trail
		region string
		global bool
		want   bool
	}{
		{"its own Region", trails.Trail{HomeRegion: home}, home, false, true},
		{"no other Region", trails.Trail{HomeRegion: home}, away, false, false},
		{"every Region, if it is for all", trails.Trail{HomeRegion: home, IsMultiRegion: true}, away, false, true},
		{"no Region outside the commercial ones", trails.Trail{HomeRegion: home, IsMultiRegion: true}, "cn-north-1", false, false},
		{"global services, if it includes them and is for all Regions", trails.Trail{HomeRegion: home, IsMultiRegion: true, IncludeGlobalServiceEvents: true}, "us-east-1", true, true},
		{"global services, if it includes them and is in the Region that records them", trails.Trail{HomeRegion: "us-east-1", IncludeGlobalServiceEvents: true}, "us-east-1", true, true},
		{"no global services from another Region", trails.Trail{HomeRegion: home, IncludeGlobalServiceEvents: true}, "us-east-1", true, false},
		{"no global services without including them", trails.Trail{HomeRegion: "us-east-1"}, "us-east-1", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.trail.Covers(c.region, c.global); got != c.want {
				t.Errorf("Covers(%s, %t) = %t", c.region, c.global, got)
			}
		})
	}
}
