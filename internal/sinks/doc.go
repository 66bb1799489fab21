// Package sinks takes what was read out of the log reader: records to objects,
// matches to event buses.
//
// Everything that a sink writes for a log file lies under one key that follows
// from the file and its version:
//
//	PREFIX<format>/account=<account>/region=<Region>/date=<yyyy-mm-dd>/<name>-<version>.<ext>
//
// Account, Region and date are those of the log file's own key, so that a file
// makes one object and Athena and DuckDB find the partitions; events of the
// first and last minutes of a day may lie one date later, as they do in
// CloudTrail's own folders. Reading a file again writes the same object.
//
// Parquet is most of the size of a program that writes it: the build tag
// noparquet leaves it out.
package sinks
