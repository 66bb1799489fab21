// Package genlogs writes CloudTrail log files for tests and benchmarks: the
// same seed gives the same bytes.
package genlogs

import "io"

// Entropy is how much the records of a file differ from each other.
type Entropy uint8

// The entropies.
const (
	Low  Entropy = iota // few principals and calls: compresses well
	High                // random identifiers in most fields
)

// WriteFile writes one gzipped log file.
func WriteFile(w io.Writer, seed uint64, records int, e Entropy) error { return nil }
