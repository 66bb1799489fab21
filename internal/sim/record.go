package sim

import (
	"math/rand/v2"
	"strconv"
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

// appendRecord appends one record of the 1.11 format, with a time within the minute.
func (t *Traffic) appendRecord(b []byte, api API, minute time.Time, r *rand.Rand) []byte {
	who := principals()[r.IntN(5)]
	at := minute.Add(time.Duration(r.IntN(60)) * time.Second)
	b = append(b, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE`...)
	b = append(append(append(append(b, who.role...), ':'), who.session...), `","arn":"arn:aws:sts::`...)
	b = append(append(append(append(append(b, t.AccountID...), `:assumed-role/`...), who.role...), '/'), who.session...)
	b = append(append(append(b, `","accountId":"`...), t.AccountID...), `"},"eventTime":"`...)
	b = at.UTC().AppendFormat(b, time.RFC3339)
	b = append(append(append(b, `","eventSource":"`...), api.EventSource...), `","eventName":"`...)
	b = append(append(append(b, api.EventName...), `","awsRegion":"`...), t.Region...)
	b = append(append(append(b, `","sourceIPAddress":"`...), who.address...), `","userAgent":"`...)
	b = append(append(b, who.userAgent...), `",`...)
	if api.ErrorCode != "" {
		b = append(append(append(b, `"errorCode":"`...), api.ErrorCode...), `",`...)
	}
	b = append(b, `"requestParameters":null,"responseElements":null,"requestID":"`...)
	b = append(appendUUID(b, r), `","eventID":"`...)
	b = append(appendUUID(b, r), `","readOnly":`...)
	b = strconv.AppendBool(b, api.ReadOnly)
	b = append(b, `,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"`...)
	return append(append(b, t.AccountID...), `","eventCategory":"Management"}`...)
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
