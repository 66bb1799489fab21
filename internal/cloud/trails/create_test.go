package trails_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/trails"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

func TestANewTrailHasTheDefaultsOfTheAPI(t *testing.T) {
	w := newWorld(t)
	arn := w.create(cloudtrail.CreateTrailInput{Name: p("my-trail")})
	if arn != arnOf(home, account, "my-trail") {
		t.Errorf("its ARN is %s", arn)
	}
	got, ok := w.trails.Trail(arn)
	want := trails.Trail{
		ARN: arn, Name: "my-trail", AccountID: account, HomeRegion: home, S3BucketName: bucket,
		IncludeGlobalServiceEvents: true, RecursiveLogging: true,
	}
	if d := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".matcher" }, cmp.Ignore())); !ok || d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
	if logging := w.trails.Logging(account); len(logging) != 0 {
		t.Errorf("it is logging: %v", logging)
	}
}

func TestCreateTrail(t *testing.T) {
	const group, role = "arn:aws:logs:us-east-2:123456789012:log-group:trail:*", "arn:aws:iam::123456789012:role/trail"
	tags := func(n int) (out []types.Tag) {
		for i := range n {
			out = append(out, types.Tag{Key: p(fmt.Sprint("key", i)), Value: p("value")})
		}
		return out
	}
	for _, c := range []struct {
		name          string
		in            cloudtrail.CreateTrailInput
		code, message string
	}{
		{"every setting at once", cloudtrail.CreateTrailInput{
			Name: p("my-trail"), S3KeyPrefix: p("prefix"), SnsTopicName: p("topic"), CloudWatchLogsLogGroupArn: p(group), CloudWatchLogsRoleArn: p(role),
			KmsKeyId: p("alias/trail"), IsMultiRegionTrail: p(true), EnableLogFileValidation: p(true), TagsList: tags(50),
		}, "", ""},
		{"a name of 3 characters", cloudtrail.CreateTrailInput{Name: p("abc")}, "", ""},
		{"a name of 128 characters", cloudtrail.CreateTrailInput{Name: p(strings.Repeat("a", 128))}, "", ""},
		{"a name with single separators", cloudtrail.CreateTrailInput{Name: p("a.b_c-d")}, "", ""},
		{"no name", cloudtrail.CreateTrailInput{Name: p("")}, "InvalidTrailNameException", "Trail name cannot be blank!"},
		{"a name of 2 characters", cloudtrail.CreateTrailInput{Name: p("ab")}, "InvalidTrailNameException", "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 2 characters."},
		{"a name of 129 characters", cloudtrail.CreateTrailInput{Name: p(strings.Repeat("a", 129))}, "InvalidTrailNameException", "Trail name too long. Maximum allowed length: 128 characters. Specified name length: 129 characters."},
		{"a name with a space", cloudtrail.CreateTrailInput{Name: p("my trail")}, "InvalidTrailNameException", ""},
		{"a name with a letter beyond ASCII", cloudtrail.CreateTrailInput{Name: p("träil")}, "InvalidTrailNameException", ""},
		{"a name that starts with a separator", cloudtrail.CreateTrailInput{Name: p("-trail")}, "InvalidTrailNameException", "Trail name must starts with a letter or number."},
		{"a name that ends with a separator", cloudtrail.CreateTrailInput{Name: p("trail.")}, "InvalidTrailNameException", "Trail name must ends with a letter or number."},
		{"a name with two separators side by side", cloudtrail.CreateTrailInput{Name: p("my-_trail")}, "InvalidTrailNameException", ""},
		{"a name that is an IP address", cloudtrail.CreateTrailInput{Name: p("192.168.5.4")}, "InvalidTrailNameException", ""},
		{"an ARN for a name", cloudtrail.CreateTrailInput{Name: p(arnOf(home, account, "my-trail"))}, "InvalidTrailNameException", ""},
		{"a bucket that is not there", cloudtrail.CreateTrailInput{S3BucketName: p("nowhere")}, "S3BucketDoesNotExistException", "S3 bucket nowhere does not exist!"},
		{"a bucket without a policy", cloudtrail.CreateTrailInput{S3BucketName: p("private")}, "InsufficientS3BucketPolicyException", "Incorrect S3 bucket policy is detected for bucket: private"},
		{"a bucket whose policy is for another account's files", cloudtrail.CreateTrailInput{S3BucketName: p("foreign")}, "InsufficientS3BucketPolicyException", ""},
		{"a bucket whose policy is for one prefix", cloudtrail.CreateTrailInput{S3BucketName: p("prefixed"), S3KeyPrefix: p("mine")}, "", ""},
		{"a bucket whose policy is for another prefix", cloudtrail.CreateTrailInput{S3BucketName: p("prefixed"), S3KeyPrefix: p("other")}, "InsufficientS3BucketPolicyException", ""},
		{"a bucket whose policy is for this trail", cloudtrail.CreateTrailInput{S3BucketName: p("one-trail")}, "", ""},
		{"a bucket whose policy is for another trail", cloudtrail.CreateTrailInput{Name: p("another"), S3BucketName: p("one-trail")}, "InsufficientS3BucketPolicyException", ""},
		{"a bucket with a capital letter", cloudtrail.CreateTrailInput{S3BucketName: p("Logs")}, "InvalidS3BucketNameException", ""},
		{"a bucket without a name", cloudtrail.CreateTrailInput{S3BucketName: p("")}, "InvalidS3BucketNameException", ""},
		{"a prefix of 200 characters", cloudtrail.CreateTrailInput{S3KeyPrefix: p(strings.Repeat("p", 200))}, "", ""},
		{"a prefix of 201 characters", cloudtrail.CreateTrailInput{S3KeyPrefix: p(strings.Repeat("p", 201))}, "InvalidS3PrefixException", ""},
		{"a topic by its ARN", cloudtrail.CreateTrailInput{SnsTopicName: p("arn:aws:sns:us-west-2:999999999999:topic")}, "", ""},
		{"a topic with a space", cloudtrail.CreateTrailInput{SnsTopicName: p("my topic")}, "InvalidSnsTopicNameException", ""},
		{"a topic of 257 characters", cloudtrail.CreateTrailInput{SnsTopicName: p(strings.Repeat("t", 257))}, "InvalidSnsTopicNameException", ""},
		{"the ARN of a queue for a topic", cloudtrail.CreateTrailInput{SnsTopicName: p("arn:aws:sqs:us-west-2:999999999999:queue")}, "InvalidSnsTopicNameException", ""},
		{"a key by its id", cloudtrail.CreateTrailInput{KmsKeyId: p("12345678-1234-1234-1234-123456789012")}, "", ""},
		{"a multi-Region key by its ARN", cloudtrail.CreateTrailInput{KmsKeyId: p("arn:aws:kms:us-east-2:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab")}, "", ""},
		{"a key that is none", cloudtrail.CreateTrailInput{KmsKeyId: p("my-key")}, "InvalidKmsKeyIdException", ""},
		{"a log group without a role", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: p(group)}, "InvalidParameterCombinationException", ""},
		{"a role without a log group", cloudtrail.CreateTrailInput{CloudWatchLogsRoleArn: p(role)}, "InvalidParameterCombinationException", ""},
		{"a log group that is none", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: p("trail"), CloudWatchLogsRoleArn: p(role)}, "InvalidCloudWatchLogsLogGroupArnException", "CloudTrail cannot validate the specified log group ARN."},
		{"a log group in another Region", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: p("arn:aws:logs:us-west-2:123456789012:log-group:trail:*"), CloudWatchLogsRoleArn: p(role)}, "InvalidCloudWatchLogsLogGroupArnException", ""},
		{"a user for a role", cloudtrail.CreateTrailInput{CloudWatchLogsLogGroupArn: p(group), CloudWatchLogsRoleArn: p("arn:aws:iam::123456789012:user/trail")}, "InvalidCloudWatchLogsRoleArnException", ""},
		{"all Regions without global services", cloudtrail.CreateTrailInput{IsMultiRegionTrail: p(true), IncludeGlobalServiceEvents: p(false)}, "InvalidParameterCombinationException", "Multi-Region trail must include global service events."},
		{"51 tags", cloudtrail.CreateTrailInput{TagsList: tags(51)}, "TagsLimitExceededException", ""},
		{"one tag twice", cloudtrail.CreateTrailInput{TagsList: append(tags(1), tags(1)...)}, "InvalidTagParameterException", ""},
		{"an organization's trail outside of any", cloudtrail.CreateTrailInput{IsOrganizationTrail: p(true)}, "OrganizationsNotInUseException", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.buckets["private"] = ""
			w.buckets["foreign"] = allowing("foreign", "AWSLogs/"+stranger+"/*", "")
			w.buckets["prefixed"] = allowing("prefixed", "mine/AWSLogs/"+account+"/*", "")
			w.buckets["one-trail"] = allowing("one-trail", "*", `,"aws:SourceArn":"`+arnOf(home, account, "my-trail")+`"`)
			if c.in.Name == nil {
				c.in.Name = p("my-trail")
			}
			if c.in.S3BucketName == nil {
				c.in.S3BucketName = p(bucket)
			}
			_, err := w.client(account, home).CreateTrail(context.Background(), &c.in)
			check(t, err, c.code, c.message)
			if _, made := w.trails.Trail(arnOf(home, account, *c.in.Name)); made != (c.code == "") {
				t.Errorf("the trail exists: %t", made)
			}
		})
	}
}

