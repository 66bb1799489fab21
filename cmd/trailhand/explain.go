package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/trail"
)

func newExplain(p process) *cobra.Command {
	var schema bool
	cmd := &cobra.Command{
		Use:   "explain [SETTING]",
		Short: "Say what a setting of a trail is for, and which control wants it",
		Long: `Explain says what a setting of a trail is for, which controls want it (CIS AWS
Foundations, AWS Foundational Security Best Practices, AWS Config), and which API
calls can make it drift. Without a SETTING it lists them all. Case does not matter.

The exit code is 0, or 2 if there is no such setting or the command line is wrong.`,
		Example: "  trailhand explain\n  trailhand explain EnableLogFileValidation\n  trailhand explain --schema > desired.schema.json",
		RunE: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 1 || schema && len(args) > 0:
				return usageError{fmt.Errorf("explain takes one setting, or --schema alone, got %q", args)}
			case schema:
				_, err := p.stdout.Write(desired.Schema())
				return err
			case len(args) == 1:
				return explainSetting(p, args[0])
			}
			return listSettings(p)
		},
	}
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of desired.yaml, for editors")
	return cmd
}

func explainable() []trail.Field {
	return append(append([]trail.Field{trail.Exists}, trail.Settings()...), trail.Findings()...)
}

func listSettings(p process) error {
	table := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, f := range explainable() {
		e, _ := trail.Explain(f)
		first, _, _ := strings.Cut(e.Purpose, ". ")
		fmt.Fprintf(table, "%s\t%s\n", f, strings.TrimSuffix(first, "."))
	}
	return table.Flush()
}

func explainSetting(p process, name string) error {
	for _, f := range explainable() {
		if !strings.EqualFold(string(f), name) {
			continue
		}
		e, _ := trail.Explain(f)
		fmt.Fprintf(p.stdout, "%s\n  %s\n", f, e.Purpose)
		listUnder(p, "Wanted by", e.Controls)
		var calls []string
		for _, c := range e.Calls {
			calls = append(calls, string(c))
		}
		listUnder(p, "Changed by", calls)
		return nil
	}
	return usageError{fmt.Errorf("%q is no setting of a trail: 'trailhand explain' lists them", name)}
}

func listUnder(p process, title string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(p.stdout, "\n%s\n  %s\n", title, strings.Join(items, "\n  "))
	}
}
