package buckets

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
)

// cloudTrailPolicy is what the CloudTrail console gives a log bucket.
const cloudTrailPolicy = `{"Version":"2012-10-17","Statement":[
 {"Sid":"AWSCloudTrailAclCheck","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:GetBucketAcl","Resource":"arn:aws:s3:::` + bkt + `"},
 {"Sid":"AWSCloudTrailWrite","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::` + bkt + `/AWSLogs/111122223333/*",
  "Condition":{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control","aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}}}]}`

// TestConfigurations holds what the SDK's client may expect of a bucket.
func TestConfigurations(t *testing.T) {
	f := start(t)
	for name, check := range map[string]func(session){
		"a policy with a service principal is kept":            policyKept,
		"a policy decides for the service it names":            policyDecides,
		"a policy that is none is MalformedPolicy":             malformedPolicy,
		"a public policy is said to be public":                 policyStatus,
		"the ACL is the owner's until it is put":               bucketACL,
		"what nobody configured is answered as S3 does":        notConfigured,
		"what was configured is given back":                    configured,
		"what is not XML is MalformedXML":                      malformedConfiguration,
		"a bucket of another account's name is not ours":       expectedOwner,
		"an operation that S3 has not is refused":              noSuchOperation,
		"a bucket that is not there has no configuration":      noSuchBucketConfiguration,
		"a bucket that is made anew has forgotten the old one": forgotten,
	} {
		t.Run(name, func(t *testing.T) {
			empty(t, f)
			f.bucket(t, bkt)
			check(session{f, f.client(), t})
		})
	}
}

func (s session) putPolicy(document string) error {
	_, err := s.PutBucketPolicy(s.t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String(bkt), Policy: aws.String(document)})
	return err
}

func policyKept(s session) {
	get := func() (string, error) {
		out, err := s.GetBucketPolicy(s.t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(bkt)})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.Policy), nil
	}
	_, err := get()
	s.want(err, "NoSuchBucketPolicy")
	s.want(s.putPolicy(cloudTrailPolicy), "")
	if got, err := get(); got != cloudTrailPolicy || err != nil {
		s.t.Errorf("policy %s, error %v", got, err)
	}
	_, err = s.DeleteBucketPolicy(s.t.Context(), &s3.DeleteBucketPolicyInput{Bucket: aws.String(bkt)})
	s.want(err, "")
	_, err = get()
	s.want(err, "NoSuchBucketPolicy")
}

func policyDecides(s session) {
	const service, put, object = "cloudtrail.amazonaws.com", "s3:PutObject", "arn:aws:s3:::" + bkt + "/AWSLogs/111122223333/x"
	keys := map[string]string{"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"}
	if d, exists := s.Allows(bkt, service, put, object, keys); d != policy.ImplicitDeny || !exists {
		s.t.Errorf("without a policy: %v, %v", d, exists)
	}
	s.want(s.putPolicy(cloudTrailPolicy), "")
	if d, exists := s.Allows(bkt, service, put, object, keys); d != policy.Allow || !exists {
		s.t.Errorf("with its policy: %v, %v", d, exists)
	}
	if d, exists := s.Allows("no-such-bucket", service, put, object, keys); d != policy.ImplicitDeny || exists {
		s.t.Errorf("no such bucket: %v, %v", d, exists)
	}
}

func malformedPolicy(s session) {
	for _, document := range []string{"not JSON", "[]", `{"Version":"2012-10-17"}`, strings.Replace(cloudTrailPolicy, bkt, "another-bucket", 1)} {
		s.want(s.putPolicy(document), "MalformedPolicy")
	}
}

func policyStatus(s session) {
	public := strings.Replace(cloudTrailPolicy, `{"Service":"cloudtrail.amazonaws.com"}`, `"*"`, 1)
	for document, want := range map[string]bool{cloudTrailPolicy: false, public: true} {
		s.want(s.putPolicy(document), "")
		out, err := s.GetBucketPolicyStatus(s.t.Context(), &s3.GetBucketPolicyStatusInput{Bucket: aws.String(bkt)})
		if err != nil || aws.ToBool(out.PolicyStatus.IsPublic) != want {
			s.t.Errorf("status %+v, error %v, want %v", out, err, want)
		}
	}
}

