package sigv4

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// The examples of the S3 API Reference, "Transferring Payload in Multiple Chunks", with
// and without trailing headers: 66560 times the letter a, in chunks of 64 KiB.
func documentedScope(seed string) Scope {
	return Scope{AccessKeyID: testID, Date: "20130524", Region: "us-east-1", Service: "s3", Signature: seed, Time: time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)}
}

func documentedPlain() string { return strings.Repeat("a", 66560) }

func documentedBody(first, second, last string) string {
	return "10000;chunk-signature=" + first + "\r\n" + strings.Repeat("a", 65536) + "\r\n" +
		"400;chunk-signature=" + second + "\r\n" + strings.Repeat("a", 1024) + "\r\n" +
		"0;chunk-signature=" + last + "\r\n"
}

func signedBody() string {
	return documentedBody("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") + "\r\n"
}

const signedSeed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"

func trailedBody() string {
	return documentedBody("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992") +
		"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
}

const trailedSeed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"

// chunkedRequest is a request whose body is sent in chunks.
func chunkedRequest(kind, trailer string, length int, body io.Reader) *http.Request {
	r := httptest.NewRequest(http.MethodPut, "/bucket/key", body)
	r.Header.Set("X-Amz-Content-Sha256", kind)
	r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(length))
	if trailer != "" {
		r.Header.Set("X-Amz-Trailer", trailer)
	}
	return r
}

func decode(r *http.Request, s Scope, secret string) (string, error) {
	b, err := OpenBody(r, s, secret)
	if err != nil {
		return "", err
	}
	plain, err := io.ReadAll(b)
	return string(plain), err
}

func TestTheDocumentedExamplesDecode(t *testing.T) {
	for name, tc := range map[string]struct{ kind, trailer, seed, body string }{
		"signed chunks":             {streamingSigned, "", signedSeed, signedBody()},
		"signed chunks and trailer": {streamingSignedTrailer, "x-amz-checksum-crc32c", trailedSeed, trailedBody()},
	} {
		t.Run(name, func(t *testing.T) {
			r := chunkedRequest(tc.kind, tc.trailer, len(documentedPlain()), iotest.OneByteReader(strings.NewReader(tc.body)))
			got, err := decode(r, documentedScope(tc.seed), testSecret)
			if err != nil || got != documentedPlain() {
				t.Errorf("decoded %d bytes, error %v", len(got), err)
			}
		})
	}
}

// TestWhateverChangesIsFoundBeforeTheLastByte changes the documented bodies in every part.
func TestWhateverChangesIsFoundBeforeTheLastByte(t *testing.T) {
	body := trailedBody()
	for name, tc := range map[string]struct{ body, code string }{
		"a byte of the first chunk":   {strings.Replace(body, "aaaa", "aaba", 1), "SignatureDoesNotMatch"},
		"a byte of the last chunk":    {strings.Replace(body, "aa\r\n0;", "ab\r\n0;", 1), "SignatureDoesNotMatch"},
		"a chunk's signature":         {strings.Replace(body, "=1c1344", "=2c1344", 1), "SignatureDoesNotMatch"},
		"the last chunk's signature":  {strings.Replace(body, "=2ca2ab", "=3ca2ab", 1), "SignatureDoesNotMatch"},
		"the trailer's signature":     {strings.Replace(body, ":d81f82", ":e81f82", 1), "SignatureDoesNotMatch"},
		"the checksum":                {strings.Replace(body, "sOO8/Q==", "sOO8/A==", 1), "BadDigest"},
		"the checksum's absence":      {strings.Replace(body, "x-amz-checksum-crc32c:sOO8/Q==\r\n", "", 1), "MalformedTrailerError"},
		"a chunk's size, too long":    {strings.Replace(body, "400;", "401;", 1), "InvalidRequest"},
		"a chunk's size, too short":   {strings.Replace(body, "400;", "3ff;", 1), "InvalidRequest"},
		"a chunk's size, no number":   {strings.Replace(body, "400;", "4z0;", 1), "InvalidRequest"},
		"a chunk's size, negative":    {strings.Replace(body, "400;", "-400;", 1), "InvalidRequest"},
		"the end within the data":     {body[:70000-4000], "IncompleteBody"},
		"the end before the trailers": {body[:strings.Index(body, "\r\n0;")+2], "IncompleteBody"},
		"a header without an end":     {strings.Repeat("1", 1<<20), "InvalidRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			r := chunkedRequest(streamingSignedTrailer, "x-amz-checksum-crc32c", len(documentedPlain()), strings.NewReader(tc.body))
			got, err := decode(r, documentedScope(trailedSeed), testSecret)
			wantCode(t, err, tc.code)
			if len(got) >= len(documentedPlain()) {
				t.Errorf("all %d bytes were given in spite of %v", len(got), err)
			}
		})
	}
}

