package trail

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// remindEvery is how often a drift is told again that stays as it is.
const remindEvery = 24 * time.Hour

// telling is what was published of the drifts that stay, so that the next sweep does
// not publish the same again.
type telling struct {
	// Drifts is a digest of the fields with what is wanted and what was found.
	Drifts string    `json:"drifts"`
	Time   time.Time `json:"time"`
	// EventID is that of the cause; empty when none was known.
	EventID string `json:"eventID,omitempty"`
}

// tell gives what is told by the notices about drifts that stay; nil if there are
// none.
func tell(notices []Notice, at time.Time) *telling {
	t := &telling{Time: at}
	var staying []any
	for _, n := range notices {
		if n.DetailType == DriftRepaired {
			continue
		}
		if n.Cause != nil {
			t.EventID = n.Cause.EventID
		}
		for _, x := range n.Fields {
			staying = append(staying, n.DetailType, x.Field, x.Want, x.Got) // not Why, which may tell the time
		}
	}
	text, err := json.Marshal(staying)
	if staying == nil || err != nil {
		return nil
	}
	digest := sha256.Sum256(text)
	t.Drifts = hex.EncodeToString(digest[:8])
	return t
}

func (t *telling) same(u *telling) bool {
	return t == u || t != nil && u != nil && t.Drifts == u.Drifts && t.EventID == u.EventID && t.Time.Equal(u.Time)
}

// covered tells whether what is to be told was told before: the same drifts, by no
// other call, and less than a day ago.
func (t *telling) covered(known *telling) bool {
	return t != nil && known != nil && t.Drifts == known.Drifts && t.Time.Sub(known.Time) < remindEvery &&
		(t.EventID == "" || t.EventID == known.EventID)
}
