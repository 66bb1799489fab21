// Package door is what every request comes through: it reads the signature,
// and checks it where it should; it refuses in the words of the service that
// was meant; it waits for a slow client, but not for ever; and it keeps the end
// of an answer back until the call is recorded.
package door

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/tokens"
)

// Door admits requests.
type Door struct {
	Verify  bool // signatures are checked
	Foreign bool // somebody else serves what we do not, perhaps also without a signature
	Tokens  *tokens.Tokens
	Now     func() time.Time
}

// Admit reads a request's signature, and checks it if it should. Only S3 and STS
// know unsigned requests; they refuse them in their own words.
func (d *Door) Admit(r *http.Request) (sigv4.Scope, error) {
	scope, err := sigv4.Parse(r)
	switch {
	case errors.Is(err, sigv4.ErrUnsigned) && isForm(r):
		scope.Service, scope.Region = "sts", "us-east-1"
		return scope, nil
	case errors.Is(err, sigv4.ErrUnsigned) && r.Header.Get("X-Amz-Target") == "":
		scope.Service = "s3"
		return scope, nil
	case errors.Is(err, sigv4.ErrUnsigned) && d.Foreign:
		return scope, nil // some operations are for everybody, such as to sign in
	case errors.Is(err, sigv4.ErrUnsigned):
		return scope, &sigv4.Refusal{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token", Status: http.StatusForbidden}
	case err != nil || !d.Verify:
		return scope, err
	}
	return scope, d.verify(r, scope)
}

// verify checks a signature, and that temporary credentials came with their token.
func (d *Door) verify(r *http.Request, scope sigv4.Scope) error {
	v := sigv4.Verifier{Secret: d.Tokens.Secret, Now: d.Now}
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
	if token := d.Tokens.Identity(scope.AccessKeyID).SessionToken; token != scope.SessionToken {
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
