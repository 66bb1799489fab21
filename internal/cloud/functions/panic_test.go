package functions

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func TestAPanicIsAnErrorAndItsEnvironmentIsNotUsedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made journal
		fs := handlers{}.functions()
		fs["Worker"] = func(context.Context, map[string]string) (lambda.Handler, error) {
			n := made.add("environment")
			return handlerFunc(func(context.Context, []byte) ([]byte, error) {
				if n == 1 {
					panic("index out of range")
				}
				return []byte(`"fine"`), nil
			}), nil
		}
		s := start(t, fs, nil)
		defer s.close()
		if _, err := s.Invoke(t.Context(), "Worker", nil); err == nil || !strings.Contains(err.Error(), "index out of range") {
			t.Errorf("Invoke answers %v, want the panic", err)
		}
		out, err := s.Invoke(t.Context(), "Worker", nil)
		if err != nil || string(out) != `"fine"` {
			t.Errorf("the next Invoke answers %s, %v", out, err)
		}
		if n := len(made.all()); n != 2 {
			t.Errorf("%d environments were made, want 2", n)
		}
	})
}

func TestAFunctionThatTakesTooLongTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		s := start(t, handlers{"Worker": func(ctx context.Context, _ []byte) ([]byte, error) {
			time.Sleep(30 * time.Second) // does not heed its context
			return nil, nil
		}}.functions(), nil)
		_, err := s.Invoke(t.Context(), "Worker", nil)
		if err == nil || !strings.Contains(err.Error(), "task timed out after 10.00 seconds") {
			t.Errorf("Invoke answers %v, want a timeout", err)
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("it took %v, want 10s", took)
		}
		s.close()
		if took := time.Since(begun); took != 30*time.Second {
			t.Errorf("Close returned after %v, want it to wait for the handler", took)
		}
	})
}
