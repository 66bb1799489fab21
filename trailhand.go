// Package trailhand holds the files that the command carries with it, so that
// `go install` alone gives everything that `trailhand demo` needs.
package trailhand

import "embed"

// Template returns the SAM template of the three functions: what is deployed,
// and what the embedded cloud wires its rules, queues and schedules from.
func Template() ([]byte, error) { return files.ReadFile("template.yaml") }

// DesiredTrail returns examples/desired.yaml, the trail that the demo keeps whole.
func DesiredTrail() ([]byte, error) { return files.ReadFile("examples/desired.yaml") }

// SampleLogs holds real CloudTrail log files under the keys that CloudTrail
// delivers them to; the root is "examples/logs/AWSLogs".
func SampleLogs() embed.FS { return files }

//go:embed template.yaml examples/desired.yaml examples/logs/AWSLogs
var files embed.FS
