// Package lambdas starts the functions, whose handlers are the packages in it.
package lambdas

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// New makes the handler of a function. Its error names everything that is wrong with
// the environment.
type New func(ctx context.Context, env map[string]string, now func() time.Time, log *slog.Logger) (lambda.Handler, error)

// Start makes a handler and serves it for as long as Lambda lets the process live. It
// returns the process's exit code when there is no handler to serve. Log lines are
// JSON on out, from the level of LOG_LEVEL on, or info.
func Start(environ []string, out io.Writer, create New) int {
	env := environment(environ)
	log := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level(env["LOG_LEVEL"])}))
	handler, err := create(context.Background(), env, time.Now, log)
	if err != nil {
		log.Error("cannot start", "error", err.Error())
		return 1
	}
	lambda.Start(handler)
	return 0
}

func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// level is info for what it does not know.
func level(name string) (l slog.Level) {
	if l.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return l
}
