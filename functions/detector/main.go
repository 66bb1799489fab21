// Command detector is the Lambda function that detects unusual rates of API calls and errors.
package main

import (
	"os"

	"github.com/trailhand/trailhand/internal/lambdas"
	"github.com/trailhand/trailhand/internal/lambdas/detector"
)

func main() { os.Exit(lambdas.Start(os.Environ(), os.Stdout, detector.New)) }