func unsignedChunks(trailer, checksum string, chunks ...string) string {
	var b strings.Builder
	for _, c := range chunks {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(c), c)
	}
	return b.String() + "0\r\n" + trailer + ":" + checksum + "\r\n\r\n"
}

// The check values are those of the text 123456789 in the catalogue of parametrised CRC
// algorithms, and of sha1sum and sha256sum.
func TestTrailingChecksumsAreChecked(t *testing.T) {
	for trailer, checksum := range map[string]string{
		"x-amz-checksum-crc32":     "y/Q5Jg==",
		"x-amz-checksum-crc32c":    "4waSgw==",
		"x-amz-checksum-crc64nvme": "rosUhgp5mIg=",
		"x-amz-checksum-sha1":      "98O8HYCOBHMq32eZZczDTKeuNEE=",
		"x-amz-checksum-sha256":    "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
	} {
		t.Run(trailer, func(t *testing.T) {
			good := chunkedRequest(streamingUnsignedTrailer, trailer, 9, strings.NewReader(unsignedChunks(trailer, checksum, "1234", "56789")))
			got, err := decode(good, Scope{}, testSecret)
			if err != nil || got != "123456789" {
				t.Errorf("decoded %q, error %v", got, err)
			}
			bad := chunkedRequest(streamingUnsignedTrailer, trailer, 9, strings.NewReader(unsignedChunks(trailer, checksum, "1234", "56780")))
			_, err = decode(bad, Scope{}, "")
			wantCode(t, err, "BadDigest")
		})
	}
}

func TestHeadersThatAnnounceNoBodyAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		kind, length, trailer, code string
	}{
		"no decoded length":              {streamingSigned, "", "", "MissingContentLength"},
		"a negative decoded length":      {streamingSigned, "-1", "", "MissingContentLength"},
		"a checksum that S3 has not":     {streamingUnsignedTrailer, "9", "x-amz-checksum-md2", "InvalidRequest"},
		"a signature that S3 has not":    {"STREAMING-ED25519", "9", "", "InvalidRequest"},
		"an asymmetric one (not served)": {"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "9", "", "InvalidRequest"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPut, "/b/k", nil)
			r.Header.Set("X-Amz-Content-Sha256", tc.kind)
			r.Header.Set("X-Amz-Decoded-Content-Length", tc.length)
			r.Header.Set("X-Amz-Trailer", tc.trailer)
			_, err := OpenBody(r, Scope{}, "")
			wantCode(t, err, tc.code)
		})
	}
}

func TestAClientThatGoesAwayIsNotTheEnd(t *testing.T) {
	gone := errors.New("connection reset")
	body := io.MultiReader(strings.NewReader("9\r\n1234"), iotest.ErrReader(gone))
	b, err := OpenBody(chunkedRequest(streamingUnsignedTrailer, "x-amz-checksum-crc32", 9, body), Scope{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(b); !errors.Is(err, gone) || !errors.Is(b.Err(), gone) {
		t.Errorf("error = %v, kept %v", err, b.Err())
	}
}

func TestAForwardedBodyKeepsItsChecksum(t *testing.T) {
	const trailer = "x-amz-checksum-crc32"
	for _, size := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 3*chunkSize + 7} {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			plain := bytes.Repeat([]byte("x"), size)
			var sum [4]byte
			crc := crc32.ChecksumIEEE(plain)
			sum = [4]byte{byte(crc >> 24), byte(crc >> 16), byte(crc >> 8), byte(crc)}
			var chunks []string
			if size > 0 {
				chunks = []string{string(plain)}
			}
			in := chunkedRequest(streamingUnsignedTrailer, trailer, size, strings.NewReader(unsignedChunks(trailer, base64.StdEncoding.EncodeToString(sum[:]), chunks...)))
			b, err := OpenBody(in, Scope{}, "")
			if err != nil {
				t.Fatal(err)
			}
			out := &http.Request{Header: http.Header{"Content-Encoding": {"aws-chunked,gzip"}}}
			hash := b.Forward(out, true)
			sent, err := io.ReadAll(out.Body)
			if err != nil {
				t.Fatal(err)
			}
			if int64(len(sent)) != out.ContentLength {
				t.Errorf("sent %d bytes, announced %d", len(sent), out.ContentLength)
			}
			if got := out.Header.Get("Content-Encoding"); got != "gzip" {
				t.Errorf("Content-Encoding = %q", got)
			}
			again, err := decode(chunkedRequest(hash, out.Header.Get("X-Amz-Trailer"), size, bytes.NewReader(sent)), Scope{}, "")
			if err != nil || again != string(plain) {
				t.Errorf("decoded %d bytes again, error %v", len(again), err)
			}
		})
	}
}

