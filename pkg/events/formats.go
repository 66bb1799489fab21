package events

import "bytes"

// format names what bytes begin as, when it is something that is known and
// neither gzip nor a log file; else it is empty.
func format(head []byte) string {
	for _, f := range [...]struct{ magic, name string }{
		{"\x28\xb5\x2f\xfd", "zstd"},
		{"BZh", "bzip2"},
		{"\xfd7zXZ\x00", "xz"},
		{"PK\x03\x04", "zip"},
		{"\x04\x22\x4d\x18", "lz4"},
		{"PAR1", "Parquet"},
		{"\x78\x01", "zlib"},
		{"\x78\x9c", "zlib"},
		{"\x78\xda", "zlib"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	return ""
}

const (
	gzipMagic = "\x1f\x8b"
	utf8BOM   = "\xef\xbb\xbf"
)

// wideText names the encoding of text in 16 or 32 bits a character, with a
// byte order mark or, as JSON begins with two ASCII characters, without.
func wideText(head []byte) string {
	for _, f := range [...]struct{ magic, name string }{
		{"\xff\xfe\x00\x00", "UTF-32, little endian"},
		{"\x00\x00\xfe\xff", "UTF-32, big endian"},
		{"{\x00\x00\x00", "UTF-32, little endian"},
		{"\x00\x00\x00{", "UTF-32, big endian"},
		{"\xff\xfe", "UTF-16, little endian"},
		{"\xfe\xff", "UTF-16, big endian"},
		{"{\x00", "UTF-16, little endian"},
		{"\x00{", "UTF-16, big endian"},
	} {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return f.name
		}
	}
	return ""
}
