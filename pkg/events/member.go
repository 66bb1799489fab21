//go:build !klauspost

package events

import "github.com/trailhand/trailhand/pkg/events/inflate"

// newMember gives our own inflater. With the build tag klauspost the reader
// does without it.
func newMember() member { return new(inflate.Reader) }