func bucketACL(s session) {
	_, err := s.PutBucketAcl(s.t.Context(), &s3.PutBucketAclInput{Bucket: aws.String(bkt), ACL: types.BucketCannedACLPrivate})
	s.want(err, "")
	out, err := s.GetBucketAcl(s.t.Context(), &s3.GetBucketAclInput{Bucket: aws.String(bkt)})
	if err != nil || len(out.Grants) != 1 || out.Grants[0].Permission != types.PermissionFullControl || out.Grants[0].Grantee.Type != types.TypeCanonicalUser || aws.ToString(out.Owner.ID) != s.owner {
		s.t.Errorf("acl %+v, error %v", out, err)
	}
	delivery := &s3.PutBucketAclInput{Bucket: aws.String(bkt), ACL: "log-delivery-write"}
	_, err = s.PutBucketAcl(s.t.Context(), delivery)
	s.want(err, "AccessControlListNotSupported")
	_, err = s.PutBucketOwnershipControls(s.t.Context(), &s3.PutBucketOwnershipControlsInput{Bucket: aws.String(bkt), OwnershipControls: &types.OwnershipControls{
		Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipBucketOwnerPreferred}}}})
	s.want(err, "")
	_, err = s.PutBucketAcl(s.t.Context(), delivery)
	s.want(err, "")
	out, err = s.GetBucketAcl(s.t.Context(), &s3.GetBucketAclInput{Bucket: aws.String(bkt)})
	if err != nil || len(out.Grants) != 3 || !strings.HasSuffix(aws.ToString(out.Grants[1].Grantee.URI), "/s3/LogDelivery") {
		s.t.Errorf("acl %+v, error %v", out, err)
	}
}

// status reads a subresource as terraform does, and gives the answer's status and code.
func (s session) status(query string) (int, string) {
	s.t.Helper()
	call := len(s.calls)
	signed := presign(s.t, http.MethodGet, s.url+"/"+bkt+"?"+query)
	status, body := s.send(http.MethodGet, signed, nil, "")
	if len(s.calls) != call+1 {
		s.t.Fatalf("%s made %d calls", query, len(s.calls)-call)
	}
	_, after, _ := strings.Cut(body, "<Code>")
	code, _, _ := strings.Cut(after, "<")
	return status, code
}

func notConfigured(s session) {
	for query, want := range map[string]string{
		"accelerate": "", "requestPayment": "", "logging": "", "encryption": "", "notification": "", "versioning": "", "location": "", "acl": "",
		"publicAccessBlock": "", "ownershipControls": "",
		"lifecycle": "NoSuchLifecycleConfiguration", "replication": "ReplicationConfigurationNotFoundError", "website": "NoSuchWebsiteConfiguration",
		"cors": "NoSuchCORSConfiguration", "tagging": "NoSuchTagSet", "object-lock": "ObjectLockConfigurationNotFoundError", "policy": "NoSuchBucketPolicy",
	} {
		status, code := s.status(query)
		if code != want || (status == http.StatusOK) != (want == "") || status != http.StatusOK && status != http.StatusNotFound {
			s.t.Errorf("?%s is %d %s, want %q", query, status, code, want)
		}
	}
	out, err := s.GetBucketRequestPayment(s.t.Context(), &s3.GetBucketRequestPaymentInput{Bucket: aws.String(bkt)})
	if err != nil || out.Payer != types.PayerBucketOwner {
		s.t.Errorf("payer %+v, error %v", out, err)
	}
	encryption, err := s.GetBucketEncryption(s.t.Context(), &s3.GetBucketEncryptionInput{Bucket: aws.String(bkt)})
	if err != nil || encryption.ServerSideEncryptionConfiguration.Rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAes256 {
		s.t.Errorf("encryption %+v, error %v", encryption, err)
	}
}

