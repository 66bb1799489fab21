// Package trail compares what a CloudTrail trail should be with what it is, and
// puts it right.
//
// The flow is one straight line. An EventBridge event is a hint that names a
// trail ([Concern]); the observed state decides. [Diff] gives one [Drift] for each
// setting that differs; the [Policy] says which of them are repaired; [Plan] gives
// the fewest API calls that repair them, in order; the [Reconciler] makes the calls,
// looks again, and publishes one [Notice] for each outcome. Because the state
// decides and not the event, the event of our own repair meets an empty diff and
// ends there. A sweep does the same for every trail, without an event, and a
// [Proposal] shows a person what it would do.
//
// Diff and Plan are pure. What touches the world is behind [API], [Store] and
// [Publisher].
package trail
