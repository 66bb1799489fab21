package delivery

// names gives the same string for the same text, so that counting a text that
// was seen before allocates nothing.
type names struct {
	known map[string]string
	bytes int // of what is known
}

func newNames() names { return names{known: map[string]string{}} }

func (n *names) of(text []byte) string {
	if s, known := n.known[string(text)]; known {
		return s
	}
	s := string(text)
	n.known[s] = s
	n.bytes += len(s)
	return s
}
