package buckets

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strconv"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/"

// answer is a response that this package makes itself.
type answer struct {
	status int // 0: 200
	body   string
	json   bool // else XML
	header http.Header
}

func noContent() answer { return answer{status: http.StatusNoContent} }

// element is an XML document of one root element in S3's name space.
func element(name, inner string) answer {
	return answer{body: xml.Header + "<" + name + ` xmlns="` + xmlns + `">` + inner + "</" + name + ">"}
}

func (a answer) write(w http.ResponseWriter, method, requestID string) (sent int64) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	h.Set("X-Amz-Request-Id", requestID)
	h.Set("Server", "AmazonS3")
	if a.body != "" {
		h.Set("Content-Type", choose(a.json, "application/json", "application/xml"))
		h.Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	w.WriteHeader(a.status)
	if method == http.MethodHead {
		return 0
	}
	n, _ := w.Write([]byte(a.body)) // a client that has gone needs no answer
	return int64(n)
}

// errorDocument is S3's answer to a request that failed.
type errorDocument struct {
	XMLName   xml.Name `xml:"Error"`
	Code      string
	Message   string
	Resource  string `xml:",omitempty"`
	RequestID string `xml:"RequestId"`
}

func faultAnswer(f *wire.Fault, resource, requestID string) answer {
	body, err := xml.Marshal(errorDocument{Code: f.Code, Message: f.Message, Resource: resource, RequestID: requestID})
	if err != nil {
		body = nil // strings always encode
	}
	return answer{status: f.Status, body: xml.Header + string(body)}
}

// faultOf is the fault that an error means to a client.
func faultOf(err error) *wire.Fault {
	if f, ok := errors.AsType[*wire.Fault](err); ok {
		return f
	}
	if r, ok := errors.AsType[*sigv4.Refusal](err); ok {
		return &wire.Fault{Code: r.Code, Message: r.Message, Status: r.Status}
	}
	return fault("InternalError", "We encountered an internal error. Please try again.", http.StatusInternalServerError)
}

func fault(code, message string, status int) *wire.Fault {
	return &wire.Fault{Code: code, Message: message, Status: status}
}

func noSuchBucket() *wire.Fault {
	return fault("NoSuchBucket", "The specified bucket does not exist", http.StatusNotFound)
}

func accessDenied() *wire.Fault {
	return fault("AccessDenied", "Access Denied", http.StatusForbidden)
}

func malformedXML() *wire.Fault {
	return fault("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", http.StatusBadRequest)
}
