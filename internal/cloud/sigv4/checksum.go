package sigv4

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"strings"
)

const (
	checksumPrefix = "x-amz-checksum-"
	crc64NVME      = 0x9a6c9329ac4bc9b5 // the polynomial of NVM Express, bits reversed
)

// newChecksum gives the hash of a trailer such as x-amz-checksum-crc32, and nil for one
// that S3 does not know.
// Source: "Checking object integrity" (Amazon S3 User Guide).
func newChecksum(trailer string) hash.Hash {
	switch strings.TrimPrefix(trailer, checksumPrefix) {
	case "crc32":
		return crc32.NewIEEE()
	case "crc32c":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case "crc64nvme":
		return crc64.New(crc64.MakeTable(crc64NVME))
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	}
	return nil
}

func encodeChecksum(h hash.Hash) string { return base64.StdEncoding.EncodeToString(h.Sum(nil)) }
