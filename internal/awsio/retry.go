package awsio

import (
	"errors"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	maxAttempts = 5
	// dialTimeout is for a host that does not answer at all: it is not asked twice.
	dialTimeout = 4 * time.Second
	// redialDelay is for a host where nothing listens: whoever is being restarted is
	// back in a second, and a wrong address is told in one.
	redialDelay = 250 * time.Millisecond
)

// retryer is the SDK's own, except where no connection could be made: there its
// seconds between attempts would spare no service.
type retryer struct{ aws.RetryerV2 }

func newRetryer() aws.Retryer {
	return retryer{retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = maxAttempts })}
}

// IsErrorRetryable implements aws.Retryer.
func (r retryer) IsErrorRetryable(err error) bool {
	dial := dialError(err)
	return (dial == nil || !dial.Timeout()) && r.RetryerV2.IsErrorRetryable(err)
}

// RetryDelay implements aws.Retryer.
func (r retryer) RetryDelay(attempt int, err error) (time.Duration, error) {
	if dialError(err) != nil {
		return redialDelay, nil
	}
	return r.RetryerV2.RetryDelay(attempt, err)
}

// dialError is the error of a connection that could not be made; nil for any other.
func dialError(err error) *net.OpError {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return op
	}
	return nil
}

func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout })
}
