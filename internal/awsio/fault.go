package awsio

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// ErrConflict says that a conditional write found another version.
var ErrConflict = errors.New("the object has another version")

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func status(err error) int {
	var resp *smithyhttp.ResponseError
	if errors.As(err, &resp) {
		return resp.HTTPStatusCode()
	}
	return 0
}

// notFound holds for an object, version or bucket that does not exist. A
// delete marker that is asked for by version is a 405.
func notFound(err error) bool {
	gone := []string{"NoSuchKey", "NoSuchVersion", "NoSuchBucket", "NotFound"}
	return slices.Contains(gone, code(err)) || status(err) == http.StatusNotFound ||
		status(err) == http.StatusMethodNotAllowed && code(err) == "MethodNotAllowed"
}

// readFault marks what no retry helps against. Other refusals, such as an
// expired token, may pass.
func readFault(err error) error {
	refused := []string{"AccessDenied", "AllAccessDisabled", "InvalidObjectState", "KMS.DisabledException"}
	switch {
	case notFound(err):
		return fmt.Errorf("%w: %w", delivery.ErrGone, err)
	case slices.Contains(refused, code(err)):
		return fmt.Errorf("%w: %w", delivery.ErrDenied, err)
	}
	return err
}

// writeFault marks a lost conditional write. S3 answers 412 when the condition
// did not hold, 409 when another write was under way, and 404 to If-Match when
// the object is gone.
func writeFault(err error, conditional bool) error {
	lost := code(err) == "PreconditionFailed" || code(err) == "ConditionalRequestConflict" ||
		status(err) == http.StatusPreconditionFailed || code(err) == "NoSuchKey"
	if conditional && lost {
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}
