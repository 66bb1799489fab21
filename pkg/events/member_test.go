//go:build !klauspost

package events

const recordedRatio = 1.03
