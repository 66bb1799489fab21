// Command reconciler is the Lambda function that keeps trails as they should be.
package main

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

func main() {
	env := environment(os.Environ())
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: level(env["LOG_LEVEL"])}))
	handler, err := reconciler.New(context.Background(), env, time.Now, log)
	if err != nil {
		log.Error("the reconciler cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

func environment(list []string) map[string]string {
	env := make(map[string]string, len(list))
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

func level(name string) (l slog.Level) {
	if l.UnmarshalText([]byte(name)) != nil {
		return slog.LevelInfo
	}
	return l
}
