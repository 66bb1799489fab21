// Command logparser is the Lambda function that reads delivered log files.
package main

import (
	"os"

	"github.com/trailhand/trailhand/internal/lambdas"
	"github.com/trailhand/trailhand/internal/lambdas/logparser"
)

func main() { os.Exit(lambdas.Start(os.Environ(), os.Stdout, logparser.New)) }
