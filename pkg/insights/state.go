package insights

import "time"

// State is what the detector knows of one account and Region. It is not safe for concurrent use.
type State struct {
	account, region string
	cfg             Config
}

// NewState returns a State that has observed nothing.
func NewState(account, region string, cfg Config) *State {
	return &State{account: account, region: region, cfg: cfg}
}

// Added is what became of the tallies of a Batch, in tallies unless it says calls.
type Added struct {
	Duplicate bool    // the batch was applied before: nothing was counted
	Counted   int     // tallies that were placed in their minutes
	Calls     int     // the calls in them
	Ignored   int     // not rated: management reads that succeeded, data events when not asked for
	Excluded  int     // calls left out by Config.Exclusions
	Late      int     // tallies whose minute was closed already
	LateCalls int     // the calls in them
	Bad       []error // each names a tally that was refused
}

// Add places a batch's tallies in their minutes. The same Batch.ID counts once.
func (s *State) Add(b Batch) Added { return Added{} }

// Advance closes the minutes that are complete: those older than the newest tally by
// Config.Lateness, the newest tally being taken to age with the clock while no batch comes.
// A silence of the whole account and Region holds the minutes instead, as a delivery outage.
func (s *State) Advance(now time.Time) []Transition { return nil }

// Close closes every minute before until, whatever the clock says: the end of a replay.
func (s *State) Close(until time.Time) []Transition { return nil }

// Watermark is the first minute that is still open; zero before the first tally.
func (s *State) Watermark() time.Time { return time.Time{} }
