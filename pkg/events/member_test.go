//go:build !klauspost

package events

// What TestReadingKeepsUpWithInflating found on a quiet machine.
const (
	recordedGenerated = 1.11
	recordedSamples   = 0.74
)
