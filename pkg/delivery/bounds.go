package delivery

import "fmt"

// What is held in memory of one file while it is read. A log file as CloudTrail
// delivers it is far below these; a crafted one must not take the memory of the
// files beside it.
const (
	maxNames      = 1 << 18  // different names of events, errors, accounts, Regions
	maxNameBytes  = 32 << 20 // of these
	maxPrincipals = 1 << 22  // different userIdentity.arn, in 24 to 36 bytes each
	maxEventIDs   = 1 << 21  // told apart, in 24 to 36 bytes each: 75 MB at most
	maxShareBytes = 8 << 20  // of different principals and user agents
	maxBadRecords = 100      // told one by one
)

// overLimit is the fault of a file that has more of something than is held.
func overLimit(most int, what string) error {
	return fmt.Errorf("%w: it has more than %d %s", ErrOverLimit, most, what)
}

// crowded says which bound a file's totals are over.
func (s *Summary) crowded() error {
	switch {
	case len(s.names.known) > maxNames:
		return overLimit(maxNames, "different names of events, errors, accounts and Regions")
	case s.names.bytes > maxNameBytes:
		return overLimit(maxNameBytes, "bytes of different names of events, errors, accounts and Regions")
	case len(s.principals) > maxPrincipals:
		return overLimit(maxPrincipals, "different userIdentity.arn")
	}
	return nil
}
