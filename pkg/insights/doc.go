// Package insights finds unusual rates of API calls and API errors, and tells them as CloudTrail
// Insight records.
//
// A log reader counts calls into tallies: calls of one API in one minute. A State holds one
// account and Region: it places each tally in its minute, closes minutes in event time, judges
// every key that called (and every key that should have), and returns the transitions: the Start
// and the End of each insight. Runner wraps that step in a store and a publisher, so that no call
// counts twice and no insight is lost or told under two ids.
//
// # The rule
//
// A spike. The calls of the last 1, 4 and 15 minutes are compared with what the key's profile
// expects (a mean for each hour of working days and weekends; the baseline's mean until seven days
// were observed). The evidence is the deviance of a negative binomial, in nats. Its size is
// learned for each busy key, from how far its minutes and hours scatter; Config.K is the least.
// The threshold of a window is the evidence that one day in 670, 125 and 250 exceeds, from the
// tail of the key's own daily peaks of the last 28 days, and Config.ThetaFloor at least. The
// insight Starts at the first of up to five unusual minutes, and Ends where the likeliest change
// point says.
//
// A drop. Silence is weighed against the lowest rate of the same hours yesterday and a week ago
// and of the hour before, only over minutes in which anything came from the account and Region.
// The threshold is the tail of the gaps that the key makes anyway. Eight days are observed first.
//
// What an insight holds is not learned, but for the usual part of it, unless it lasts for three
// hours, or comes in the same hour again: then the rate has come to stay.
//
// Facts about the record and its arithmetic are from the CloudTrail user guide, "CloudTrail
// Insights insightDetails element", and from published records.
package insights
