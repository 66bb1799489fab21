package digest

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Validity is when a public key was in use; a zero end is open.
type Validity struct{ Start, End time.Time }

func (v Validity) holds(at time.Time) bool {
	return !at.Before(v.Start) && (v.End.IsZero() || !at.After(v.End))
}

// PublicKeys are keys by their fingerprints.
type PublicKeys struct {
	Keys     map[string]*rsa.PublicKey
	Validity map[string]Validity
}

// NewPublicKeys returns no keys yet.
func NewPublicKeys() PublicKeys {
	return PublicKeys{Keys: map[string]*rsa.PublicKey{}, Validity: map[string]Validity{}}
}

// Add takes a key as ListPublicKeys gives it: DER, PKCS #1.
func (p PublicKeys) Add(fingerprint string, der []byte, valid Validity) error {
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		return fmt.Errorf("public key %s: %w", fingerprint, err)
	}
	p.Keys[fingerprint], p.Validity[fingerprint] = key, valid
	return nil
}

// AddJSON takes the answer of ListPublicKeys, as `aws cloudtrail
// list-public-keys` prints it. Names match exactly.
func (p PublicKeys) AddJSON(raw []byte) error {
	var answer map[string]json.RawMessage
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("public keys: %w", err)
	}
	if err := json.Unmarshal(answer["PublicKeyList"], &list); err != nil {
		return errors.New("public keys: there is no PublicKeyList, as `aws cloudtrail list-public-keys` prints it")
	}
	for i, key := range list {
		if err := p.addKey(key); err != nil {
			return fmt.Errorf("public keys: PublicKeyList[%d]: %w", i, err)
		}
	}
	return nil
}

func (p PublicKeys) addKey(key map[string]json.RawMessage) error {
	var value, fingerprint string
	if err := errors.Join(json.Unmarshal(key["Value"], &value), json.Unmarshal(key["Fingerprint"], &fingerprint)); err != nil {
		return errors.New("a Value or Fingerprint is missing or no text")
	}
	der, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return fmt.Errorf("its Value is not base64: %w", err)
	}
	start, err1 := keyTime(key["ValidityStartTime"])
	end, err2 := keyTime(key["ValidityEndTime"])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	return p.Add(fingerprint, der, Validity{start, end})
}

// keyTime reads a time as the aws cli prints it: RFC 3339 in version 2, seconds
// since 1970 in version 1. Absent is the zero time.
func keyTime(raw json.RawMessage) (time.Time, error) {
	var seconds float64
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return time.Time{}, nil
	case json.Unmarshal(raw, &seconds) == nil:
		return time.UnixMilli(int64(seconds * 1000)).UTC(), nil
	case json.Unmarshal(raw, &text) == nil:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return time.Time{}, fmt.Errorf("validity %q is no time", text)
		}
		return t, nil
	}
	return time.Time{}, fmt.Errorf("validity %s is no time", raw)
}
