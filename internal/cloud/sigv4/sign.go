package sigv4

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Key is an access key with its secret.
type Key struct{ AccessKeyID, SecretAccessKey string }

// Sign signs r in its headers, replacing any signature that it carries. payloadHash is
// the SHA-256 of the body in hexadecimal or one of the words that S3 takes instead.
func Sign(r *http.Request, k Key, region, service, payloadHash string, now time.Time) {
	now = now.UTC()
	s := Scope{AccessKeyID: k.AccessKeyID, Date: now.Format(dateFormat), Region: region, Service: service, Time: now}
	r.Header.Set("X-Amz-Date", now.Format(timeFormat))
	r.Header.Set("X-Amz-Content-Sha256", payloadHash)
	s.SignedHeaders = headersToSign(r.Header)
	signature := hex.EncodeToString(s.sign(k.SecretAccessKey, canonicalRequest(r, s, payloadHash)))
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		algorithm, k.AccessKeyID, s.credentialScope(), strings.Join(s.SignedHeaders, ";"), signature))
}

func (s Scope) sign(secret, canonical string) []byte {
	return sum(s.key(secret), s.stringToSign(canonical))
}

// headersToSign are the host and all of Amazon's own.
func headersToSign(h http.Header) []string {
	names := []string{"host"}
	for name := range h {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-amz-") {
			names = append(names, lower)
		}
	}
	slices.Sort(names)
	return names
}
