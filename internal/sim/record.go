package sim

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// principal is one caller of the generated traffic.
type principal struct{ role, session, userAgent, address string }

// principals are few and uneven, as in real accounts: attributions have a first and a last.
func principals() [5]principal {
	return [...]principal{
		{"Deploy", "pipeline", "Terraform/1.13.4 (+https://www.terraform.io) aws-sdk-go-v2/1.47.6", "198.51.100.17"},
		{"Deploy", "pipeline", "Terraform/1.13.4 (+https://www.terraform.io) aws-sdk-go-v2/1.47.6", "198.51.100.17"},
		{"Inventory", "nightly", "Boto3/1.40.1 md/Botocore#1.40.1 lang/python#3.13", "198.51.100.29"},
		{"Operations", "mary", "aws-cli/2.31.0 md/awscrt#0.27.6", "203.0.113.42"},
		{"Application", "i-0123456789abcdef0", "aws-sdk-java/2.35.0", "10.0.4.11"},
	}
}

// foreignAgent is the user agent of those who do not call otherwise.
const foreignAgent = "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux"

// identity is who makes a call, as a record says it.
type identity struct{ kind, principalID, arn, userAgent, address string }

func (p principal) in(account string) identity {
	return identity{
		"AssumedRole", "AROAEXAMPLE" + p.role + ":" + p.session,
		"arn:aws:sts::" + account + ":assumed-role/" + p.role + "/" + p.session, p.userAgent, p.address,
	}
}

// foreign is the identity of an ARN.
func foreign(arn string) identity {
	kind := "IAMUser"
	if strings.Contains(arn, ":assumed-role/") {
		kind = "AssumedRole"
	}
	return identity{kind, "AIDAEXAMPLEFOREIGN", arn, foreignAgent, "192.0.2.66"}
}

// appendRecord appends one record of the 1.11 format, with a time within the minute.
func (t *Traffic) appendRecord(b []byte, api API, minute time.Time, r *rand.Rand) []byte {
	who := principals()[r.IntN(5)].in(t.AccountID)
	w := writing{AccountID: t.AccountID, Region: t.Region, r: r}
	return w.append(b, api, false, who, minute)
}

// writing writes records of one account and Region.
type writing struct {
	AccountID, Region string
	r                 *rand.Rand
}

// append appends one record, with a time within the minute.
func (w writing) append(b []byte, api API, data bool, who identity, minute time.Time) []byte {
	at := minute.Add(time.Duration(w.r.IntN(60)) * time.Second)
	b = append(append(b, `{"eventVersion":"1.11","userIdentity":{"type":"`...), who.kind...)
	b = appendText(append(b, `","principalId":`...), who.principalID)
	b = appendText(append(b, `,"arn":`...), who.arn)
	b = append(append(append(b, `,"accountId":"`...), w.AccountID...), `"},"eventTime":"`...)
	b = at.UTC().AppendFormat(b, time.RFC3339)
	b = appendText(append(b, `","eventSource":`...), api.EventSource)
	b = appendText(append(b, `,"eventName":`...), api.EventName)
	b = append(append(append(b, `,"awsRegion":"`...), w.Region...), `","sourceIPAddress":"`...)
	b = appendText(append(append(b, who.address...), `","userAgent":`...), who.userAgent)
	b = append(b, ',')
	if api.ErrorCode != "" {
		b = append(appendText(append(b, `"errorCode":`...), api.ErrorCode), ',')
	}
	b = append(b, `"requestParameters":null,"responseElements":null,"requestID":"`...)
	b = append(appendUUID(b, w.r), `","eventID":"`...)
	b = append(appendUUID(b, w.r), `","readOnly":`...)
	b = append(strconv.AppendBool(b, api.ReadOnly), `,"eventType":"AwsApiCall",`...)
	if data {
		b = append(b, `"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::example-bucket/object"}],`...)
	}
	b = strconv.AppendBool(append(b, `"managementEvent":`...), !data)
	b = append(append(b, `,"recipientAccountId":"`...), w.AccountID...)
	return append(append(b, `","eventCategory":"`...), categoryOf(data)+`"}`...)
}

func categoryOf(data bool) string {
	if data {
		return "Data"
	}
	return "Management"
}

// appendText appends a JSON string. What a scenario or a log file says may hold
// any character.
func appendText(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c < ' ':
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

// appendUUID appends a version 4 UUID drawn from r.
func appendUUID(b []byte, r *rand.Rand) []byte {
	const hex = "0123456789abcdef"
	hi, lo := r.Uint64(), r.Uint64()
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	for i := range 32 {
		if i == 8 || i == 12 || i == 16 || i == 20 {
			b = append(b, '-')
		}
		word := hi
		if i >= 16 {
			word = lo
		}
		b = append(b, hex[word>>(60-4*(i%16))&15])
	}
	return b
}
