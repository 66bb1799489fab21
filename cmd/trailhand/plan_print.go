package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/trailhand/trailhand/pkg/trail"
)

// ink prints lines that begin with a mark, coloured where somebody looks on.
type ink struct {
	w      *bufio.Writer
	colour bool
}

// newInk is ink on standard output. NO_COLOR is https://no-color.org.
func newInk(p process) *ink {
	f, isFile := p.stdout.(*os.File)
	return &ink{bufio.NewWriter(p.stdout), isFile && term.IsTerminal(int(f.Fd())) && p.env["NO_COLOR"] == ""}
}

// line prints a mark and a text: + is to come, - to go, ~ to change, ! is only
// reported, and a space is neither.
func (i *ink) line(indent int, mark byte, format string, args ...any) {
	colours := map[byte]string{'+': "\x1b[32m", '-': "\x1b[31m", '~': "\x1b[33m", '!': "\x1b[36m"}
	begin, end := colours[mark], "\x1b[0m"
	if begin == "" || !i.colour {
		begin, end = "", ""
	}
	fmt.Fprintf(i.w, "%s%s%c %s%s\n", strings.Repeat(" ", indent), begin, mark, fmt.Sprintf(format, args...), end)
}

// writePlan prints the proposals that propose something, and a summary.
func writePlan(i *ink, proposals []trail.Proposal) error {
	asDesired, made, repairs, calls, reports := 0, 0, 0, 0, 0
	for _, p := range proposals {
		switch {
		case p.Left != "":
			i.line(0, ' ', "%s in %s is left alone: %s", p.Name, p.Region, p.Left)
		case len(p.Repair)+len(p.Report) == 0:
			asDesired++
		default:
			i.proposal(p)
		}
		made += len(p.Make)
		if len(p.Make) == 0 {
			repairs += len(p.Repair)
		}
		calls += len(p.Calls)
		reports += len(p.Report)
	}
	what := count(repairs, "setting") + " to repair"
	if made > 0 {
		what = fmt.Sprintf("%s to make, %d to repair,", count(made, "setting"), repairs)
	}
	fmt.Fprintf(i.w, "%s: %d as desired; %s by %s, %d only reported.\n", count(len(proposals), "trail"), asDesired, what, count(calls, "call"), reports)
	return i.w.Flush()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (i *ink) proposal(p trail.Proposal) {
	mark := byte('~')
	if len(p.Repair) == 0 {
		mark = '!'
	} else if p.Repair[0].Field == trail.Exists {
		mark = '+'
	}
	i.line(0, mark, "%s in %s", p.Name, p.Region)
	for _, x := range p.Repair {
		i.drift('~', x)
	}
	for _, x := range p.Make {
		i.made(x)
	}
	for _, x := range p.Report {
		i.drift('!', x)
	}
	if len(p.Calls) > 0 {
		var names []string
		for _, c := range p.Calls {
			names = append(names, string(c.Operation))
		}
		i.line(2, ' ', "by %s", strings.Join(names, ", "))
	}
	fmt.Fprintln(i.w)
}

func (i *ink) drift(mark byte, x trail.Drift) {
	want, got, why := planLines(x.Want), planLines(x.Got), because(x)
	switch {
	case x.Field == trail.Exists && x.Want == true:
		i.line(2, '+', "the trail does not exist%s", why)
	case x.Field == trail.Exists:
		i.line(2, mark, "the trail should not exist%s", why)
	case composite(x.Want):
		i.line(2, mark, "%s%s", x.Field, why)
		for _, l := range compare(got, want) {
			i.line(6, l.mark, "%s", l.text)
		}
	default:
		i.line(2, mark, "%s: %s -> %s%s", x.Field, strings.Join(got, " "), strings.Join(want, " "), why)
	}
}

// made prints a setting of a trail that is to be made.
func (i *ink) made(x trail.Drift) {
	lines := planLines(x.Want)
	switch {
	case !composite(x.Want):
		i.line(2, '+', "%s: %s%s", x.Field, strings.Join(lines, " "), because(x))
		return
	case len(lines) == 0:
		i.line(2, '+', "%s: []%s", x.Field, because(x))
		return
	}
	i.line(2, '+', "%s%s", x.Field, because(x))
	for _, l := range lines {
		i.line(6, '+', "%s", l)
	}
}

func because(x trail.Drift) string {
	if x.Why == "" {
		return ""
	}
	return "  (" + x.Why + ")"
}

// writePlanJSON prints the proposals for programs.
func writePlanJSON(w io.Writer, proposals []trail.Proposal) error {
	type call struct {
		Operation trail.Operation `json:"operation"`
		Region    string          `json:"region"`
		Trail     string          `json:"trail"`
		Fields    []trail.Field   `json:"fields"`
	}
	type oneTrail struct {
		Name   string        `json:"name"`
		Region string        `json:"region"`
		ARN    string        `json:"arn,omitempty"`
		Repair []trail.Drift `json:"repair"`
		Report []trail.Drift `json:"report"`
		Make   []trail.Drift `json:"make,omitempty"`
		Calls  []call        `json:"calls"`
		Left   string        `json:"left,omitempty"`
	}
	plan := struct {
		Trails []oneTrail `json:"trails"`
	}{[]oneTrail{}}
	for _, p := range proposals {
		t := oneTrail{p.Name, p.Region, p.ARN, notNil(p.Repair), notNil(p.Report), p.Make, []call{}, p.Left}
		for _, c := range p.Calls {
			t.Calls = append(t.Calls, call{c.Operation, c.Region, c.Trail, c.Fields})
		}
		plan.Trails = append(plan.Trails, t)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(plan)
}

func notNil[T any](list []T) []T { return append([]T{}, list...) }
