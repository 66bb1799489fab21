//go:build klauspost

package events

const recordedRatio = 0.74
