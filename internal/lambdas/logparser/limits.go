package logparser

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/trailhand/trailhand/pkg/events"
)

// mostTallies is what one file may have: 70 MB while it is read.
const mostTallies = 100_000

// limitsBy reads what a log file may hold; zero is the usual.
func limitsBy(env map[string]string) (events.Limits, error) {
	var problems error
	number := func(name string) int64 {
		if env[name] == "" {
			return 0
		}
		n, err := strconv.ParseInt(env[name], 10, 0)
		if err != nil {
			problems = errors.Join(problems, fmt.Errorf("%s: %q is no whole number", name, env[name]))
		}
		return n
	}
	lim := events.Limits{Inflated: number("LIMIT_INFLATED"), Ratio: number("LIMIT_RATIO"), Record: int(number("LIMIT_RECORD"))}
	return lim, problems
}
