// Package ratebench measures how well rules find unusual rates: it makes traffic of fourteen
// archetypes with known anomalies, runs the detector of pkg/insights and four plain rules over
// it, and scores what they find. Everything follows from a seed.
//
// Each plain rule is given the threshold at which it makes no more false Starts than a budget on
// other seeds, so that the recalls can be compared.
package ratebench
