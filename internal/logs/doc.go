// Package logs finds log files, in folders, on standard input and in S3, and
// prints their records.
//
// # What is taken for a log file
//
// Of what is named, everything. Of what lies in a folder or under a prefix: the
// objects of CloudTrail's own keys but not its digests, and all names that end
// in .json, .jsonl or .ndjson, with .gz or .zst behind it or not. What is left
// out is told with the reason, under Summary.Skipped.
//
// # What may be in one
//
// {"Records":[…]}, or one record a line (.jsonl, .ndjson); each as it is, under
// gzip or under zstd. A line of `aws cloudtrail lookup-events`, which has its
// record as text in CloudTrailEvent, counts as that record. The beginning of
// the content decides, where the name does not.
//
// # Order
//
// Files come in the order of the arguments, and within a folder or a prefix in
// the order of S3's keys; what is printed has that order however many files
// are read at once.
package logs
