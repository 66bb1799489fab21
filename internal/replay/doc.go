// Package replay runs the detector over calls that have happened: the tallies
// of log files, or a file of rates, whatever their age and their order.
//
// A Log takes tallies and holds them small. A Run puts them in the order of
// their minutes and hands them to one insights.State an account and Region,
// which is the very detector that is deployed: nothing is late, since every
// minute is complete before it is closed. Levels and Explain ask that detector
// what it would have said, had a minute had other calls.
package replay
