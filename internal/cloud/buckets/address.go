package buckets

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// address is what a request is about: the service (both empty), a bucket, or an object.
type address struct {
	bucket string
	key    string
	path   string // path style, as the client escaped it
}

// addressOf reads bucket and key from the path, or the bucket from the host
// (bucket.localhost, bucket.s3.REGION.localhost, bucket.s3.REGION.amazonaws.com).
func addressOf(r *http.Request) (address, error) {
	path := r.URL.EscapedPath()
	if bucket := hostBucket(r.Host); bucket != "" {
		path = "/" + bucket + path
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	plain, err := url.PathUnescape(key)
	if err != nil {
		return address{}, &wire.Fault{Code: "InvalidURI", Message: "Couldn't parse the specified URI.", Status: http.StatusBadRequest}
	}
	return address{bucket: bucket, key: plain, path: path}, nil
}

// hostBucket is the bucket that a host names; empty for one that names none.
func hostBucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if name, ok := strings.CutSuffix(host, ".localhost"); ok {
		bucket, _ := cutEndpoint(name)
		return bucket
	}
	if name, ok := strings.CutSuffix(host, ".amazonaws.com"); ok {
		if bucket, isS3 := cutEndpoint(name); isS3 {
			return bucket
		}
	}
	return ""
}

// cutEndpoint cuts s3, s3.REGION or s3-REGION off the end of a host's name.
func cutEndpoint(name string) (bucket string, ok bool) {
	labels := strings.Split(name, ".")
	for i := len(labels) - 1; i >= 0; i-- {
		if labels[i] == "s3" || strings.HasPrefix(labels[i], "s3-") {
			return strings.Join(labels[:i], "."), true
		}
	}
	return name, false
}
