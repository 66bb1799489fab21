package buckets

import "github.com/trailhand/trailhand/internal/cloud/buckets/policy"

// Allows decides by the policy of a bucket whether a service principal may do action
// (s3:PutObject, …) to resource (an ARN), under the given condition keys. exists is false
// if there is no such bucket; a bucket without a policy gives policy.ImplicitDeny.
func (b *Buckets) Allows(bucket, servicePrincipal, action, resource string, keys map[string]string) (d policy.Decision, exists bool) {
	return policy.ImplicitDeny, false
}
