package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/trailhand/trailhand/internal/desired"
	"github.com/trailhand/trailhand/pkg/selectors"
	"github.com/trailhand/trailhand/pkg/trail"
)

// planLines writes a setting's value in lines of YAML. Selectors are in their normal
// form, so that only what they mean makes lines differ.
func planLines(value any) []string {
	switch v := value.(type) {
	case nil:
		return []string{"unknown"}
	case selectors.Set:
		value = selectors.Normalize(v)
	case []trail.InsightSelector:
		value = slices.SortedFunc(slices.Values(v), func(a, b trail.InsightSelector) int { return cmp.Compare(a.InsightType, b.InsightType) })
	}
	text := desired.FormatValue(value)
	if text == "[]" {
		return nil
	}
	return strings.Split(text, "\n")
}

// composite holds for lists, maps and selectors.
func composite(value any) bool {
	switch value.(type) {
	case nil, string, bool:
		return false
	}
	return true
}

// planLine is a line that is in both texts, or in one: marked as in [ink.line].
type planLine struct {
	mark byte
	text string
}

// compare gives the lines of two texts, by their longest common subsequence.
func compare(from, to []string) (lines []planLine) {
	common := lengths(from, to)
	for len(from)+len(to) > 0 {
		i, j := len(common)-1-len(from), len(common[0])-1-len(to)
		switch {
		case len(from) > 0 && len(to) > 0 && from[0] == to[0]:
			lines = append(lines, planLine{' ', from[0]})
			from, to = from[1:], to[1:]
		case len(to) == 0 || len(from) > 0 && common[i+1][j] >= common[i][j+1]:
			lines = append(lines, planLine{'-', from[0]})
			from = from[1:]
		default:
			lines = append(lines, planLine{'+', to[0]})
			to = to[1:]
		}
	}
	return lines
}

// lengths gives for each pair of tails how many lines they have in common.
func lengths(from, to []string) [][]int {
	n := make([][]int, len(from)+1)
	for i := range n {
		n[i] = make([]int, len(to)+1)
	}
	for i := range slices.Backward(from) {
		for j := range slices.Backward(to) {
			n[i][j] = max(n[i+1][j], n[i][j+1])
			if from[i] == to[j] {
				n[i][j] = n[i+1][j+1] + 1
			}
		}
	}
	return n
}
