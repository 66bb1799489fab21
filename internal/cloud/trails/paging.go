package trails

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// asked is what a request asks for, in short. A token belongs to it.
type asked [8]byte

// question sums the parameters that a token must be used with again.
func question(parameters ...any) asked {
	b, _ := json.Marshal(parameters) // strings and times, which always encode
	sum := sha256.Sum256(b)
	return asked(sum[:8])
}

// token gives the token for the page that begins at next; nil if there is none.
func (a asked) token(next string) *string {
	if next == "" {
		return nil
	}
	s := base64.RawURLEncoding.EncodeToString(append(a[:], next...))
	return &s
}

// resume gives where the page begins that a token stands for.
func (a asked) resume(token string) (next string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) <= len(a) || asked(b[:len(a)]) != a {
		return "", false
	}
	return string(b[len(a):]), true
}
