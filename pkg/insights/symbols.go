package insights

// symbols gives each string a number, so that a million keys share their names.
type symbols struct {
	number map[string]uint32
	text   []string
}

func newSymbols() symbols {
	return symbols{number: map[string]uint32{"": 0}, text: []string{""}}
}

func (s *symbols) of(text string) uint32 {
	if n, ok := s.number[text]; ok {
		return n
	}
	n := uint32(len(s.text))
	s.number[text] = n
	s.text = append(s.text, text)
	return n
}

// keyID is a Key in symbols.
type keyID struct {
	kind               uint8 // keyKind
	source, name, code uint32
}

const (
	errorKind = 1 << iota // an ErrorRate key
	dataKind              // of data events
)

func (s *State) idOf(k Key) keyID {
	var kind uint8
	if k.Type == ErrorRate {
		kind |= errorKind
	}
	if k.Category == Data {
		kind |= dataKind
	}
	return keyID{kind, s.names.of(k.EventSource), s.names.of(k.EventName), s.names.of(k.ErrorCode)}
}

func (s *State) keyOf(id keyID) Key {
	k := Key{CallRate, Management, s.names.text[id.source], s.names.text[id.name], s.names.text[id.code]}
	if id.kind&errorKind != 0 {
		k.Type = ErrorRate
	}
	if id.kind&dataKind != 0 {
		k.Category = Data
	}
	return k
}
