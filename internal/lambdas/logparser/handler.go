package logparser

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// New makes the handler from the function's environment.
func New(ctx context.Context, env map[string]string, now func() time.Time, log *slog.Logger) (lambda.Handler, error) {
	return nil, errors.New("not written yet")
}
