package insights

// Average is the arithmetic of a record's averages.
var Average = average
