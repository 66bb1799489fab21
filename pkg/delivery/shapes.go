package delivery

import (
	"fmt"
	"net/url"
	"strings"
)

// records reads an S3 notification. Its keys are URL-encoded, a space as "+".
func (m *Message) records(o object) {
	records, err := o.list("Records")
	if err != nil {
		m.fail(err)
		return
	}
	if len(records) == 0 {
		m.fail(fmt.Errorf("%w: Records is empty", ErrUnknownShape))
	}
	for _, raw := range records {
		r, err := parseObject(raw)
		switch {
		case err != nil:
			m.fail(err)
		case r.text("eventSource") != "aws:s3":
			m.fail(unknown(r))
		case !created(r.text("eventName")):
			m.ignore("S3 " + r.text("eventName"))
		default:
			m.s3Record(r)
		}
	}
}

func created(name string) bool {
	return strings.HasPrefix(strings.TrimPrefix(name, "s3:"), "ObjectCreated:")
}

func (m *Message) s3Record(r object) {
	s3, err := r.object("s3")
	if err != nil {
		m.fail(err)
		return
	}
	bucket, err1 := s3.object("bucket")
	obj, err2 := s3.object("object")
	if err1 != nil || err2 != nil {
		m.fail(fmt.Errorf("%w: no bucket or no object in %s", ErrUnknownShape, s3))
		return
	}
	key, err := url.QueryUnescape(obj.text("key"))
	if err != nil {
		m.fail(fmt.Errorf("%w: key %q: %w", ErrUnknownShape, obj.text("key"), err))
		return
	}
	m.notice(Notice{
		Bucket: bucket.text("name"), Key: key,
		VersionID: obj.text("versionId"), ETag: trimETag(obj.text("eTag")),
	}, obj)
}

// eventBridge reads an event of S3. Its key is not encoded.
func (m *Message) eventBridge(o object) {
	if o.text("source") != "aws.s3" {
		m.fail(fmt.Errorf("%w: EventBridge event %q of %q", ErrUnknownShape, o.text("detail-type"), o.text("source")))
		return
	}
	if kind := o.text("detail-type"); kind != "Object Created" {
		m.ignore("S3 " + kind)
		return
	}
	detail, err := o.object("detail")
	if err != nil {
		m.fail(err)
		return
	}
	bucket, err1 := detail.object("bucket")
	obj, err2 := detail.object("object")
	if err1 != nil || err2 != nil {
		m.fail(fmt.Errorf("%w: no bucket or no object in %s", ErrUnknownShape, detail))
		return
	}
	m.notice(Notice{
		Bucket: bucket.text("name"), Key: obj.text("key"),
		VersionID: obj.text("version-id"), ETag: trimETag(obj.text("etag")),
	}, obj)
}

// cloudTrail reads the message that CloudTrail itself sends to a trail's topic.
func (m *Message) cloudTrail(o object) {
	keys, err := o.strings("s3ObjectKey")
	if err != nil {
		m.fail(err)
		return
	}
	if len(keys) == 0 {
		m.fail(fmt.Errorf("%w: s3ObjectKey is empty", ErrUnknownShape))
	}
	for _, key := range keys {
		m.notice(Notice{Bucket: o.text("s3Bucket"), Key: key}, o)
	}
}

// items reads a batch of a Distributed Map: objects as ListObjectsV2 names them,
// the bucket in BatchInput, or objects with a bucket of their own.
func (m *Message) items(o object) {
	items, err := o.list("Items")
	if err != nil {
		m.fail(err)
		return
	}
	if len(items) == 0 {
		m.fail(fmt.Errorf("%w: Items is empty", ErrUnknownShape))
	}
	bucket := ""
	if input, err := o.object("BatchInput"); err == nil {
		bucket = input.text("bucket")
	}
	for _, raw := range items {
		item, err := parseObject(raw)
		switch {
		case err != nil:
			m.fail(err)
		case item.has("bucket"):
			m.direct(item)
		default:
			m.notice(Notice{Bucket: bucket, Key: item.text("Key"), ETag: trimETag(item.text("Etag"))}, item)
		}
	}
}

// direct reads {"bucket":…,"key":…,"versionId":…}: a Map item, or a notice that
// was set aside or sent on.
func (m *Message) direct(o object) {
	files, err := o.numbers("files")
	if err != nil {
		m.fail(err)
		return
	}
	m.notice(Notice{
		Bucket: o.text("bucket"), Key: o.text("key"), VersionID: o.text("versionId"), ETag: trimETag(o.text("etag")), Files: files,
	}, o)
}
