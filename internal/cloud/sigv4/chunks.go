package sigv4

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"hash"
	"strings"
)

// chunkSigner checks the signatures of a chunked body: each chunk's covers the one before
// it, the first the request's own.
// Source: "Signature Calculations for the Authorization Header: Transferring Payload in
// Multiple Chunks" (Amazon S3 API Reference).
type chunkSigner struct {
	scope    Scope
	key      []byte
	previous string
	claimed  string
	data     hash.Hash
}

func newChunkSigner(s Scope, secret string) *chunkSigner {
	return &chunkSigner{scope: s, key: s.key(secret), previous: s.Signature, data: sha256.New()}
}

func (c *chunkSigner) open(signature string) {
	c.claimed = signature
	c.data.Reset()
}

func (c *chunkSigner) write(data []byte) { c.data.Write(data) }

// closeChunk reports whether the chunk has the signature that its header claimed.
func (c *chunkSigner) closeChunk() bool {
	empty := sha256.Sum256(nil)
	return c.check("PAYLOAD", hex.EncodeToString(empty[:])+"\n"+hex.EncodeToString(c.data.Sum(nil)))
}

// trailer reports whether the trailers (NAME:VALUE\n) have the claimed signature.
func (c *chunkSigner) trailer(lines, signature string) bool {
	c.claimed = signature
	digest := sha256.Sum256([]byte(lines))
	return c.check("TRAILER", hex.EncodeToString(digest[:]))
}

func (c *chunkSigner) check(kind, hashes string) bool {
	text := strings.Join([]string{algorithm + "-" + kind, c.scope.Time.Format(timeFormat), c.scope.credentialScope(), c.previous, hashes}, "\n")
	c.previous = hex.EncodeToString(sum(c.key, text))
	return subtle.ConstantTimeCompare([]byte(c.previous), []byte(c.claimed)) == 1
}