func configured(s session) {
	ctx := s.t.Context()
	_, err := s.PutBucketNotificationConfiguration(ctx, &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String(bkt), NotificationConfiguration: &types.NotificationConfiguration{
		QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String("arn:aws:sqs:us-east-1:111122223333:q"), Events: []types.Event{types.EventS3ObjectCreated}}}}})
	s.want(err, "")
	notification, err := s.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: aws.String(bkt)})
	if err != nil || len(notification.QueueConfigurations) != 1 {
		s.t.Errorf("notification %+v, error %v", notification, err)
	}
	_, err = s.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: aws.String(bkt), PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
	s.want(err, "")
	block, err := s.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: aws.String(bkt)})
	if err != nil || !aws.ToBool(block.PublicAccessBlockConfiguration.BlockPublicAcls) || aws.ToBool(block.PublicAccessBlockConfiguration.BlockPublicPolicy) {
		s.t.Errorf("block %+v, error %v", block, err)
	}
	_, err = s.DeletePublicAccessBlock(ctx, &s3.DeletePublicAccessBlockInput{Bucket: aws.String(bkt)})
	s.want(err, "")
	_, err = s.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: aws.String(bkt)})
	s.want(err, "NoSuchPublicAccessBlockConfiguration")
	_, err = s.PutBucketTagging(ctx, &s3.PutBucketTaggingInput{Bucket: aws.String(bkt), Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("team"), Value: aws.String("audit")}}}})
	s.want(err, "")
	tags, err := s.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(bkt)})
	if err != nil || len(tags.TagSet) != 1 {
		s.t.Errorf("tags %+v, error %v", tags, err)
	}
}

func malformedConfiguration(s session) {
	for _, body := range []string{"", "text", "<NotificationConfiguration>", "<Other/>", "<NotificationConfiguration/><More/>"} {
		signed := presign(s.t, http.MethodPut, s.url+"/"+bkt+"?notification")
		if status, got := s.send(http.MethodPut, signed, nil, body); status != http.StatusBadRequest || !strings.Contains(got, "<Code>MalformedXML</Code>") {
			s.t.Errorf("%q: %d %s", body, status, got)
		}
	}
}

func expectedOwner(s session) {
	head := func(owner string) error {
		_, err := s.HeadBucket(s.t.Context(), &s3.HeadBucketInput{Bucket: aws.String(bkt), ExpectedBucketOwner: aws.String(owner)})
		return err
	}
	s.want(head(testAccount), "")
	s.want(head("999999999999"), "Forbidden")
}

func noSuchOperation(s session) {
	signed := presign(s.t, http.MethodPatch, s.url+"/"+bkt)
	if status, got := s.send(http.MethodPatch, signed, nil, ""); status != http.StatusMethodNotAllowed || !strings.Contains(got, "<Code>MethodNotAllowed</Code>") {
		s.t.Errorf("%d %s", status, got)
	}
}

func noSuchBucketConfiguration(s session) {
	_, err := s.GetBucketPolicy(s.t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String("no-such-bucket")})
	s.want(err, "NoSuchBucket")
	_, err = s.GetBucketLocation(s.t.Context(), &s3.GetBucketLocationInput{Bucket: aws.String("..")})
	if err == nil {
		s.t.Error("the folder above is a bucket")
	}
}

func forgotten(s session) {
	s.want(s.putPolicy(cloudTrailPolicy), "")
	_, err := s.DeleteBucket(s.t.Context(), &s3.DeleteBucketInput{Bucket: aws.String(bkt)})
	s.want(err, "")
	s.bucket(s.t, bkt)
	_, err = s.GetBucketPolicy(s.t.Context(), &s3.GetBucketPolicyInput{Bucket: aws.String(bkt)})
	s.want(err, "NoSuchBucketPolicy")
}
