package awsio

import (
	"errors"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/smithy-go"
)

func TestOnlyWhatCannotBeReachedIsGivenUpSoon(t *testing.T) {
	cfg, err := Load(t.Context(), map[string]string{"AWS_REGION": "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	r := cfg.Retryer()
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	tests := []struct {
		name  string
		err   error
		again bool
		soon  bool
	}{
		{"nothing listens", fmt.Errorf("request send failed: %w", refused), true, true},
		{"the host does not answer", &net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}, false, true},
		{"the connection breaks", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, true, false},
		{"the service throttles", &smithy.GenericAPIError{Code: "ThrottlingException"}, true, false},
		{"the service refuses", &smithy.GenericAPIError{Code: "AccessDeniedException"}, false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.IsErrorRetryable(tt.err); got != tt.again {
				t.Errorf("tried again: %v, want %v", got, tt.again)
			}
			var waits time.Duration
			for attempt := 1; attempt < r.MaxAttempts(); attempt++ {
				wait, err := r.RetryDelay(attempt, tt.err)
				if err != nil {
					t.Fatal(err)
				}
				waits += wait
			}
			if tt.soon != (waits == 4*redialDelay) {
				t.Errorf("the attempts wait %s in all", waits)
			}
		})
	}
}

func TestAnEndpointThatCannotBeReachedIsNamed(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": server.URL, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
	cfg, err := Load(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Account(t.Context(), cfg)
	if err == nil || !errors.Is(err, syscall.ECONNREFUSED) || !strings.HasPrefix(err.Error(), server.URL+" cannot be reached: ") {
		t.Errorf("got %v", err)
	}
}
