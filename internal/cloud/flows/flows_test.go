package flows

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

func handlers(t *testing.T) map[string]functions.Function {
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	of := func(f func(context.Context, map[string]string, func() time.Time, *slog.Logger) (lambda.Handler, error)) functions.Function {
		return func(ctx context.Context, env map[string]string) (lambda.Handler, error) {
			return f(ctx, env, time.Now, log)
		}
	}
	return map[string]functions.Function{"Reconciler": of(reconciler.New), "Logparser": of(logparser.New), "Detector": of(detector.New)}
}

func TestTheHandlersPlayEveryFlow(t *testing.T) {
	a, err := Start(t.Context(), t.TempDir(), handlers(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	for _, flow := range a.Flows() {
		if err := flow.Play(t.Context()); err != nil {
			t.Errorf("%s: %v", flow.Name, err)
		}
	}
}
