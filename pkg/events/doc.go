// Package events reads what CloudTrail says: delivered log files, the records
// in them, the S3 keys they lie under and the EventBridge envelopes around them.
//
// A log file is gzip over one JSON object, {"Records":[…]}. [Reader] walks it
// in constant memory and hands out one [Record] at a time with its exact bytes.
// Fields are found while the record is scanned and turned into text only when
// asked for; [Record.Decode] gives everything else. [ReadFiles] reads many files
// in parallel, in bounded memory and in order.
//
// A file is good only when the reader has said so with io.EOF: damage may show
// at its last byte, the gzip trailer's. What its records do should count only
// then.
//
// # Rules for odd input
//
//   - Key names match exactly. "eventname" is another key than "eventName";
//     "event\u004eame" is the same key, only written otherwise.
//   - A key that occurs twice in one object: the last one counts, as in
//     encoding/json, jq and Athena. A nested object replaces the whole object
//     before it. [Record.Text], [Record.Category] and [Record.Decode] agree.
//     "Records" twice in a file is a [FileError]: the first is already read.
//   - A known field of an unexpected JSON type is absent to Text when it is an
//     object or an array, and its literal when it is a number or a boolean.
//   - A record that is no JSON object, or is malformed, is a [RecordError], and
//     reading goes on behind it. Damage of the file is a [FileError] and sticky.
//     So are a bracket that closes what is not open and a missing comma between
//     records: no one can say where the next record begins.
//   - Members of a gzip file are one stream, with one JSON object in it.
//   - Invalid UTF-8 and lone surrogates are kept in Raw and read as U+FFFD in
//     text, as encoding/json does.
//
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
package events
