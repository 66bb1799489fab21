// Package genlogs writes CloudTrail log files for tests and benchmarks: the
// same arguments give the same bytes. A record has 1,836 bytes on average, as
// in the logs of a busy account.
package genlogs

import (
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/klauspost/compress/gzip"
)

// Entropy is how much the records of a file differ from each other.
type Entropy uint8

// The entropies.
const (
	Low  Entropy = iota // few principals, sessions and resources: compresses some 12 times
	High                // new identifiers in most fields: some 9 times
)

// WriteFile writes one gzipped log file.
func WriteFile(w io.Writer, seed uint64, records int, e Entropy) error {
	gz, err := gzip.NewWriterLevel(w, 6)
	if err != nil {
		return fmt.Errorf("compressing generated logs: %w", err)
	}
	if err := WriteJSON(gz, seed, records, e); err != nil {
		return err
	}
	if err := gz.Close(); err != nil {
		return fmt.Errorf("compressing generated logs: %w", err)
	}
	return nil
}

// WriteJSON writes what WriteFile compresses.
func WriteJSON(w io.Writer, seed uint64, records int, e Entropy) error {
	g := newGenerator(seed, e)
	buf := []byte(`{"Records":[`)
	for i := range records {
		if i > 0 {
			buf = append(buf, ',')
		}
		buf = g.record(buf, i)
		if _, err := w.Write(buf); err != nil {
			return fmt.Errorf("writing generated logs: %w", err)
		}
		buf = buf[:0]
	}
	if _, err := w.Write(append(buf, `]}`...)); err != nil {
		return fmt.Errorf("writing generated logs: %w", err)
	}
	return nil
}

// generator draws records. Identifiers come from a pool at Low, and are new
// each time at High.
type generator struct {
	rand    *rand.Rand
	entropy Entropy
	pool    [64]string
	calls   []call
}

func newGenerator(seed uint64, e Entropy) *generator {
	g := &generator{rand: rand.New(rand.NewPCG(seed, uint64(e))), entropy: e, calls: calls()}
	for i := range g.pool {
		g.pool[i] = fmt.Sprintf("%016x", g.rand.Uint64())
	}
	return g
}

// id gives 16 hexadecimal digits.
func (g *generator) id() string {
	if g.entropy == Low {
		return g.pool[g.rand.IntN(len(g.pool))]
	}
	return fmt.Sprintf("%016x", g.rand.Uint64())
}

// token gives 76 characters of base64.
func (g *generator) token() string {
	var raw [57]byte
	for i := range raw {
		raw[i] = byte(g.rand.Uint32())
	}
	if g.entropy == Low {
		copy(raw[:], g.id()+g.id()+g.id())
	}
	return base64.StdEncoding.EncodeToString(raw[:])
}

// uuid gives an identifier that is new at any entropy, as eventID must be.
func (g *generator) uuid() string {
	a, b := g.rand.Uint64(), g.rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48, b&0xffffffffffff)
}

// record appends the i-th record.
func (g *generator) record(b []byte, i int) []byte {
	c := g.calls[g.rand.IntN(len(g.calls))]
	second := i / 8 % 86400
	b = g.identity(append(b, `{"eventVersion":"1.11",`...))
	b = fmt.Appendf(b, `"eventTime":"2025-06-15T%02d:%02d:%02dZ","eventSource":%q,"eventName":%q,"awsRegion":"eu-west-1",`,
		second/3600, second/60%60, second%60, c.source, c.name)
	b = fmt.Appendf(b, `"sourceIPAddress":"10.%d.%d.17","userAgent":"[aws-sdk-java/2.25.%d Linux/5.10.214 Java/17.0.10 exec-env/AWS_ECS_FARGATE io/sync cfg/retry-mode/standard]",`,
		g.rand.IntN(16), g.rand.IntN(256), g.rand.IntN(8))
	if g.rand.IntN(25) == 0 {
		b = append(b, `"errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action because no identity-based policy allows it",`...)
	}
	b = fmt.Appendf(b, `"requestParameters":`+c.request+`,"responseElements":`+c.response+`,`, g.args(c.ids)...)
	b = fmt.Appendf(b, `"requestID":"%s","eventID":"%s","readOnly":%t,`, g.uuid(), g.uuid(), c.readOnly)
	return g.ending(b, c)
}

// identity appends userIdentity: a role's session.
func (g *generator) identity(b []byte) []byte {
	role, session := g.pool[g.rand.IntN(12)][:6], g.id()
	return fmt.Appendf(b, `"userIdentity":{"type":"AssumedRole","principalId":"AROA%[1]sEXAMPLE:%[2]s",`+
		`"arn":"arn:aws:sts::111122223333:assumed-role/service-%[1]s/%[2]s","accountId":"111122223333","accessKeyId":"ASIA%[3]s",`+
		`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%[1]sEXAMPLE","arn":"arn:aws:iam::111122223333:role/service-%[1]s",`+
		`"accountId":"111122223333","userName":"service-%[1]s"},"webIdFederationData":{},`+
		`"attributes":{"creationDate":"2025-06-15T00:04:11Z","mfaAuthenticated":"false"}}},`, role, session, g.id())
}

// args draws the identifiers of a call's parameters.
func (g *generator) args(n int) []any {
	ids := make([]any, n)
	for i := range ids {
		ids[i] = g.id()
	}
	return ids
}

// ending appends what comes behind readOnly.
func (g *generator) ending(b []byte, c call) []byte {
	if c.resource != "" {
		b = fmt.Appendf(b, `"resources":[`+c.resource+`],`, g.id())
	}
	b = fmt.Appendf(b, `"eventType":"AwsApiCall","managementEvent":%t,"recipientAccountId":"111122223333","eventCategory":%q,`,
		c.category == "Management", c.category)
	b = fmt.Appendf(b, `"additionalEventData":{"AuthenticationMethod":"AuthHeader","x-amz-id-2":%q},`, g.token())
	return fmt.Appendf(b, `"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"%s"}}`, c.host)
}
