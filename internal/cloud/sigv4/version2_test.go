package sigv4

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The URLs are botocore's, made at 1700000000 for 300 seconds.
func TestAURLPresignedWithVersion2IsGoodUntilItExpires(t *testing.T) {
	for name, tc := range map[string]struct{ method, url string }{
		"with a version and a type of the answer": {"GET", "http://localhost/bucket/a%2Bb%20c?versionId=v&response-content-type=text%2Fx%20y&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=5PoVyNvsLpONPEFzRrHpRAnxWCs%3D&Expires=1700000300"},
		"with metadata and a type":                {"PUT", "http://localhost/bucket/key?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=khKJqnDMmxbeVv%2BvZCFN8BVHI%2F0%3D&x-amz-meta-note=n&content-type=text%2Fplain&Expires=1700000300"},
		"with a session token":                    {"GET", "http://localhost/bucket/key?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=iYygRSuOrA9ibnUHc8dfV34efK0%3D&x-amz-security-token=tok%2Fen%3D%3D&Expires=1700000300"},
		"of a bucket":                             {"GET", "http://localhost/bucket?prefix=p&encoding-type=url&AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=1fOXjzsjA5Y%2BSIdROD7QzqXYv%2Fs%3D&Expires=1700000300"},
	} {
		t.Run(name, func(t *testing.T) {
			at := func(seconds int64, url string) error {
				return verify(httptest.NewRequest(tc.method, url, nil), time.Unix(seconds, 0), "")
			}
			wantCode(t, at(1700000000, tc.url), "")
			wantCode(t, at(1700000300, tc.url), "")
			wantCode(t, at(1700000301, tc.url), "AccessDenied")
			wantCode(t, at(1700000000, strings.Replace(tc.url, "/bucket", "/bucket2", 1)), "SignatureDoesNotMatch")
			wantCode(t, at(1700000000, strings.Replace(tc.url, "Expires=17", "Expires=18", 1)), "SignatureDoesNotMatch")
			wantCode(t, at(1700000000, strings.Replace(tc.url, testID, "AKIANOBODY", 1)), "InvalidAccessKeyId")
			wantCode(t, at(1700000000, tc.url+"&acl"), "SignatureDoesNotMatch")
		})
	}
}

func TestAHalfURLOfVersion2IsRefused(t *testing.T) {
	for _, query := range []string{"AWSAccessKeyId=A", "AWSAccessKeyId=A&Signature=s", "AWSAccessKeyId=A&Signature=s&Expires=soon", "AWSAccessKeyId=&Signature=s&Expires=1"} {
		_, err := Parse(httptest.NewRequest("GET", "http://localhost/bucket/key?"+query, nil))
		wantCode(t, err, "AccessDenied")
	}
}