func TestAPlainBodyIsForwardedAsItIs(t *testing.T) {
	in := httptest.NewRequest(http.MethodPut, "/b/k", strings.NewReader("body"))
	in.Header.Set("X-Amz-Content-Sha256", hashOf("body"))
	b, err := OpenBody(in, Scope{}, testSecret)
	if err != nil {
		t.Fatal(err)
	}
	out := &http.Request{Header: make(http.Header)}
	if hash := b.Forward(out, true); hash != hashOf("body") || out.ContentLength != 4 {
		t.Errorf("hash %s, length %d", hash, out.ContentLength)
	}
	if sent, err := io.ReadAll(out.Body); string(sent) != "body" || err != nil {
		t.Errorf("sent %q, error %v", sent, err)
	}
}

func TestAFramedBodyThatBreaksOffIsNotWhole(t *testing.T) {
	gone := errors.New("gone")
	for name, tc := range map[string]struct {
		body io.Reader
		want error
	}{
		"a body that is whole":  {strings.NewReader("123456789"), nil},
		"a body that fails":     {io.MultiReader(strings.NewReader("1234"), iotest.ErrReader(gone)), gone},
		"a body that ends soon": {strings.NewReader("1234"), io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			out := &http.Request{Header: make(http.Header)}
			hash := NewBody(tc.body, 9).Forward(out, true)
			sent, err := io.ReadAll(out.Body)
			if !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			got, err := decode(chunkedRequest(hash, "", 9, bytes.NewReader(sent)), Scope{}, "")
			if whole := err == nil && got == "123456789"; whole != (tc.want == nil) {
				t.Errorf("decoded %q, error %v", got, err)
			}
		})
	}
}

// FuzzDecoder holds that a body which decodes without error has exactly the announced
// length and checksum, and that no other input panics or gives all its bytes.
func FuzzDecoder(f *testing.F) {
	const trailer = "x-amz-checksum-crc32"
	f.Add([]byte(unsignedChunks(trailer, "y/Q5Jg==", "1234", "56789")), 9)
	f.Add([]byte(unsignedChunks(trailer, "y/Q5Jg==", "123456789")), 8)
	f.Add([]byte(unsignedChunks(trailer, "AAAAAA==")), 0)
	f.Add([]byte("9;chunk-signature=00\r\n123456789\r\n0;chunk-signature=00\r\n\r\n"), 9)
	f.Fuzz(func(t *testing.T, body []byte, length int) {
		if length < 0 || length > 1<<20 {
			return
		}
		got, err := decode(chunkedRequest(streamingUnsignedTrailer, trailer, length, bytes.NewReader(body)), Scope{}, "")
		if err == nil && len(got) != length {
			t.Errorf("gave %d bytes of %d without an error", len(got), length)
		}
		if err != nil && len(got) >= length && length > 0 {
			t.Errorf("gave all %d bytes in spite of %v", length, err)
		}
		if err == nil && !strings.Contains(string(body), base64.StdEncoding.EncodeToString(bigEndian(crc32.ChecksumIEEE([]byte(got))))) {
			t.Errorf("accepted %q, whose checksum is not in the body", got)
		}
	})
}

func bigEndian(n uint32) []byte { return []byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)} }
