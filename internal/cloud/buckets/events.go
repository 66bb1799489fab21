package buckets

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sequencer numbers events so that a later one has a greater number, over restarts too
// as long as the clock does not go back.
type sequencer struct {
	mu   sync.Mutex
	last int64
}

func (s *sequencer) next(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = max(s.last+1, now.UnixNano())
	return fmt.Sprintf("%018X", s.last)
}

// observeChange raises the events of an operation that succeeded.
func (x *exchange) observeChange(resp *http.Response) error {
	switch x.operation {
	case "PutObject":
		x.raise(ObjectEvent{EventName: "ObjectCreated:Put", Key: x.key, Size: x.body.Length,
			ETag: resp.Header.Get("ETag"), VersionID: resp.Header.Get("X-Amz-Version-Id")})
	case "CopyObject":
		return x.observeMade(resp, "ObjectCreated:Copy")
	case "CompleteMultipartUpload":
		return x.observeMade(resp, "ObjectCreated:CompleteMultipartUpload")
	case "DeleteObject":
		x.raise(removed(x.key, resp.Header.Get("X-Amz-Version-Id"), resp.Header.Get("X-Amz-Delete-Marker") == "true" && !x.query.Has("versionId")))
	case "DeleteObjects":
		return x.observeDeletes(resp)
	case "DeleteBucket":
		return x.records.remove(x.bucket)
	}
	return nil
}

// observeMade raises the event of an object whose size the answer does not tell.
func (x *exchange) observeMade(resp *http.Response, name string) error {
	body, err := peek(resp)
	if err != nil {
		return err
	}
	var made struct {
		XMLName xml.Name
		ETag    string
	}
	if err := xml.Unmarshal(body, &made); err != nil {
		return fmt.Errorf("parsing the object store's answer: %w", err)
	}
	if made.XMLName.Local == "Error" { // S3 may say 200 before it knows
		return x.observeFault(resp)
	}
	version := resp.Header.Get("X-Amz-Version-Id")
	size, err := x.sizeOf(x.r.Context(), x.bucket, x.key, version)
	if err != nil { // the object was made all the same
		x.cfg.Log.Warn("an event does not know its object's size", "bucket", x.bucket, "key", x.key, "error", err)
	}
	x.raise(ObjectEvent{EventName: name, Key: x.key, Size: size, ETag: made.ETag, VersionID: version})
	return nil
}

func (x *exchange) observeDeletes(resp *http.Response) error {
	body, err := peek(resp)
	if err != nil {
		return err
	}
	var result struct {
		Deleted []struct {
			Key                   string
			VersionID             string `xml:"VersionId"`
			DeleteMarker          bool
			DeleteMarkerVersionID string `xml:"DeleteMarkerVersionId"`
		}
	}
	if err := xml.Unmarshal(body, &result); err != nil {
		return fmt.Errorf("parsing the object store's answer: %w", err)
	}
	for _, d := range result.Deleted {
		marked := d.DeleteMarker && d.VersionID == ""
		x.raise(removed(d.Key, choose(marked, d.DeleteMarkerVersionID, d.VersionID), marked))
	}
	return nil
}

func removed(key, version string, marker bool) ObjectEvent {
	return ObjectEvent{EventName: choose(marker, "ObjectRemoved:DeleteMarkerCreated", "ObjectRemoved:Delete"), Key: key, VersionID: version}
}

func (x *exchange) raise(e ObjectEvent) {
	e.Operation, e.Bucket, e.Region = x.operation, x.bucket, x.record.region()
	x.Buckets.raise(e)
}

func (b *Buckets) raise(e ObjectEvent) {
	e.Time = b.cfg.Now()
	e.Sequencer = b.sequencer.next(e.Time)
	e.ETag = unquote(e.ETag)
	e.VersionID = versionOf(e.VersionID)
	if b.cfg.OnObject != nil {
		b.cfg.OnObject(e)
	}
}

// versionOf gives a version's id; what was written before there were versions has none.
func versionOf(id string) string {
	if id == "null" {
		return ""
	}
	return id
}

// unquote takes the quotes off an ETag.
func unquote(etag string) string { return strings.Trim(etag, `"`) }
