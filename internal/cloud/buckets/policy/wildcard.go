package policy

import "strings"

func equal(a, b string) bool { return a == b }

// matchWildcards reports whether text matches pattern, in which * stands for any text and
// ? for any one byte. same compares two bytes given as strings. It never tries more than
// len(pattern)·len(text) steps.
func matchWildcards(pattern, text string, same func(a, b string) bool) bool {
	p, t := 0, 0
	star, mark := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || same(pattern[p:p+1], text[t:t+1])):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// matchARN compares ARNs part by part: a wildcard does not reach over a colon, but for the
// sixth part.
func matchARN(pattern, arn string) bool {
	want, got := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(want) != 6 || len(got) != 6 {
		return false
	}
	for i := range want {
		if !matchWildcards(want[i], got[i], equal) {
			return false
		}
	}
	return true
}
