package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const (
	bucket = "arn:aws:s3:::logs"
	object = bucket + "/AWSLogs/111122223333/CloudTrail/x.json.gz"
	trail  = "arn:aws:cloudtrail:us-east-1:111122223333:trail/t"
)

// cloudTrail asks what CloudTrail asks before it writes a log file.
func cloudTrail() Question {
	return Question{
		Service: "cloudtrail.amazonaws.com", Action: "s3:PutObject", Resource: object,
		Context: map[string]string{"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": trail, "aws:SourceAccount": "111122223333", "aws:SecureTransport": "true"},
	}
}

// statements makes a policy of statements in which SERVICE, WRITE and IN stand for the
// elements that most of them share.
func statements(list ...string) string {
	r := strings.NewReplacer("SERVICE", `"Principal":{"Service":"cloudtrail.amazonaws.com"}`, "WRITE", `"Action":"s3:PutObject"`, "IN", `"Resource":"`+bucket+`/*"`)
	return `{"Version":"2012-10-17","Statement":[` + r.Replace(strings.Join(list, ",")) + `]}`
}

func TestDecide(t *testing.T) {
	const allow = `{"Effect":"Allow",SERVICE,WRITE,IN}`
	when := func(condition string) string {
		return `{"Effect":"Allow",SERVICE,WRITE,IN,"Condition":` + condition + `}`
	}
	for name, tc := range map[string]struct {
		policy string
		want   Decision
	}{
		"what is allowed is allowed":                     {statements(allow), Allow},
		"an explicit deny wins, whatever the order":      {statements(`{"Effect":"Deny","Principal":"*",WRITE,IN}`, allow), Deny},
		"and also behind the allow":                      {statements(allow, `{"Effect":"Deny","Principal":"*","Action":"s3:*",IN}`), Deny},
		"a deny of another action does not":              {statements(allow, `{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject",IN}`), Allow},
		"a deny under a condition that fails does not":   {statements(allow, `{"Effect":"Deny","Principal":"*","Action":"s3:*",IN,"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`), Allow},
		"another service is not meant":                   {statements(`{"Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},WRITE,IN}`), ImplicitDeny},
		"a service among several":                        {statements(`{"Effect":"Allow","Principal":{"Service":["config.amazonaws.com","cloudtrail.amazonaws.com"]},WRITE,IN}`), Allow},
		"everybody":                                      {statements(`{"Effect":"Allow","Principal":"*",WRITE,IN}`), Allow},
		"everybody, by the AWS element":                  {statements(`{"Effect":"Allow","Principal":{"AWS":"*"},WRITE,IN}`), Allow},
		"an account is no service":                       {statements(`{"Effect":"Allow","Principal":{"AWS":"111122223333"},WRITE,IN}`), ImplicitDeny},
		"everybody but the service":                      {statements(`{"Effect":"Allow","NotPrincipal":{"Service":"cloudtrail.amazonaws.com"},WRITE,IN}`), ImplicitDeny},
		"everybody but another service":                  {statements(`{"Effect":"Allow","NotPrincipal":{"Service":"config.amazonaws.com"},WRITE,IN}`), Allow},
		"all actions":                                    {statements(`{"Effect":"Allow",SERVICE,"Action":"*",IN}`), Allow},
		"actions by a wildcard":                          {statements(`{"Effect":"Allow",SERVICE,"Action":["s3:Get*","s3:Put?bject"],IN}`), Allow},
		"an action in other letters":                     {statements(`{"Effect":"Allow",SERVICE,"Action":"S3:putobject",IN}`), Allow},
		"every action but this":                          {statements(`{"Effect":"Allow",SERVICE,"NotAction":"s3:Put*",IN}`), ImplicitDeny},
		"every action but another":                       {statements(`{"Effect":"Allow",SERVICE,"NotAction":"s3:Get*",IN}`), Allow},
		"the bucket is not the objects in it":            {statements(`{"Effect":"Allow",SERVICE,WRITE,"Resource":"` + bucket + `"}`), ImplicitDeny},
		"a prefix of the keys":                           {statements(`{"Effect":"Allow",SERVICE,WRITE,"Resource":"` + bucket + `/AWSLogs/111122223333/*"}`), Allow},
		"another account's prefix":                       {statements(`{"Effect":"Allow",SERVICE,WRITE,"Resource":"` + bucket + `/AWSLogs/999999999999/*"}`), ImplicitDeny},
		"resources are told apart by case":               {statements(`{"Effect":"Allow",SERVICE,WRITE,"Resource":"` + bucket + `/awslogs/*"}`), ImplicitDeny},
		"every resource but these":                       {statements(`{"Effect":"Allow",SERVICE,WRITE,"NotResource":"` + bucket + `/private/*"}`), Allow},
		"one statement, not in a list":                   {strings.NewReplacer("[", "", "]", "").Replace(statements(allow)), Allow},
		"a condition that holds":                         {statements(when(`{"StringEquals":{"s3:x-amz-acl":"bucket-owner-full-control"}}`)), Allow},
		"a condition that does not":                      {statements(when(`{"StringEquals":{"s3:x-amz-acl":"private"}}`)), ImplicitDeny},
		"one value among several":                        {statements(when(`{"StringEquals":{"aws:SourceAccount":["1","111122223333"]}}`)), Allow},
		"two operators, of which one fails":              {statements(when(`{"StringEquals":{"aws:SourceAccount":"111122223333"},"ArnEquals":{"aws:SourceArn":"` + trail + `x"}}`)), ImplicitDeny},
		"two keys, of which one fails":                   {statements(when(`{"StringEquals":{"aws:SourceAccount":"111122223333","s3:x-amz-acl":"private"}}`)), ImplicitDeny},
		"a key in other letters":                         {statements(when(`{"StringEquals":{"AWS:sourcearn":"` + trail + `"}}`)), Allow},
		"a key that is absent":                           {statements(when(`{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}`)), ImplicitDeny},
		"a key that is absent, if it exists":             {statements(when(`{"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-1"}}`)), Allow},
		"a key that is present, if it exists":            {statements(when(`{"StringEqualsIfExists":{"aws:SourceAccount":"1"}}`)), ImplicitDeny},
		"a negated operator on an absent key":            {statements(when(`{"StringNotEquals":{"aws:PrincipalOrgID":"o-1"}}`)), Allow},
		"a negated operator with several values":         {statements(when(`{"StringNotEquals":{"aws:SourceAccount":["1","111122223333"]}}`)), ImplicitDeny},
		"StringLike takes wildcards":                     {statements(when(`{"StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}`)), Allow},
		"StringEquals does not":                          {statements(when(`{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}`)), ImplicitDeny},
		"StringNotLike":                                  {statements(when(`{"StringNotLike":{"aws:SourceArn":"arn:aws:config:*"}}`)), Allow},
		"StringEqualsIgnoreCase":                         {statements(when(`{"StringEqualsIgnoreCase":{"s3:x-amz-acl":"BUCKET-owner-full-control"}}`)), Allow},
		"ArnLike takes wildcards within its parts":       {statements(when(`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/?"}}`)), Allow},
		"ArnLike's wildcard does not reach over a colon": {statements(when(`{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:trail/t"}}`)), ImplicitDeny},
		"ArnEquals is ArnLike":                           {statements(when(`{"ArnEquals":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/t"}}`)), Allow},
		"ArnNotEquals":                                   {statements(when(`{"ArnNotEquals":{"aws:SourceArn":"` + trail + `"}}`)), ImplicitDeny},
		"a boolean that is no text":                      {statements(when(`{"Bool":{"aws:SecureTransport":true}}`)), Allow},
		"Null asks for an absent key":                    {statements(when(`{"Null":{"aws:PrincipalOrgID":"true"}}`)), Allow},
		"Null asks for a present key":                    {statements(when(`{"Null":{"aws:SourceArn":"true"}}`)), ImplicitDeny},
		"ForAnyValue":                                    {statements(when(`{"ForAnyValue:StringEquals":{"aws:SourceAccount":["111122223333"]}}`)), Allow},
		"a number that is small enough":                  {statements(when(`{"NumericLessThanEquals":{"aws:SourceAccount":111122223333}}`)), Allow},
		"a number that is not":                           {statements(when(`{"NumericLessThan":{"aws:SourceAccount":"111122223333"}}`)), ImplicitDeny},
		"a policy of the older version":                  {strings.Replace(statements(allow), "2012-10-17", "2008-10-17", 1), Allow},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Parse([]byte(tc.policy))
			if err != nil {
				t.Fatalf("%s: %v", tc.policy, err)
			}
			if got := p.Decide(cloudTrail()); got != tc.want {
				t.Errorf("%v, want %v, by %s", got, tc.want, tc.policy)
			}
		})
	}
}

