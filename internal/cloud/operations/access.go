package operations

import "strings"

// Access says whether an operation reads or writes.
type Access uint8

// What is known of an operation's access.
const (
	Unknown Access = iota
	Read
	Write
)

// accessOf follows, in this order:
//   - the trait readonly of the service's model;
//   - Smithy's "HttpMethodSemantics" of REST: GET and HEAD read, PUT, PATCH and
//     DELETE write;
//   - the EventBridge User Guide: actions that start with List, Get or Describe
//     are read-only management events;
//   - the Service Authorization Reference: its access levels Read and List read,
//     all others write;
//   - writing verbs.
//
// mark is what the table has of the first and the fourth. What none of them
// covers is Unknown.
func accessOf(name, method, mark string) Access {
	switch {
	case mark == modelReads, method == "GET", method == "HEAD":
		return Read
	case method == "PUT", method == "PATCH", method == "DELETE":
		return Write
	case startsWith(name, "List Get Describe"), mark == referenceReads:
		return Read
	case mark == referenceWrites, startsWith(name, writingVerbs):
		return Write
	}
	return Unknown
}

// The marks behind an operation's name in the table.
const (
	modelReads      = "!" // the trait readonly
	referenceReads  = "<" // the Service Authorization Reference
	referenceWrites = ">"
)

// writingVerbs are those of Smithy's resource lifecycle, of tagging, and those
// whose operations the API references describe as a change wherever they occur.
const writingVerbs = `
	Create Put Update Delete
	Tag Untag
	Accept Activate Add Allocate Assign Associate Attach Authorize Cancel Copy Deactivate Deregister Detach Disable
	Disassociate Enable Import Modify Purchase Reboot Register Reject Release Remove Replace Reset Restore Revoke Run
	Send Set Start Stop Terminate Unassign`

// startsWith reports whether the name begins with one of the words, as a word.
func startsWith(name, words string) bool {
	for w := range strings.FieldsSeq(words) {
		rest, begins := strings.CutPrefix(name, w)
		if begins && (rest == "" || rest[0] < 'a' || rest[0] > 'z') {
			return true
		}
	}
	return false
}
