//go:build klauspost

package events

const (
	recordedGenerated = 0.74
	recordedSamples   = 0.56
)
