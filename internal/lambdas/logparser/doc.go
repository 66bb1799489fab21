// Package logparser is the function that reads delivered log files.
//
// Its environment:
//
//	DLQ_URL          queue that takes what no retry helps, with the reason; without it such
//	                 a message is returned to its queue, whose redrive policy sets it aside
//	QUEUE_URL        queue that invokes the function; it takes what is left of a digest file
//	                 that was verified in part. Without it the whole of it comes again
//	TALLY_QUEUE_URL  FIFO queue of the detector; without it nothing is tallied
//	EVENT_IDS        true or false (by default): tallies carry 8 bytes of each call's eventID, and
//	                 the detector counts an event once that two trails deliver; so does a warm start
//	OUTPUT_BUCKET    bucket that takes what OUTPUT_FORMATS names; without it nothing is written
//	OUTPUT_PREFIX    of every key that is written there, such as "records/"
//	OUTPUT_FORMATS   comma list of ndjson, parquet, ocsf, summary; "ndjson,summary" by default;
//	                 parquet only where it was built in: see the build tag noparquet
//	SELECTORS        {"EventSelectors":[…]} or {"AdvancedEventSelectors":[…]}: which records
//	                 are kept at all; every one by default
//	MATCH_PATTERN    EventBridge pattern; events that match it are published, if it is set
//	MATCH_BUS        name or ARN of the bus that takes them; "default" by default
//	VERIFY_DIGESTS   true or false (by default): verify each digest file that is delivered
//	WARM_START_…     _BUCKET and _PREFIX of the tallies of a warm start; without a bucket
//	                 there is none
//	LIMIT_INFLATED   bytes that a log file may have after inflating; 4 GiB by default
//	LIMIT_RATIO      inflated bytes that it may have for each compressed one; 250 by default
//	LIMIT_RECORD     bytes that a record may have; 64 MiB by default. -1 is no limit
//	LOG_LEVEL        debug, info, warn or error (read by main)
//	AWS_…            as awsio.Load reads them
//
// To verify a digest file is to check its signature with the keys of ListPublicKeys, its
// link to the digest before it, and the hash of each log file that it names: those of an
// hour are read again. What does not match is told in a line of level ERROR with its
// verdict (tampered, deleted, moved, unsigned, backdated, broken, unknown or unreadable;
// see digest.Verdict), counted by the metric Tampered, and set aside as the notice of the
// digest file with the reason: sent back to the queue, it is verified again. Verified
// counts the files that are as they were delivered. Files that could not be read for
// throttling and the like prove nothing: they, and they alone, are sent to QUEUE_URL to be
// verified later. So are those for which there was no time: a digest file has half of the
// time that is left to the invocation, and an hour may be of any size as long as half of
// the function's time is enough to hash its largest log file, and the digest file has less
// than 64 MiB (some 100,000 log files).
//
// Its role needs s3:GetObject and s3:GetObjectVersion on log files, s3:ListBucket on their
// bucket (or S3 answers 403 for an object that is gone), s3:PutObject and
// s3:AbortMultipartUpload under OUTPUT_PREFIX, s3:PutObject under WARM_START_PREFIX,
// sqs:SendMessage to the queues, events:PutEvents if MATCH_PATTERN is set, and
// cloudtrail:ListPublicKeys if VERIFY_DIGESTS is.
//
// A batch of BackfillStateMachine that asks for a warm start (package warmstart) is read for
// its tallies alone: they go to WARM_START_BUCKET, and to no queue.
package logparser
