// Command reconciler is the Lambda function that keeps trails as they should be.
package main

import (
	"os"

	"github.com/trailhand/trailhand/internal/lambdas"
	"github.com/trailhand/trailhand/internal/lambdas/reconciler"
)

func main() { os.Exit(lambdas.Start(os.Environ(), os.Stdout, reconciler.New)) }
