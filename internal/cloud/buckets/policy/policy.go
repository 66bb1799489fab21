// Package policy evaluates resource policies: may a service principal do this action to
// this resource?
//
// Source: "Policy evaluation logic" and "IAM JSON policy elements" (IAM User Guide).
package policy

// Decision is the outcome of an evaluation.
type Decision uint8

// An explicit Deny wins over any Allow; what no statement speaks of is ImplicitDeny.
const (
	ImplicitDeny Decision = iota
	Allow
	Deny
)

func (d Decision) String() string {
	switch d {
	case Allow:
		return "allow"
	case Deny:
		return "deny"
	}
	return "implicit deny"
}

// Question is one call to be decided.
type Question struct {
	Service  string            // service principal, e.g. cloudtrail.amazonaws.com
	AWS      string            // ARN or account ID of an IAM principal; empty for a service
	Action   string            // e.g. s3:PutObject
	Resource string            // ARN
	Context  map[string]string // condition keys, e.g. aws:SourceArn, s3:x-amz-acl
}
