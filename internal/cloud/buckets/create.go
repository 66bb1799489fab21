package buckets

import (
	"encoding/xml"
	"net/http"
	"strings"
)

const defaultOwnership = "BucketOwnerEnforced"

// createBucket makes the bucket in the store, which knows no Regions, and records where
// the client wants it to be.
func createBucket(x *exchange) (answer, error) {
	location, err := x.location()
	if err != nil {
		return answer{}, err
	}
	if err := x.checkNew(location); err != nil {
		return answer{}, err
	}
	if !x.records.exists(x.bucket) {
		if a, err := x.make(location); err != nil || a.status != 0 {
			return a, err
		}
	}
	return answer{header: http.Header{"Location": {"/" + x.bucket}}}, nil
}

// make asks the store for the bucket; an answer with a status is the store's refusal.
func (x *exchange) make(location string) (answer, error) {
	header := make(http.Header)
	if lock := x.r.Header.Get("X-Amz-Bucket-Object-Lock-Enabled"); lock != "" {
		header.Set("X-Amz-Bucket-Object-Lock-Enabled", lock)
	}
	resp, err := x.ask(http.MethodPut, header, nil)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusBadRequest {
		if err := x.observeFault(resp); err != nil {
			return answer{}, err
		}
		return answer{}, x.fault
	}
	return answer{}, x.records.create(x.bucket, x.newRecord(location))
}

func (x *exchange) newRecord(location string) record {
	ownership := x.r.Header.Get("X-Amz-Object-Ownership")
	r := record{Location: location, Configurations: initialConfigurations(choose(ownership != "", ownership, defaultOwnership))}
	if canned := x.r.Header.Get("X-Amz-Acl"); canned != "" && canned != "private" {
		r.Configurations["acl"] = x.cannedACL(canned)
	}
	return r
}

// location is the LocationConstraint that the client sent, empty for us-east-1.
func (x *exchange) location() (string, error) {
	data, err := x.readBody(maxConfiguration)
	if err != nil || len(strings.TrimSpace(string(data))) == 0 {
		return "", err
	}
	var c struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
	}
	if xml.Unmarshal(data, &c) != nil {
		return "", malformedXML()
	}
	return c.LocationConstraint, nil
}

// checkNew holds the rules for a new bucket's place and name.
func (x *exchange) checkNew(location string) error {
	endpoint := x.scope.Region
	switch {
	case location == "" && endpoint != "us-east-1":
		return fault("IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to.", http.StatusBadRequest)
	case location == "us-east-1" || location != "" && location != "EU" && !isRegion(location):
		return fault("InvalidLocationConstraint", "The specified location-constraint is not valid", http.StatusBadRequest)
	case location != "" && location != "EU" && endpoint != "us-east-1" && endpoint != location:
		return fault("IllegalLocationConstraintException", "The "+location+" location constraint is incompatible for the region specific endpoint this request was sent to.", http.StatusBadRequest)
	}
	if !x.records.exists(x.bucket) {
		return nil
	}
	old, _, err := x.records.get(x.bucket)
	if err != nil {
		return err
	}
	if endpoint != "us-east-1" || old.region() != "us-east-1" || location != "" {
		return fault("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", http.StatusConflict)
	}
	return nil
}

// isRegion knows a Region by its form: two letters, words, a digit.
func isRegion(name string) bool {
	parts := strings.Split(name, "-")
	last := len(parts) - 1
	if last < 2 || len(parts[0]) != 2 || len(parts[last]) != 1 || parts[last] < "1" || parts[last] > "9" {
		return false
	}
	for _, word := range parts[:last] {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

func getBucketLocation(x *exchange) (answer, error) {
	return element("LocationConstraint", x.record.Location), nil
}
