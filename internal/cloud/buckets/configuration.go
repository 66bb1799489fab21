package buckets

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const maxConfiguration = 1 << 20 // bytes

// configuration is a subresource of a bucket that is kept here and given back as it
// was put. Those of them that mean something to the embedded cloud are read elsewhere.
type configuration struct {
	query string // also the name in the record
	get   string // operations; put and delete empty: there is none such
	put   string
	del   string
	root  string // element of the document
	unset string // what is in it while nothing is configured …
	fault *wire.Fault
	// header is a setting that goes beside the document, with what it is if nobody said.
	header, normally string
}

// configurations are the subresources that versitygw has not, with S3's answers for
// buckets where nobody has set them.
func configurations() []configuration {
	absent := func(code, message string) *wire.Fault { return fault(code, message, http.StatusNotFound) }
	return []configuration{
		{query: "accelerate", get: "GetAccelerateConfiguration", put: "PutAccelerateConfiguration", root: "AccelerateConfiguration"},
		{query: "logging", get: "GetBucketLogging", put: "PutBucketLogging", root: "BucketLoggingStatus"},
		{query: "notification", get: "GetBucketNotification", put: "PutBucketNotification", root: "NotificationConfiguration"},
		{query: "requestPayment", get: "GetBucketRequestPayment", put: "PutBucketRequestPayment", root: "RequestPaymentConfiguration",
			unset: "<Payer>BucketOwner</Payer>"},
		{query: "encryption", get: "GetBucketEncryption", put: "PutBucketEncryption", del: "DeleteBucketEncryption", root: "ServerSideEncryptionConfiguration",
			unset: "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule>"},
		{query: "lifecycle", get: "GetBucketLifecycle", put: "PutBucketLifecycle", del: "DeleteBucketLifecycle", root: "LifecycleConfiguration",
			fault:  absent("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"),
			header: "x-amz-transition-default-minimum-object-size", normally: "all_storage_classes_128K"},
		{query: "replication", get: "GetBucketReplication", put: "PutBucketReplication", del: "DeleteBucketReplication", root: "ReplicationConfiguration",
			fault: absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found")},
		{query: "publicAccessBlock", get: "GetBucketPublicAccessBlock", put: "PutBucketPublicAccessBlock", del: "DeleteBucketPublicAccessBlock", root: "PublicAccessBlockConfiguration",
			fault: absent("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found")},
		{query: "ownershipControls", get: "GetBucketOwnershipControls", put: "PutBucketOwnershipControls", del: "DeleteBucketOwnershipControls", root: "OwnershipControls",
			fault: absent("OwnershipControlsNotFoundError", "The bucket ownership controls were not found")},
	}
}

// initialConfigurations are what S3 gives every new bucket since April 2023.
func initialConfigurations(ownership string) map[string]string {
	return map[string]string{
		"publicAccessBlock": element("PublicAccessBlockConfiguration", "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"+
			"<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>").body,
		"ownershipControls": element("OwnershipControls", "<Rule><ObjectOwnership>"+ownership+"</ObjectOwnership></Rule>").body,
	}
}

func (c configuration) handlers() map[string]handler {
	h := map[string]handler{c.get: c.serveGet, c.put: c.servePut}
	if c.del != "" {
		h[c.del] = c.serveDelete
	}
	return h
}

func (c configuration) serveGet(x *exchange) (answer, error) {
	set, ok := x.record.Configurations[c.query]
	if ok {
		return answer{body: set, header: c.beside(x.record.Configurations[c.header])}, nil
	}
	if c.fault != nil {
		return answer{}, c.fault
	}
	return element(c.root, c.unset), nil
}

func (c configuration) servePut(x *exchange) (answer, error) {
	document, err := x.readDocument(c.root)
	if err != nil {
		return answer{}, err
	}
	setting := x.r.Header.Get(c.header)
	if c.header != "" {
		if err := x.records.configure(x.bucket, c.header, setting); err != nil {
			return answer{}, err
		}
	}
	return answer{header: c.beside(setting)}, x.records.configure(x.bucket, c.query, document)
}

// beside is the header that goes with the document.
func (c configuration) beside(setting string) http.Header {
	if c.header == "" {
		return nil
	}
	return http.Header{c.header: {choose(setting != "", setting, c.normally)}}
}

func (c configuration) serveDelete(x *exchange) (answer, error) {
	return noContent(), x.records.configure(x.bucket, c.query, "")
}

// readDocument reads the XML document that a client put.
func (x *exchange) readDocument(root string) (string, error) {
	data, err := x.readBody(maxConfiguration)
	if err != nil {
		return "", err
	}
	document := strings.TrimSpace(string(data))
	if !isElement(document, root) {
		return "", malformedXML()
	}
	return document, nil
}

func isElement(document, root string) bool {
	var top struct{ XMLName xml.Name }
	d := xml.NewDecoder(strings.NewReader(document))
	if err := d.Decode(&top); err != nil || top.XMLName.Local != root {
		return false
	}
	_, err := d.Token()
	return errors.Is(err, io.EOF)
}