func TestTimesAndAddresses(t *testing.T) {
	keys := map[string]string{"aws:CurrentTime": "2026-11-21T02:00:00Z", "aws:SourceIp": "192.0.2.7"}
	for condition, want := range map[string]Decision{
		`{"DateGreaterThan":{"aws:CurrentTime":"2026-11-21T01:59:59Z"}}`:         Allow,
		`{"DateGreaterThan":{"aws:CurrentTime":"2026-11-21T02:00:00Z"}}`:         ImplicitDeny,
		`{"DateLessThanEquals":{"aws:CurrentTime":"2026-11-21T03:00:00+01:00"}}`: Allow,
		`{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`:                          Allow,
		`{"IpAddress":{"aws:SourceIp":["198.51.100.0/24","192.0.2.7"]}}`:         Allow,
		`{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`:                       ImplicitDeny,
		`{"IpAddress":{"aws:SourceIp":"nowhere"}}`:                               ImplicitDeny,
	} {
		p, err := Parse([]byte(statements(`{"Effect":"Allow","Principal":"*","Action":"*",IN,"Condition":` + condition + `}`)))
		if err != nil {
			t.Fatalf("%s: %v", condition, err)
		}
		if got := p.Decide(Question{Action: "s3:GetObject", Resource: object, Context: keys}); got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}

func TestPrincipalsOfAccounts(t *testing.T) {
	const ada = "arn:aws:iam::111122223333:user/ada"
	for principal, want := range map[string]Decision{
		"111122223333": Allow, "arn:aws:iam::111122223333:root": Allow, ada: Allow, "*": Allow,
		"999999999999": ImplicitDeny, "arn:aws:iam::999999999999:root": ImplicitDeny, "arn:aws:iam::111122223333:user/bob": ImplicitDeny,
	} {
		p, err := Parse([]byte(statements(fmt.Sprintf(`{"Effect":"Allow","Principal":{"AWS":[%q]},WRITE,IN}`, principal))))
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Decide(Question{AWS: ada, Action: "s3:PutObject", Resource: object}); got != want {
			t.Errorf("%s: %v, want %v", principal, got, want)
		}
	}
}

func TestWhatIsNoPolicyIsSaidSo(t *testing.T) {
	for name, tc := range map[string]struct{ document, want string }{
		"text":                         {"text", "Policies must be valid JSON"},
		"a list":                       {"[]", "first byte must be '{'"},
		"JSON that breaks off":         {`{"Statement":`, "Policies must be valid JSON"},
		"another version":              {strings.Replace(statements(`{"Effect":"Allow",SERVICE,WRITE,IN}`), "2012", "2020", 1), "valid version"},
		"no statement":                 {`{"Version":"2012-10-17"}`, "Missing required field Statement"},
		"an empty list of statements":  {`{"Statement":[]}`, "Missing required field Statement"},
		"a statement that is null":     {`{"Statement":[null]}`, "valid JSON"},
		"a field in other letters":     {`{"statement":[]}`, "Unknown field statement"},
		"an element in other letters":  {statements(`{"effect":"Allow",SERVICE,WRITE,IN}`), "Unknown field effect"},
		"no effect":                    {statements(`{SERVICE,WRITE,IN}`), "Missing required field Effect"},
		"another effect":               {statements(`{"Effect":"Maybe",SERVICE,WRITE,IN}`), "Invalid effect"},
		"no principal":                 {statements(`{"Effect":"Allow",WRITE,IN}`), "Missing required field Principal"},
		"a principal of another kind":  {statements(`{"Effect":"Allow","Principal":{"Group":"g"},WRITE,IN}`), "Invalid principal"},
		"a principal that is a number": {statements(`{"Effect":"Allow","Principal":{"AWS":7},WRITE,IN}`), "Invalid principal"},
		"no action":                    {statements(`{"Effect":"Allow",SERVICE,IN}`), "Missing required field Action"},
		"an action and its opposite":   {statements(`{"Effect":"Allow",SERVICE,WRITE,"NotAction":"s3:*",IN}`), "Missing required field Action"},
		"no resource":                  {statements(`{"Effect":"Allow",SERVICE,WRITE}`), "Missing required field Resource"},
		"an empty list of resources":   {statements(`{"Effect":"Allow",SERVICE,WRITE,"Resource":[]}`), "invalid resource"},
		"an operator that is none":     {statements(`{"Effect":"Allow",SERVICE,WRITE,IN,"Condition":{"StringSounds":{"k":"v"}}}`), "Invalid Condition type : StringSounds"},
		"a value that is an object":    {statements(`{"Effect":"Allow",SERVICE,WRITE,IN,"Condition":{"StringEquals":{"k":{}}}}`), "invalid value"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(tc.document)); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%s: error %v, want one with %q", tc.document, err, tc.want)
			}
		})
	}
}

