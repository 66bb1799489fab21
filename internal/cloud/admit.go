package cloud

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// admit reads a request's signature, and checks it where Config says so. Only
// S3 knows unsigned requests; it refuses them in its own words.
func (c *Cloud) admit(r *http.Request) (sigv4.Scope, error) {
	scope, err := sigv4.Parse(r)
	switch {
	case errors.Is(err, sigv4.ErrUnsigned) && r.Header.Get("X-Amz-Target") == "":
		scope.Service = "s3"
		return scope, nil
	case errors.Is(err, sigv4.ErrUnsigned) && c.upstream != nil:
		return scope, nil // some operations are for everybody, such as to sign in
	case errors.Is(err, sigv4.ErrUnsigned):
		return scope, &sigv4.Refusal{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
	case err != nil || !c.cfg.Verify:
		return scope, err
	}
	return scope, c.verify(r, scope)
}

// verify checks a signature, and that temporary credentials came with their token.
func (c *Cloud) verify(r *http.Request, scope sigv4.Scope) error {
	v := sigv4.Verifier{Secret: c.tokens.Secret, Now: c.cfg.Now}
	hash := func() (string, error) { return hashBody(r) }
	if scope.Service != "s3" && r.Header.Get("X-Amz-Content-Sha256") != "" { // S3 checks the body while it reads it
		got, err := hashBody(r)
		if err != nil {
			return err
		}
		if said := r.Header.Get("X-Amz-Content-Sha256"); said != got && said != sigv4.UnsignedPayload {
			return &sigv4.Refusal{Code: "SignatureDoesNotMatch", Message: "The body is not the one that was signed.", Status: http.StatusForbidden}
		}
	}
	if err := v.Verify(r, scope, hash); err != nil {
		return err
	}
	if token := c.tokens.Identity(scope.AccessKeyID).SessionToken; token != scope.SessionToken {
		return &sigv4.Refusal{Code: "InvalidAccessKeyId", Message: "The security token included in the request is invalid.", Status: http.StatusForbidden}
	}
	return nil
}

// maxSigned is the size in bytes of a body that must be in memory to be checked.
const maxSigned = 64 << 20

// hashBody reads a body, and puts it back.
func hashBody(r *http.Request) (string, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxSigned+1))
	if err != nil {
		return "", &sigv4.Refusal{Code: "RequestTimeout", Message: "The body could not be read.", Status: http.StatusBadRequest}
	}
	if len(body) > maxSigned {
		return "", &sigv4.Refusal{Code: "RequestEntityTooLargeException", Message: "The body is too large to be checked.", Status: http.StatusRequestEntityTooLarge}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), nil
}

// refuse answers a request that was not admitted as its service would.
func refuse(w http.ResponseWriter, r *http.Request, service string, err error) {
	refusal := &sigv4.Refusal{Code: "IncompleteSignature", Message: err.Error(), Status: http.StatusBadRequest}
	errors.As(err, &refusal)
	switch query := strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"); {
	case service == "s3":
		refuseXML(w, refusal.Status, struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
			Resource      string
		}{Code: refusal.Code, Message: refusal.Message, Resource: r.URL.Path})
	case query || service == "sts":
		refuseXML(w, refusal.Status, queryError{Error: queryFault{"Sender", inQuery(refusal.Code), refusal.Message}})
	default:
		refuseJSON(w, refusal)
	}
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

// notServed is the answer of services that nobody serves here.
func notServed(caller wire.Caller) error {
	return &sigv4.Refusal{
		Code: "UnrecognizedClientException", Status: http.StatusBadRequest,
		Message: "Trailhand does not serve " + caller.Service + "; --upstream names an endpoint that does",
	}
}
