package delivery

// names gives the same string for the same text, so that counting a text that
// was seen before allocates nothing.
type names map[string]string

func (n names) of(text []byte) string {
	if s, known := n[string(text)]; known {
		return s
	}
	s := string(text)
	n[s] = s
	return s
}
