package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

const hexDigits = "0123456789ABCDEF"

// encode is AWS's UriEncode: every byte but the unreserved ones as %XX; in a
// path the slash stays.
func encode(s string, path bool) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || path && c == '/' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// unescape decodes a query component; one that is not valid stays as it is, so
// that it is signed as it was sent.
func unescape(s string) string {
	plain, err := url.QueryUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

func contentLength(r *http.Request) string {
	if r.ContentLength < 0 {
		return ""
	}
	return strconv.FormatInt(r.ContentLength, 10)
}

// EscapePath encodes a path the way S3 canonicalizes it.
func EscapePath(path string) string { return encode(path, true) }

// EscapeQuery encodes a query the way it is canonicalized, sorted by name.
func EscapeQuery(query url.Values) string {
	var pairs []string
	for name, values := range query {
		for _, value := range values {
			pairs = append(pairs, encode(name, false)+"="+encode(value, false))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}
