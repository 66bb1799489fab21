package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/trailhand/trailhand/internal/logs"
	"github.com/trailhand/trailhand/internal/replay"
)

// question is about one rate.
type question struct {
	replay.Rate
	at time.Time // zero: the whole time
}

// parseQuestion reads --explain and --at; nil if nothing is asked.
func parseQuestion(rate, at string) (*question, error) {
	minute, err := parseTime("--at", at)
	if rate == "" {
		if at != "" {
			err = errors.Join(err, errors.New("--at: of which rate? --explain names it"))
		}
		return nil, err
	}
	r, errRate := replay.ParseRate(rate)
	if errRate != nil {
		err = errors.Join(err, fmt.Errorf("--explain %q: %w", rate, errRate))
	}
	return &question{r, minute}, err
}

// explainRate prints why a rate Started insights or did not, for each place that has it.
func explainRate(ctx context.Context, w io.Writer, log *replay.Log, run replay.Run, q question) error {
	told, err := run.Transitions(ctx, log)
	if err != nil {
		return err
	}
	if isTerminal(w) {
		w = logs.JSONTerminal(w)
	}
	found := false
	for _, p := range log.Places() {
		s := log.Series(p, q.Rate, run.Config)
		if !s.Called() {
			continue
		}
		if found {
			fmt.Fprintln(w)
		}
		found = true
		if err := s.Explain(ctx, w, run.Config, told, q.at); err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("--explain: no rated call of %s:%s is in the input%s", q.EventSource, q.EventName, rated(q.Rate))
	}
	return nil
}

// rated is a hint about what is rated.
func rated(r replay.Rate) string {
	if r.ErrorCode != "" {
		return " that failed with " + r.ErrorCode
	}
	return " (calls that only read are rated by their errors: add :errorCode)"
}
