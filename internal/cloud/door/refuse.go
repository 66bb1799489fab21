package door

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// Refuse answers a request that was not admitted as its service would.
func Refuse(w http.ResponseWriter, r *http.Request, service string, err error) {
	refusal := &sigv4.Refusal{Code: "IncompleteSignature", Message: err.Error(), Status: http.StatusBadRequest}
	errors.As(err, &refusal)
	switch {
	case service == "s3":
		refuseXML(w, refusal.Status, struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
			Resource      string
		}{Code: refusal.Code, Message: refusal.Message, Resource: r.URL.Path})
	case isForm(r) || service == "sts":
		refuseXML(w, refusal.Status, queryError{Error: queryFault{"Sender", inQuery(refusal.Code), refusal.Message}})
	default:
		refuseJSON(w, refusal)
	}
}

// isForm holds for a request in the query protocol.
func isForm(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded")
}

type queryError struct {
	XMLName xml.Name `xml:"ErrorResponse"`
	Error   queryFault
}

type queryFault struct{ Type, Code, Message string }

func refuseXML(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_ = xml.NewEncoder(w).Encode(v) // a client that went away cannot be told
}

func refuseJSON(w http.ResponseWriter, refusal *sigv4.Refusal) {
	code, status := inJSON(refusal.Code), refusal.Status
	if code != refusal.Code {
		status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": refusal.Message})
}

// inJSON gives the code that JSON services have for one of S3's.
// Source: the API references' pages "Common Error Types".
func inJSON(code string) string {
	switch code {
	case "InvalidAccessKeyId":
		return "UnrecognizedClientException"
	case "SignatureDoesNotMatch", "RequestTimeTooSkewed":
		return "InvalidSignatureException"
	case "AuthorizationHeaderMalformed":
		return "IncompleteSignatureException"
	}
	return code
}

// inQuery gives the code that services of the query protocol have for one of S3's.
func inQuery(code string) string {
	switch code {
	case "InvalidAccessKeyId":
		return "InvalidClientTokenId"
	case "RequestTimeTooSkewed":
		return "SignatureDoesNotMatch"
	case "AuthorizationHeaderMalformed":
		return "IncompleteSignature"
	}
	return code
}

// NotServed is the answer of services that nobody serves here.
func NotServed(caller wire.Caller) error {
	return &sigv4.Refusal{
		Code: "UnrecognizedClientException", Status: http.StatusBadRequest,
		Message: "Trailhand does not serve " + caller.Service + "; --upstream names an endpoint that does",
	}
}
