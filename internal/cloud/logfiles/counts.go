package logfiles

import "slices"

// givenUp lets go of a file that could not be delivered for too long, and says what is lost.
func (f *Files) givenUp(p *place, cause error) bool {
	if f.cfg.Now().Sub(p.Since) < f.cfg.GiveUpAfter {
		return false
	}
	log := f.cfg.Log.With("bucket", p.Destination.Bucket, "key", p.Key, "trail", p.Destination.TrailARN, "records", p.records, "error", cause)
	f.mu.Lock()
	f.lost.add(p)
	f.mu.Unlock()
	if p.put {
		log.Error("gave up telling of a delivered log file")
		return true
	}
	log.Error("gave up delivering a log file: its records are lost")
	return true
}

// Counts is of records: those on their way to buckets, and those on their way to log groups.
type Counts struct {
	Records, LogEvents int
	Untold             int // delivered files of which not all is told that should be
}

func (c *Counts) add(p *place) {
	switch {
	case p.put:
		c.Untold++
	case p.Destination.LogGroup:
		c.LogEvents += p.records - int(p.sent.Load())
	default:
		c.Records += p.records
	}
}

// Waiting counts what is not delivered yet, and what was given up since Open.
func (f *Files) Waiting() (waiting, lost Counts) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.sealed
	if f.open != nil {
		all = append(slices.Clone(all), f.open)
	}
	for _, j := range all {
		for _, p := range j.places {
			if !p.done {
				waiting.add(p)
			}
		}
	}
	return waiting, f.lost
}
