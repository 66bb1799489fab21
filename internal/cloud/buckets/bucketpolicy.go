package buckets

import (
	"encoding/json"
	"net/http"

	"github.com/trailhand/trailhand/internal/cloud/buckets/policy"
)

const maxPolicy = 20 << 10 // bytes

func putBucketPolicy(x *exchange) (answer, error) {
	document, err := x.readBody(maxPolicy)
	if err != nil {
		return answer{}, err
	}
	p, err := policy.Parse(document)
	if err == nil {
		err = p.CheckResources(bucketARN(x.bucket))
	}
	if err != nil {
		return answer{}, fault("MalformedPolicy", err.Error(), http.StatusBadRequest)
	}
	x.documents = map[string]any{"bucketPolicy": json.RawMessage(document)}
	return noContent(), x.records.configure(x.bucket, "policy", string(document))
}

func getBucketPolicy(x *exchange) (answer, error) {
	document, err := x.policyDocument()
	return answer{body: document, json: true}, err
}

func (x *exchange) policyDocument() (string, error) {
	document, ok := x.record.Configurations["policy"]
	if !ok {
		return "", fault("NoSuchBucketPolicy", "The bucket policy does not exist", http.StatusNotFound)
	}
	return document, nil
}

func getBucketPolicyStatus(x *exchange) (answer, error) {
	document, err := x.policyDocument()
	if err != nil {
		return answer{}, err
	}
	p, err := policy.Parse([]byte(document))
	if err != nil {
		return answer{}, err
	}
	return element("PolicyStatus", "<IsPublic>"+choose(p.Public(), "TRUE", "FALSE")+"</IsPublic>"), nil
}

func deleteBucketPolicy(x *exchange) (answer, error) {
	return noContent(), x.records.configure(x.bucket, "policy", "")
}

// Allows decides by the policy of a bucket whether a service principal may do action
// (s3:PutObject, …) to resource (an ARN), under the given condition keys. exists is false
// if there is no such bucket; a bucket without a policy gives policy.ImplicitDeny.
func (b *Buckets) Allows(bucket, servicePrincipal, action, resource string, keys map[string]string) (d policy.Decision, exists bool) {
	r, exists, err := b.records.get(bucket)
	if err != nil {
		b.cfg.Log.Error("deciding by a bucket policy", "bucket", bucket, "error", err)
		return policy.ImplicitDeny, exists
	}
	document, ok := r.Configurations["policy"]
	if !ok {
		return policy.ImplicitDeny, exists
	}
	p, err := policy.Parse([]byte(document))
	if err != nil {
		b.cfg.Log.Error("deciding by a bucket policy", "bucket", bucket, "error", err)
		return policy.ImplicitDeny, exists
	}
	return p.Decide(policy.Question{Service: servicePrincipal, Action: action, Resource: resource, Context: keys}), exists
}
