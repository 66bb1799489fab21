// Package insights finds unusual rates of API calls and API errors, and tells them as CloudTrail
// Insight records.
//
// A log reader counts calls into tallies: calls of one API in one minute. A State holds one
// account and Region: it places each tally in its minute, closes minutes in event time, judges
// every key that called (and every key that should have), and returns the transitions: the Start
// and the End of each insight. Runner wraps that step in a store and a publisher, so that no call
// counts twice and no insight is lost or told under two ids.
//
// Facts about the record and its arithmetic are from the CloudTrail user guide, "CloudTrail
// Insights insightDetails element", and from published records.
package insights
