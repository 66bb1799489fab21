// Package digest is CloudTrail's log file integrity: digest files that name the
// log files of an hour with their hashes, each signed, and each holding the
// signature and hash of the one before it.
//
// Source: AWS CloudTrail User Guide, "CloudTrail digest file structure" and
// "Custom implementations of CloudTrail log file integrity validation".
package digest

import (
	"encoding/json"
	"fmt"
	"time"
)

const (
	hashAlgorithm      = "SHA-256"
	signatureAlgorithm = "SHA256withRSA"
	timeLayout         = "2006-01-02T15:04:05Z"
)

// Names of the digest object's metadata that hold its signature.
const (
	MetadataSignature = "signature"           // hexadecimal
	MetadataAlgorithm = "signature-algorithm" // SHA256withRSA
)

// Digest is a digest file. Times are UTC, to the second; hashes are hexadecimal
// SHA-256 of inflated contents. Pointers are null in the first file of a chain,
// and in a file without log files.
type Digest struct {
	AWSAccountID                string    `json:"awsAccountId"`
	DigestStartTime             string    `json:"digestStartTime"`
	DigestEndTime               string    `json:"digestEndTime"`
	DigestS3Bucket              string    `json:"digestS3Bucket"`
	DigestS3Object              string    `json:"digestS3Object"`
	DigestPublicKeyFingerprint  string    `json:"digestPublicKeyFingerprint"`
	DigestSignatureAlgorithm    string    `json:"digestSignatureAlgorithm"`
	NewestEventTime             *string   `json:"newestEventTime"`
	OldestEventTime             *string   `json:"oldestEventTime"`
	PreviousDigestS3Bucket      *string   `json:"previousDigestS3Bucket"`
	PreviousDigestS3Object      *string   `json:"previousDigestS3Object"`
	PreviousDigestHashValue     *string   `json:"previousDigestHashValue"`
	PreviousDigestHashAlgorithm *string   `json:"previousDigestHashAlgorithm"`
	PreviousDigestSignature     *string   `json:"previousDigestSignature"`
	LogFiles                    []LogFile `json:"logFiles"`
}

// LogFile is a log file that a digest vouches for.
type LogFile struct {
	S3Bucket        string `json:"s3Bucket"`
	S3Object        string `json:"s3Object"`
	HashValue       string `json:"hashValue"`
	HashAlgorithm   string `json:"hashAlgorithm"`
	NewestEventTime string `json:"newestEventTime"`
	OldestEventTime string `json:"oldestEventTime"`
}

// Parse reads an inflated digest file.
func Parse(inflated []byte) (Digest, error) {
	var d Digest
	if err := json.Unmarshal(inflated, &d); err != nil {
		return Digest{}, fmt.Errorf("digest file: %w", err)
	}
	if d.DigestS3Object == "" || d.DigestEndTime == "" {
		return Digest{}, fmt.Errorf("digest file: digestS3Object or digestEndTime is missing")
	}
	return d, nil
}

// FormatTime gives a time as digests write it.
func FormatTime(t time.Time) string { return t.UTC().Format(timeLayout) }
