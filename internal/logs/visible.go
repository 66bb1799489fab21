package logs

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Visible gives a text in which every character can be seen: control
// characters, which may command a terminal, and characters that turn the
// direction of writing or have no width, are written as \u001b.
func Visible(s string) string {
	if !strings.ContainsFunc(s, invisible) && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if invisible(r) {
			b.WriteString(escapedRune(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func invisible(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }

// escapedRune is how JSON writes a character in ASCII.
func escapedRune(r rune) string {
	if r <= 0xffff {
		return fmt.Sprintf(`\u%04x`, r)
	}
	r -= 0x10000
	return fmt.Sprintf(`\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
}

// cell is Visible for a cell of CSV. Where a spreadsheet would compute the text
// as a formula it is made a text by an apostrophe before it.
//
// https://owasp.org/www-community/attacks/CSV_Injection
func cell(s string) string {
	s = Visible(s)
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, " '\"")); strings.ContainsRune("=+-@＝＋－＠", first) {
		return "'" + s
	}
	return s
}

// JSONTerminal writes JSON to a terminal: characters that could command it are
// escaped, which changes no value.
func JSONTerminal(w io.Writer) io.Writer { return jsonTerminal{w} }

type jsonTerminal struct{ w io.Writer }

// Write implements io.Writer. A character must be in one Write.
func (t jsonTerminal) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i := range lines {
		lines[i] = Visible(lines[i])
	}
	if _, err := io.WriteString(t.w, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}
