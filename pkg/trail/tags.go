package trail

import (
	"strings"
)

// HoldTag is the tag that suspends repair of a trail until the time it holds (RFC
// 3339). It is obeyed only when a break-glass principal set it, and is never drift.
const HoldTag = "trailhand:hold-until"

// tagDrift gives the tags that have to be added or changed, and what is there in
// their place, together with those that have to be removed.
func (d *Desired) tagDrift(observed map[string]string) (want, got map[string]string) {
	if d.Tags == nil {
		return nil, nil
	}
	want, got = map[string]string{}, map[string]string{}
	for k, v := range d.Tags {
		have, ok := observed[k]
		if ok && have == v || untouchable(k) {
			continue
		}
		want[k] = v
		if ok {
			got[k] = have
		}
	}
	for k, v := range observed {
		if _, wanted := d.Tags[k]; d.TagsExact && !wanted && !untouchable(k) {
			got[k] = v
		}
	}
	return want, got
}

func untouchable(key string) bool { return strings.HasPrefix(key, "aws:") || key == HoldTag }