func TestNamesBecomeARNs(t *testing.T) {
	w := newWorld(t)
	out, err := w.client(account, home).CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{
		Name: p("my-trail"), S3BucketName: p(bucket), SnsTopicName: p("topic"), KmsKeyId: p("12345678-1234-1234-1234-123456789012"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *out.SnsTopicARN != "arn:aws:sns:us-east-2:123456789012:topic" || *out.KmsKeyId != "arn:aws:kms:us-east-2:123456789012:key/12345678-1234-1234-1234-123456789012" {
		t.Errorf("the topic is %s, the key %s", *out.SnsTopicARN, *out.KmsKeyId)
	}
}

func TestARegionHasRoomForFiveTrails(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for i := range 4 {
		w.create(cloudtrail.CreateTrailInput{Name: p(fmt.Sprint("trail", i))})
	}
	w.createAs(account, away, cloudtrail.CreateTrailInput{Name: p("everywhere"), IsMultiRegionTrail: p(true)})

	_, err := w.client(account, home).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: p("sixth"), S3BucketName: p(bucket)})
	check(t, err, "MaximumNumberOfTrailsExceededException", "User: 123456789012 already has 5 trails in us-east-2.")
	_, err = w.client(account, "eu-west-1").CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: p("sixth"), S3BucketName: p(bucket), IsMultiRegionTrail: p(true)})
	check(t, err, "MaximumNumberOfTrailsExceededException", "User: 123456789012 already has 5 trails in us-east-2.")
	w.createAs(account, "eu-west-1", cloudtrail.CreateTrailInput{Name: p("here-only")})
	_, err = w.client(account, "eu-west-1").UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: p("here-only"), IsMultiRegionTrail: p(true)})
	check(t, err, "OperationNotPermittedException", "User: 123456789012 already has 5 trails in us-east-2.")
	w.createAs(stranger, home, cloudtrail.CreateTrailInput{Name: p("trail-of-another")})
}

