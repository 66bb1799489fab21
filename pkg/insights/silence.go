package insights

// silences knows the minutes in which nothing came from the whole account and Region.
type silences struct {
	closed  int32                   // minutes closed so far
	run     int32                   // silent minutes up to now
	heardTo int32                   // the first minute that heardBy does not know
	heardBy [dayMinutes + 60]uint32 // minutes with calls before each of the last minutes, since the start
	total   uint32
	longest [baselineDays + 1]int32 // the longest silence that ended, by day
	day     int32
}

func (q *silences) begin(minute int32) { q.heardTo, q.day = minute, minute/dayMinutes }

// close notes a minute, in order, as heard or silent.
func (q *silences) close(minute int32, heard bool) {
	q.closed++
	for day := minute / dayMinutes; q.day < day; {
		q.day++
		q.longest[q.day%int32(len(q.longest))] = 0
	}
	q.heardBy[minute%int32(len(q.heardBy))] = q.total
	q.heardTo = minute + 1
	if !heard {
		q.run++
		return
	}
	if l := &q.longest[q.day%int32(len(q.longest))]; q.run > *l {
		*l = q.run
	}
	q.run = 0
	q.total++
}

// heard is the minutes from first to last, both closed and of the last day, that were not silent.
func (q *silences) heard(first, last int32) int32 {
	return int32(q.before(last+1) - q.before(first))
}

func (q *silences) before(minute int32) uint32 {
	if minute >= q.heardTo {
		return q.total
	}
	return q.heardBy[minute%int32(len(q.heardBy))]
}

// limit is the longest silence that is no outage.
func (q *silences) limit(int32) int32 {
	var longest int32
	for _, l := range q.longest {
		longest = max(longest, l)
	}
	return 2*longest + quietMargin
}
