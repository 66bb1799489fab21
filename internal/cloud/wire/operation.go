package wire

import (
	"bytes"
	"context"
	"crypto/tls"
	"net/http"
	"strings"
)

// Op makes an Operation of a function over the SDK's Input and Output structs.
// The function answers with an output or with an error; a *Fault reaches the
// caller as it is, any other error as InternalFailure. A nil output is an
// empty answer.
func Op[I, O any](f func(ctx context.Context, c Caller, in *I) (*O, error)) Operation {
	return operation[I, O](f)
}

type operation[I, O any] func(ctx context.Context, c Caller, in *I) (*O, error)

func (f operation[I, O]) run(ctx context.Context, c Caller, body []byte) (request, response any, err error) {
	in := new(I)
	if len(bytes.TrimSpace(body)) > 0 {
		if err := Unmarshal(body, in); err != nil {
			return nil, nil, err
		}
	}
	out, err := f(ctx, c, in)
	if err != nil {
		return in, nil, err
	}
	if out == nil {
		out = new(O)
	}
	return in, out, nil
}

// tlsOf describes a request's connection, or gives nil where it is in the clear.
func tlsOf(r *http.Request) *TLS {
	if r.TLS == nil {
		return nil
	}
	return &TLS{
		Version:     strings.ReplaceAll(tls.VersionName(r.TLS.Version), " ", "v"),
		CipherSuite: tls.CipherSuiteName(r.TLS.CipherSuite),
		Host:        r.Host,
	}
}
