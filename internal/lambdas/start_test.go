package lambdas

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func TestAFunctionThatCannotBeMadeSaysWhyAndEnds(t *testing.T) {
	tests := []struct {
		name, level  string
		debug, error bool // logged
	}{
		{"at the level that is not set", "", false, true},
		{"at the level that is set", "debug", true, true},
		{"at a level that there is not", "loud", false, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			code := Start([]string{"LOG_LEVEL=" + tt.level, "A=b=c", "odd"}, &out,
				func(_ context.Context, env map[string]string, _ func() time.Time, log *slog.Logger) (lambda.Handler, error) {
					log.Debug("details")
					return nil, errors.New("A is " + env["A"])
				})
			debug, failed := strings.Contains(out.String(), "details"), strings.Contains(out.String(), `"msg":"cannot start","error":"A is b=c"`)
			if code != 1 || debug != tt.debug || failed != tt.error {
				t.Errorf("exit code %d, logged %s", code, &out)
			}
		})
	}
}
