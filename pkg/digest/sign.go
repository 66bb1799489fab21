package digest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrSignature says that a digest file is not what was signed.
var ErrSignature = errors.New("the signature does not match")

// Signed is a digest file ready for delivery.
type Signed struct {
	Digest    Digest
	Inflated  []byte // its JSON, before gzip
	Signature string // hexadecimal; the object's metadata MetadataSignature
}

// Sign fills in the algorithm and the link to the previous digest (nil for the
// first of a chain), and signs.
func Sign(d Digest, previous *Signed, key *rsa.PrivateKey) (Signed, error) {
	d.DigestSignatureAlgorithm = signatureAlgorithm
	if d.LogFiles == nil {
		d.LogFiles = []LogFile{} // an empty digest has [], not null
	}
	if previous != nil {
		hash, algorithm, signature := Hash(previous.Inflated), hashAlgorithm, previous.Signature
		bucket, object := previous.Digest.DigestS3Bucket, previous.Digest.DigestS3Object
		d.PreviousDigestS3Bucket, d.PreviousDigestS3Object = &bucket, &object
		d.PreviousDigestHashValue, d.PreviousDigestHashAlgorithm = &hash, &algorithm
		d.PreviousDigestSignature = &signature
	}
	inflated, err := json.Marshal(d)
	if err != nil {
		return Signed{}, fmt.Errorf("signing %q: %w", d.DigestS3Object, err)
	}
	sum := sha256.Sum256([]byte(stringToSign(d, inflated)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return Signed{}, fmt.Errorf("signing %q: %w", d.DigestS3Object, err)
	}
	return Signed{Digest: d, Inflated: inflated, Signature: hex.EncodeToString(signature)}, nil
}

// CheckSignature holds a digest file against its signature; the error wraps ErrSignature.
func CheckSignature(d Digest, inflated []byte, signature string, key *rsa.PublicKey) error {
	raw, err := hex.DecodeString(signature)
	if err != nil {
		return fmt.Errorf("%w: it is not hexadecimal", ErrSignature)
	}
	sum := sha256.Sum256([]byte(stringToSign(d, inflated)))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], raw); err != nil {
		return ErrSignature
	}
	return nil
}

// stringToSign is what CloudTrail signs: the end of the digest's hour, the path
// it was delivered to, its hash, and the signature before it.
func stringToSign(d Digest, inflated []byte) string {
	previous := "null"
	if d.PreviousDigestSignature != nil {
		previous = *d.PreviousDigestSignature
	}
	return d.DigestEndTime + "\n" + d.DigestS3Bucket + "/" + d.DigestS3Object + "\n" + Hash(inflated) + "\n" + previous
}

// Hash is the hexadecimal SHA-256 of inflated contents.
func Hash(inflated []byte) string {
	sum := sha256.Sum256(inflated)
	return hex.EncodeToString(sum[:])
}