func TestResourcesMustBeTheBucketsOwn(t *testing.T) {
	for resource, good := range map[string]bool{
		bucket: true, bucket + "/*": true, bucket + "/AWSLogs/*": true, "arn:aws-us-gov:s3:::logs/*": true,
		"arn:aws:s3:::other/*": false, bucket + "-2/*": false, "*": false, "arn:aws:sqs:us-east-1:111122223333:logs": false,
	} {
		p, err := Parse([]byte(statements(fmt.Sprintf(`{"Effect":"Allow",SERVICE,WRITE,"Resource":%q}`, resource))))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.CheckResources(bucket); (err == nil) != good {
			t.Errorf("%s: %v", resource, err)
		}
	}
}

// FuzzWildcards compares the matcher with the definition of its language.
func FuzzWildcards(f *testing.F) {
	f.Add("a*b?c", "axxbyc")
	f.Add("**a*", "bab")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 8 || len(text) > 12 {
			return
		}
		if got, want := matchWildcards(pattern, text, equal), defined(pattern, text); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
	})
}

func defined(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return defined(pattern[1:], text) || text != "" && defined(pattern, text[1:])
	case text == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && defined(pattern[1:], text[1:])
}

// FuzzPolicy holds three laws for every policy that parses: an added deny of everything
// denies, an added allow of everything allows unless something denied, and statements in
// the reverse order decide the same.
func FuzzPolicy(f *testing.F) {
	f.Add([]byte(statements(`{"Effect":"Allow",SERVICE,WRITE,IN}`)))
	f.Add([]byte(statements(`{"Effect":"Deny","NotPrincipal":{"AWS":"1"},"NotAction":["s3:Get*"],"NotResource":"x","Condition":{"ArnLikeIfExists":{"aws:SourceArn":["a:b:c:d:e:f*"]},"Null":{"k":false}}}`, `{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}`)))
	f.Add([]byte(`{"Statement":{"Effect":"Allow","Principal":{"Service":[]},"Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:CurrentTime":1}}}}`))
	everything := func(effect string) statement {
		p, err := Parse([]byte(`{"Statement":{"Effect":"` + effect + `","Principal":"*","Action":"*","Resource":"*"}}`))
		if err != nil {
			f.Fatal(err)
		}
		return p.statements[0]
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		p, err := Parse(document)
		if err != nil {
			return
		}
		if !json.Valid(document) {
			t.Fatalf("%q parses and is no JSON", document)
		}
		before := p.Decide(cloudTrail())
		with := func(effect string) Decision {
			return (&Policy{append([]statement{everything(effect)}, p.statements...)}).Decide(cloudTrail())
		}
		if got := with("Deny"); got != Deny {
			t.Errorf("with a deny of everything: %v", got)
		}
		if got := with("Allow"); (got == Deny) != (before == Deny) || got == ImplicitDeny {
			t.Errorf("with an allow of everything: %v, before %v", got, before)
		}
		var reversed []statement
		for _, s := range p.statements {
			reversed = append([]statement{s}, reversed...)
		}
		if got := (&Policy{reversed}).Decide(cloudTrail()); got != before {
			t.Errorf("reversed: %v, before %v", got, before)
		}
	})
}

func TestATrustPolicyNamesNoResource(t *testing.T) {
	document := []byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}}`)
	if _, err := Parse(document); err == nil {
		t.Error("a resource policy without a resource is taken")
	}
	trust, err := ParseTrust(document)
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]Decision{"cloudtrail.amazonaws.com": Allow, "lambda.amazonaws.com": ImplicitDeny} {
		if got := trust.Decide(Question{Service: service, Action: "sts:AssumeRole", Resource: "arn:aws:iam::123456789012:role/r"}); got != want {
			t.Errorf("%s: %v, want %v", service, got, want)
		}
	}
}
