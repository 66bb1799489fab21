package buckets

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

// canonicalID makes the canonical user ID of an account: 64 hexadecimal digits.
func canonicalID(account string) string {
	sum := sha256.Sum256([]byte("canonical user of account " + account))
	return hex.EncodeToString(sum[:])
}

const groups = "http://acs.amazonaws.com/groups/"

// cannedACL is the document of a canned ACL; empty for one that S3 does not know.
// Source: "Canned ACL" (Amazon S3 User Guide).
func (b *Buckets) cannedACL(name string) string {
	var grants string
	switch name {
	case "private", "bucket-owner-full-control", "bucket-owner-read", "aws-exec-read":
	case "public-read":
		grants = groupGrant("global/AllUsers", "READ")
	case "public-read-write":
		grants = groupGrant("global/AllUsers", "READ") + groupGrant("global/AllUsers", "WRITE")
	case "authenticated-read":
		grants = groupGrant("global/AuthenticatedUsers", "READ")
	case "log-delivery-write":
		grants = groupGrant("s3/LogDelivery", "WRITE") + groupGrant("s3/LogDelivery", "READ_ACP")
	default:
		return ""
	}
	owner := "<ID>" + b.owner + "</ID>"
	return element("AccessControlPolicy", "<Owner>"+owner+"</Owner><AccessControlList>"+
		grant(`xsi:type="CanonicalUser"`, owner, "FULL_CONTROL")+grants+"</AccessControlList>").body
}

func groupGrant(group, permission string) string {
	return grant(`xsi:type="Group"`, "<URI>"+groups+group+"</URI>", permission)
}

func grant(kind, grantee, permission string) string {
	return fmt.Sprintf(`<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" %s>%s</Grantee><Permission>%s</Permission></Grant>`, kind, grantee, permission)
}

func getBucketACL(x *exchange) (answer, error) {
	if set, ok := x.record.Configurations["acl"]; ok {
		return answer{body: set}, nil
	}
	return answer{body: x.cannedACL("private")}, nil
}

func putBucketACL(x *exchange) (answer, error) {
	document, err := x.requestedACL()
	if err != nil {
		return answer{}, err
	}
	return answer{}, x.records.configure(x.bucket, "acl", document)
}

// requestedACL is the ACL of a request, from its header or its body. A bucket whose owner
// is enforced takes none but the owner's own.
func (x *exchange) requestedACL() (string, error) {
	canned := x.r.Header.Get("X-Amz-Acl")
	if canned == "" {
		document, err := x.readDocument("AccessControlPolicy")
		if err == nil && x.ownerEnforced() && strings.Contains(document, groups) {
			return "", aclsDisabled()
		}
		return document, err
	}
	if err := x.checkCanned(canned); err != nil {
		return "", err
	}
	return x.cannedACL(canned), nil
}

// checkCanned refuses a canned ACL that is none, or that the bucket does not allow.
func (x *exchange) checkCanned(canned string) error {
	document := x.cannedACL(canned)
	if document == "" {
		return fault("InvalidArgument", "Invalid canned ACL", http.StatusBadRequest)
	}
	if x.ownerEnforced() && strings.Contains(document, groups) {
		return aclsDisabled()
	}
	return nil
}

func (x *exchange) ownerEnforced() bool {
	controls := x.record.Configurations["ownershipControls"]
	return controls == "" || strings.Contains(controls, defaultOwnership)
}

func aclsDisabled() error {
	return fault("AccessControlListNotSupported", "The bucket does not allow ACLs", http.StatusBadRequest)
}

// getObjectACL: every object belongs wholly to the bucket's owner.
func getObjectACL(x *exchange) (answer, error) {
	if _, err := x.sizeOf(x.r.Context(), x.bucket, x.key, x.query.Get("versionId")); err != nil {
		return answer{}, err
	}
	return answer{body: x.cannedACL("private")}, nil
}

func putObjectACL(x *exchange) (answer, error) {
	if _, err := x.requestedACL(); err != nil {
		return answer{}, err
	}
	_, err := x.sizeOf(x.r.Context(), x.bucket, x.key, x.query.Get("versionId"))
	return answer{}, err
}
