// Package delivery follows a delivered log file: from the notice of it, over the
// object and its records, to the sinks.
//
// Messages reads every shape in which the notice of an object may arrive.
// Pipeline.Read takes one log file through the filter into the sinks, and
// commits their effects only when the whole file was good: a damaged file
// leaves nothing behind but its name among the failed.
//
// What is done for a file is named by File.ID, which holds the object's
// version. Doing it twice makes the same output keys and the same batch IDs.
package delivery
