package trail

import (
	"encoding/json"
	"slices"
	"strings"
)

const cloudTrailPrincipal = "cloudtrail.amazonaws.com"

// missingGrants lists what a bucket's policy does not let CloudTrail do: read the
// bucket's ACL and put log files. Conditions other than those that CloudTrail's own
// policy has are taken as met, so that an unusual policy is not reported as broken.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func missingGrants(document string, o *Observed) []string {
	var policy struct{ Statement statements }
	if document != "" && json.Unmarshal([]byte(document), &policy) != nil {
		return []string{"a policy that can be read"}
	}
	a, _ := parseARN(o.ARN)
	bucket := "arn:" + partition(o.ARN) + ":s3:::" + value(o.S3BucketName)
	object := bucket + "/" + logPrefix(value(o.S3KeyPrefix), a.account) + "x"
	var missing []string
	for _, need := range []request{{"s3:GetBucketAcl", bucket, o.ARN}, {"s3:PutObject", object, o.ARN}} {
		if !policy.Statement.allow(need) {
			missing = append(missing, need.action+" on "+need.resource)
		}
	}
	return missing
}

// logPrefix is where the log files of an account begin.
func logPrefix(prefix, account string) string {
	if prefix != "" {
		prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	return prefix + "AWSLogs/" + account + "/"
}

func partition(arn string) string {
	_, rest, _ := strings.Cut(arn, ":")
	p, _, _ := strings.Cut(rest, ":")
	return p
}

type request struct{ action, resource, trail string }

type statement struct {
	Effect                 string
	Principal              json.RawMessage
	Action, Resource       oneOrMore
	NotAction, NotResource oneOrMore
	Condition              map[string]map[string]oneOrMore
}

type statements []statement

// UnmarshalJSON takes one statement or a list of them.
func (s *statements) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), "{") {
		*s = make(statements, 1)
		return json.Unmarshal(raw, &(*s)[0])
	}
	return json.Unmarshal(raw, (*[]statement)(s))
}

type oneOrMore []string

// UnmarshalJSON takes a string or a list of strings.
func (l *oneOrMore) UnmarshalJSON(raw []byte) error {
	if strings.HasPrefix(string(raw), `"`) {
		*l = make(oneOrMore, 1)
		return json.Unmarshal(raw, &(*l)[0])
	}
	return json.Unmarshal(raw, (*[]string)(l))
}

func (l oneOrMore) match(text string) bool {
	return slices.ContainsFunc(l, func(p string) bool { return wildcard(p, text) })
}

func (s statements) allow(q request) bool {
	allowed := false
	for _, one := range s {
		if !one.applies(q) {
			continue
		}
		if one.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s *statement) applies(q request) bool {
	action := s.Action.match(q.action) || len(s.NotAction) > 0 && !s.NotAction.match(q.action)
	resource := s.Resource.match(q.resource) || len(s.NotResource) > 0 && !s.NotResource.match(q.resource)
	return action && resource && s.names() && s.conditionsMet(q)
}

// names tells whether the statement's principal is CloudTrail or anyone.
func (s *statement) names() bool {
	var anyone string
	if json.Unmarshal(s.Principal, &anyone) == nil {
		return anyone == "*"
	}
	var by map[string]oneOrMore
	_ = json.Unmarshal(s.Principal, &by) // an unreadable principal names nobody
	return by["Service"].match(cloudTrailPrincipal) || slices.Contains(by["AWS"], "*")
}

// conditionsMet knows the conditions on the trail, on the ACL that CloudTrail sends
// and on TLS. Of the others an Allow is taken as met and a Deny as not.
func (s *statement) conditionsMet(q request) bool {
	for operator, keys := range s.Condition {
		for key, values := range keys {
			if met, known := q.condition(operator, strings.ToLower(key), values); known && !met || !known && s.Effect == "Deny" {
				return false
			}
		}
	}
	return true
}

func (q request) condition(operator, key string, values oneOrMore) (met, known bool) {
	have := map[string]string{"aws:sourcearn": q.trail, "s3:x-amz-acl": "bucket-owner-full-control", "aws:securetransport": "true"}[key]
	if a, ok := parseARN(q.trail); ok && key == "aws:sourceaccount" {
		have = a.account
	}
	if have == "" {
		return false, false
	}
	met = values.match(have)
	if strings.HasPrefix(operator, "StringNot") || strings.HasPrefix(operator, "ArnNot") {
		met = !met
	}
	return met, true
}
