// Package detector is the function that finds unusual rates in the tallies of
// delivered log files.
//
// Its environment:
//
//	STATE_BUCKET       bucket of the state, an object an account and Region, and parts of large ones
//	STATE_PREFIX       of the state's keys, such as "detector/"
//	INSIGHT_BUCKET     bucket of Insight records; without it they go to no bucket
//	INSIGHT_PREFIX     of their keys, before AWSLogs/, such as "insights/"
//	EVENT_BUS          name or ARN of the bus of Insight events; without it they go to no bus
//	DLQ_URL            FIFO queue that takes what no retry helps, with the reason; without it
//	                   such a message is returned to its queue
//	WARM_START_BUCKET  bucket of the tallies of a warm start; without it there is none
//	WARM_START_PREFIX  of their keys, such as "warm-start/"
//	DETECTOR           knobs as JSON, over the defaults: see insights.Config; optional
//	LOG_LEVEL          debug, info, warn or error (read by main)
//	AWS_…              as awsio.Load reads them
//
// At least one of INSIGHT_BUCKET and EVENT_BUS must be set.
//
// Its role needs s3:GetObject and s3:PutObject under STATE_PREFIX and WARM_START_PREFIX,
// s3:DeleteObject of parts of large states, STATE_PREFIX<account>/<region>.parts/,
// s3:PutObject under INSIGHT_PREFIX, s3:ListBucket on STATE_BUCKET and WARM_START_BUCKET,
// events:PutEvents on EVENT_BUS, and sqs:SendMessage to DLQ_URL.
//
// It takes messages of the tallies' FIFO queue, each an insights.Batch, the clock of the
// schedule, {"trailhand":"clock"}, and a place of a warm start, {"trailhand":"baseline",…}
// as BackfillStateMachine makes it (package warmstart).
package detector
