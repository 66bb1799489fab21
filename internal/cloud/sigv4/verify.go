package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// maxSkew is how far a client's clock may be off.
const maxSkew = 15 * time.Minute

// Verifier checks signatures against known secrets.
type Verifier struct {
	// Secret gives the secret access key of an access key.
	Secret func(accessKeyID string) (secret string, ok bool)
	Now    func() time.Time
}

// Verify checks the signature of r, whose scope is s, and returns a *Refusal
// (InvalidAccessKeyId, SignatureDoesNotMatch, RequestTimeTooSkewed, AccessDenied)
// if it is not good. The payload hash is taken from X-Amz-Content-Sha256; where a
// client sends none (services other than S3), payloadHash computes it.
// That the body has the hash which was signed is checked while it is read: OpenBody.
func (v Verifier) Verify(r *http.Request, s Scope, payloadHash func() (string, error)) error {
	secret, ok := v.Secret(s.AccessKeyID)
	if !ok {
		return &Refusal{Code: "InvalidAccessKeyId", Message: "The AWS Access Key Id you provided does not exist in our records.", Status: http.StatusForbidden}
	}
	if err := s.checkTime(v.Now()); err != nil {
		return err
	}
	if s.Version2 {
		return s.compare(s.signVersion2(secret, r))
	}
	hash, err := signedHash(r, s, payloadHash)
	if err != nil {
		return err
	}
	return s.compare(hex.EncodeToString(s.sign(secret, canonicalRequest(r, s, hash))))
}

// compare holds that the signature is the right one.
func (s Scope) compare(want string) error {
	if subtle.ConstantTimeCompare([]byte(want), []byte(s.Signature)) != 1 {
		return mismatch()
	}
	return nil
}

func (s Scope) checkTime(now time.Time) error {
	if s.Presigned {
		if now.After(s.Time.Add(s.Expires)) {
			return &Refusal{Code: "AccessDenied", Message: "Request has expired", Status: http.StatusForbidden}
		}
		if !s.Version2 && s.Time.Sub(now) > maxSkew {
			return &Refusal{Code: "AccessDenied", Message: "Request is not valid yet", Status: http.StatusForbidden}
		}
		return nil
	}
	if now.Sub(s.Time).Abs() > maxSkew {
		return &Refusal{Code: "RequestTimeTooSkewed", Message: "The difference between the request time and the current time is too large.", Status: http.StatusForbidden}
	}
	return nil
}

func signedHash(r *http.Request, s Scope, compute func() (string, error)) (string, error) {
	if h := r.Header.Get("X-Amz-Content-Sha256"); h != "" {
		return h, nil
	}
	if s.Presigned && s.Service == "s3" {
		return UnsignedPayload, nil
	}
	return compute()
}

// key derives the signing key of the scope.
func (s Scope) key(secret string) []byte {
	k := sum([]byte("AWS4"+secret), s.Date)
	k = sum(k, s.Region)
	k = sum(k, s.Service)
	return sum(k, terminator)
}

func (s Scope) credentialScope() string {
	return strings.Join([]string{s.Date, s.Region, s.Service, terminator}, "/")
}

func (s Scope) stringToSign(canonical string) string {
	digest := sha256.Sum256([]byte(canonical))
	return strings.Join([]string{algorithm, s.Time.Format(timeFormat), s.credentialScope(), hex.EncodeToString(digest[:])}, "\n")
}

func canonicalRequest(r *http.Request, s Scope, payloadHash string) string {
	var b strings.Builder
	b.WriteString(r.Method + "\n" + canonicalPath(r.URL, s.Service) + "\n" + canonicalQuery(r.URL) + "\n")
	for _, name := range s.SignedHeaders {
		b.WriteString(name + ":" + canonicalHeader(r, name) + "\n")
	}
	b.WriteString("\n" + strings.Join(s.SignedHeaders, ";") + "\n" + payloadHash)
	return b.String()
}

// canonicalPath is the path encoded once for S3 and twice for every other service.
func canonicalPath(u *url.URL, service string) string {
	path := encode(u.Path, true)
	if service != "s3" {
		path = encode(u.EscapedPath(), true)
	}
	if path == "" {
		return "/"
	}
	return path
}

func canonicalQuery(u *url.URL) string {
	var pairs []string
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, value = unescape(name), unescape(value)
		if part == "" || name == "X-Amz-Signature" {
			continue
		}
		pairs = append(pairs, encode(name, false)+"="+encode(value, false))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

func canonicalHeader(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return contentLength(r)
	case "transfer-encoding":
		return strings.Join(r.TransferEncoding, ",")
	}
	values := slices.Clone(r.Header.Values(name))
	for i, v := range values {
		values[i] = collapseSpaces(v)
	}
	return strings.Join(values, ",")
}

// collapseSpaces trims a header's value and makes runs of spaces one; tabs stay.
func collapseSpaces(value string) string {
	var words []string
	for word := range strings.SplitSeq(value, " ") {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func sum(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func mismatch() error {
	return &Refusal{Code: "SignatureDoesNotMatch", Message: "The request signature we calculated does not match the signature you provided. Check your key and signing method.", Status: http.StatusForbidden}
}
