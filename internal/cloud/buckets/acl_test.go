package buckets

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func objectTags(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) { in.Tagging = aws.String("team=audit") })
	s.want(err, "")
	out, err := s.GetObjectTagging(s.t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	if err != nil || len(out.TagSet) != 1 || aws.ToString(out.TagSet[0].Value) != "audit" {
		s.t.Errorf("tags %+v, error %v", out, err)
	}
}

func objectACL(s session) {
	s.mustPut("key", "body")
	out, err := s.GetObjectAcl(s.t.Context(), &s3.GetObjectAclInput{Bucket: aws.String(bkt), Key: aws.String("key")})
	if err != nil || len(out.Grants) != 1 || out.Grants[0].Permission != types.PermissionFullControl || aws.ToString(out.Owner.ID) != s.owner {
		s.t.Errorf("acl %+v, error %v", out, err)
	}
	_, err = s.GetObjectAcl(s.t.Context(), &s3.GetObjectAclInput{Bucket: aws.String(bkt), Key: aws.String("missing")})
	s.want(err, "NoSuchKey")
}

func ownerFullControl(s session) {
	_, err := s.put("key", "body", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLBucketOwnerFullControl })
	s.want(err, "")
	_, err = s.put("key", "body", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLPublicRead })
	s.want(err, "AccessControlListNotSupported")
}
