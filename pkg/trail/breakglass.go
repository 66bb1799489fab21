package trail

import "strings"

// names tells whether the caller, or the role whose session it is, is one of the
// break-glass principals.
func (b BreakGlass) names(c *Cause) bool {
	for _, pattern := range b.Principals {
		if wildcard(pattern, c.Principal) || c.Role != "" && wildcard(pattern, c.Role) {
			return true
		}
	}
	return false
}

// wildcard matches text against a pattern in which * stands for any text.
func wildcard(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	last := len(parts) - 1
	if last == 0 {
		return pattern == text
	}
	rest, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1:last] {
		_, after, found := strings.Cut(rest, part)
		if !found {
			return false
		}
		rest = after
	}
	return strings.HasSuffix(rest, parts[last])
}