func TestANameIsTakenOnceInARegion(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.create(cloudtrail.CreateTrailInput{Name: p("taken"), IsMultiRegionTrail: p(true)})
	for _, region := range []string{home, away} {
		_, err := w.client(account, region).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: p("taken"), S3BucketName: p(bucket)})
		check(t, err, "TrailAlreadyExistsException", "Trail taken already exists for customer: 123456789012")
	}
}

func TestOfManyWhoCreateOneNameExactlyOneWins(t *testing.T) {
	w := newWorld(t)
	client := w.client(account, home)
	var mu sync.Mutex
	var group sync.WaitGroup
	won := 0
	for range 20 {
		group.Go(func() {
			_, err := client.CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{Name: p("wanted"), S3BucketName: p(bucket)})
			var exists *types.TrailAlreadyExistsException
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.As(err, &exists) {
				t.Errorf("refused with %v", err)
			}
		})
	}
	group.Wait()
	if won != 1 {
		t.Errorf("%d were told that they created it", won)
	}
}

// outside stands for the services beyond the embedded cloud.
type outside struct{ topic, key, group error }

const resolved = "arn:aws:kms:us-east-2:123456789012:key/0a1b2c3d-0000-4000-8000-000000000000"

func (o outside) Topic(context.Context, string, string) error            { return o.topic }
func (o outside) Key(context.Context, string, string) (string, error)    { return resolved, o.key }
func (o outside) LogGroup(context.Context, string, string, string) error { return o.group }

func TestDependenciesAreChecked(t *testing.T) {
	gone := errors.New("gone")
	for _, c := range []struct {
		name string
		is   outside
		code string
	}{
		{"all is well", outside{}, ""},
		{"the topic is gone", outside{topic: gone}, "InsufficientSnsTopicPolicyException"},
		{"the key is gone", outside{key: gone}, "KmsKeyNotFoundException"},
		{"the key is disabled, as its service says", outside{key: &wire.Fault{Code: "KmsKeyDisabledException", Message: "disabled"}}, "KmsKeyDisabledException"},
		{"the log group is gone", outside{group: gone}, "InvalidCloudWatchLogsLogGroupArnException"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(cfg *trails.Config) { cfg.Dependencies = c.is })
			made, err := w.client(account, home).CreateTrail(context.Background(), &cloudtrail.CreateTrailInput{
				Name: p("my-trail"), S3BucketName: p(bucket), SnsTopicName: p("topic"), KmsKeyId: p("alias/key"),
				CloudWatchLogsLogGroupArn: p("arn:aws:logs:us-east-2:123456789012:log-group:trail:*"), CloudWatchLogsRoleArn: p("arn:aws:iam::123456789012:role/trail"),
			})
			check(t, err, c.code, "")
			if err == nil && *made.KmsKeyId != resolved {
				t.Errorf("the trail's key is %s, want that behind the alias", *made.KmsKeyId)
			}
			w.create(cloudtrail.CreateTrailInput{Name: p("plain")})
			_, err = w.client(account, home).UpdateTrail(context.Background(), &cloudtrail.UpdateTrailInput{
				Name: p("plain"), SnsTopicName: p("topic"), KmsKeyId: p("alias/key"),
				CloudWatchLogsLogGroupArn: p("arn:aws:logs:us-east-2:123456789012:log-group:trail:*"), CloudWatchLogsRoleArn: p("arn:aws:iam::123456789012:role/trail"),
			})
			check(t, err, c.code, "")
			got, found := w.trails.Trail("arn:aws:cloudtrail:us-east-2:123456789012:trail/plain")
			if changed := got.SNSTopicARN != ""; !found || changed != (c.code == "") {
				t.Errorf("after the update the trail is %+v", got)
			}
		})
	}
}
