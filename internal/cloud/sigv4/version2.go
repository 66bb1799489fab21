package sigv4

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the signature's version 2 is made with it
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parseVersion2 reads a URL of S3 that is presigned with Signature Version 2, as
// boto3 and the aws cli presign in us-east-1 to this day. It names no Region.
// Source: "Signing and authenticating REST requests" (Amazon S3 User Guide).
func parseVersion2(q url.Values) (Scope, error) {
	s := Scope{
		AccessKeyID: q.Get("AWSAccessKeyId"), Signature: q.Get("Signature"), SessionToken: q.Get("x-amz-security-token"),
		Region: "us-east-1", Service: "s3", Presigned: true, Version2: true,
	}
	until, err := strconv.ParseInt(q.Get("Expires"), 10, 64)
	if s.AccessKeyID == "" || s.Signature == "" || err != nil {
		return Scope{}, &Refusal{
			Code: "AccessDenied", Status: http.StatusForbidden,
			Message: "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
		}
	}
	s.Time = time.Unix(until, 0)
	return s, nil
}

// signVersion2 gives the signature that a URL of version 2 should have.
func (s Scope) signVersion2(secret string, r *http.Request) string {
	m := hmac.New(sha1.New, []byte(secret))
	_, _ = m.Write([]byte(s.stringToSignVersion2(r))) // a hash takes everything
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// stringToSignVersion2 takes what the URL carries in place of headers for headers.
func (s Scope) stringToSignVersion2(r *http.Request) string {
	headers := map[string]string{}
	for _, from := range []map[string][]string{r.Header, r.URL.Query()} {
		for name, values := range from {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + headers["content-md5"] + "\n" + headers["content-type"] + "\n" + strconv.FormatInt(s.Time.Unix(), 10) + "\n")
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if strings.HasPrefix(name, "x-amz-") {
			b.WriteString(name + ":" + headers[name] + "\n")
		}
	}
	path := r.URL.EscapedPath()
	if strings.Count(path, "/") == 1 && path != "/" { // that of a bucket ends in a slash
		path += "/"
	}
	return b.String() + path + subresources(r.URL.Query())
}

// subresources gives the parameters of a query that version 2 signs.
func subresources(q url.Values) string {
	var signed []string
	for _, name := range slices.Sorted(maps.Keys(q)) {
		if !slices.Contains(signedParameters(), name) {
			continue
		}
		if value := q.Get(name); value != "" {
			name += "=" + value
		}
		signed = append(signed, name)
	}
	if len(signed) == 0 {
		return ""
	}
	return "?" + strings.Join(signed, "&")
}

func signedParameters() []string {
	return []string{
		"accelerate", "acl", "cors", "delete", "defaultObjectAcl", "lifecycle", "location", "logging", "notification", "partNumber",
		"policy", "replication", "requestPayment", "restore", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning",
		"versions", "website", "response-cache-control", "response-content-disposition", "response-content-encoding",
		"response-content-language", "response-content-type", "response-expires",
	}
}
