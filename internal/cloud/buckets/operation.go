package buckets

import (
	"net/http"
	"net/url"
)

// subresource is a part of a bucket or an object that the query names.
type subresource struct {
	query string
	name  string // what follows Get, Put or Delete in the operation's name
}

// operationOf names an operation as CloudTrail does; empty if S3 has none such.
// Source: "Amazon S3 CloudTrail events" (S3 User Guide).
func operationOf(r *http.Request, a address) string {
	query := r.URL.Query()
	switch {
	case a.bucket == "":
		return only(r.Method == http.MethodGet, "ListBuckets")
	case a.key == "":
		return bucketOperation(r.Method, query)
	default:
		return objectOperation(r, query)
	}
}

func only(yes bool, name string) string {
	if yes {
		return name
	}
	return ""
}

func bucketSubresources() []subresource {
	return []subresource{
		{"accelerate", "AccelerateConfiguration"}, {"acl", "BucketAcl"}, {"analytics", "BucketAnalyticsConfiguration"},
		{"cors", "BucketCors"}, {"encryption", "BucketEncryption"}, {"intelligent-tiering", "BucketIntelligentTieringConfiguration"},
		{"inventory", "BucketInventoryConfiguration"}, {"lifecycle", "BucketLifecycle"}, {"location", "BucketLocation"},
		{"logging", "BucketLogging"}, {"metrics", "BucketMetricsConfiguration"}, {"notification", "BucketNotification"},
		{"object-lock", "BucketObjectLockConfiguration"}, {"ownershipControls", "BucketOwnershipControls"},
		{"policy", "BucketPolicy"}, {"policyStatus", "BucketPolicyStatus"}, {"publicAccessBlock", "BucketPublicAccessBlock"},
		{"replication", "BucketReplication"}, {"requestPayment", "BucketRequestPayment"}, {"tagging", "BucketTagging"},
		{"versioning", "BucketVersioning"}, {"website", "BucketWebsite"},
	}
}

func objectSubresources() []subresource {
	return []subresource{
		{"acl", "ObjectAcl"}, {"attributes", "ObjectAttributes"}, {"legal-hold", "ObjectLegalHold"},
		{"retention", "ObjectRetention"}, {"tagging", "ObjectTagging"}, {"torrent", "ObjectTorrent"},
	}
}

func verb(method string) string {
	switch method {
	case http.MethodGet:
		return "Get"
	case http.MethodPut:
		return "Put"
	case http.MethodDelete:
		return "Delete"
	}
	return ""
}

// subresourceOperation is false if the query names none of them.
func subresourceOperation(method string, query url.Values, known []subresource) (string, bool) {
	for _, s := range known {
		if query.Has(s.query) {
			return only(verb(method) != "", verb(method)+s.name), true
		}
	}
	return "", false
}

func bucketOperation(method string, query url.Values) string {
	if name, ok := subresourceOperation(method, query, bucketSubresources()); ok {
		return name
	}
	switch method {
	case http.MethodGet:
		return listOperation(query)
	case http.MethodHead:
		return "HeadBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	case http.MethodPost:
		return only(query.Has("delete"), "DeleteObjects")
	}
	return ""
}

func listOperation(query url.Values) string {
	switch {
	case query.Has("uploads"):
		return "ListMultipartUploads"
	case query.Has("versions"):
		return "ListObjectVersions"
	}
	return "ListObjects"
}

func objectOperation(r *http.Request, query url.Values) string {
	if name, ok := subresourceOperation(r.Method, query, objectSubresources()); ok {
		return name
	}
	upload := query.Has("uploadId")
	switch r.Method {
	case http.MethodGet:
		return choose(upload, "ListParts", "GetObject")
	case http.MethodHead:
		return "HeadObject"
	case http.MethodDelete:
		return choose(upload, "AbortMultipartUpload", "DeleteObject")
	case http.MethodPut:
		return writeOperation(r, upload)
	case http.MethodPost:
		return postOperation(query, upload)
	}
	return ""
}

func writeOperation(r *http.Request, upload bool) string {
	if r.Header.Get("X-Amz-Copy-Source") != "" {
		return choose(upload, "UploadPartCopy", "CopyObject")
	}
	return choose(upload, "UploadPart", "PutObject")
}

func postOperation(query url.Values, upload bool) string {
	switch {
	case query.Has("uploads"):
		return "CreateMultipartUpload"
	case upload:
		return "CompleteMultipartUpload"
	case query.Has("restore"):
		return "RestoreObject"
	case query.Has("select"):
		return "SelectObjectContent"
	}
	return ""
}

func choose(yes bool, then, otherwise string) string {
	if yes {
		return then
	}
	return otherwise
}
