package wire_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// peer stands for the service in a client of the SDK: it decodes the request
// into an Input, and answers with an Output, encoded.
type peer struct {
	input  any
	output any
}

func (p *peer) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if err := wire.Unmarshal(body, p.input); err != nil {
		return nil, err
	}
	answer, err := wire.Marshal(p.output)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {r.Header.Get("Content-Type")}},
		Body: io.NopCloser(bytes.NewReader(answer)), Request: r,
	}, nil
}

// fill gives every member of an SDK struct a value of its own.
func fill(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.UnixMilli(1700000000123).UTC()))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				fill(v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth+1)
		fill(v.Index(1), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		item := reflect.New(v.Type().Elem()).Elem()
		fill(item, depth+1)
		v.SetMapIndex(reflect.ValueOf("a key").Convert(v.Type().Key()), item)
	case reflect.String:
		v.SetString(`text with "quotes" & <brackets> é`)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8:
		v.SetUint(uint64(200 + depth))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(0.5)
	default:
		panic("no value for a " + v.Type().String())
	}
}

// TestTheSDKAndTheCodecAgreeOnEveryOperation sends every member of every
// operation through the SDK's own serializers and deserializers.
func TestTheSDKAndTheCodecAgreeOnEveryOperation(t *testing.T) {
	who := credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "secret", "")
	services := map[string]func(*peer) any{
		"cloudtrail": func(p *peer) any {
			return cloudtrail.New(cloudtrail.Options{Region: "us-east-2", Credentials: who, HTTPClient: p})
		},
		"eventbridge": func(p *peer) any {
			return eventbridge.New(eventbridge.Options{Region: "us-east-2", Credentials: who, HTTPClient: p})
		},
		"sqs": func(p *peer) any {
			return sqs.New(sqs.Options{Region: "us-east-2", Credentials: who, HTTPClient: p, DisableMessageChecksumValidation: true})
		},
	}
	atLeast := map[string]int{"cloudtrail": 60, "eventbridge": 57, "sqs": 23}
	for name, client := range services {
		t.Run(name, func(t *testing.T) {
			p := &peer{}
			c := reflect.ValueOf(client(p))
			operations := 0
			for i := range c.NumMethod() {
				m := c.Type().Method(i)
				if m.Type.NumIn() != 4 || m.Type.NumOut() != 2 || !strings.HasSuffix(m.Type.In(2).String(), "Input") {
					continue
				}
				operations++
				t.Run(m.Name, func(t *testing.T) { roundTrip(t, p, c.Method(i)) })
			}
			if operations < atLeast[name] {
				t.Errorf("%d operations were tried, want at least %d", operations, atLeast[name])
			}
		})
	}
}

func roundTrip(t *testing.T, p *peer, operation reflect.Value) {
	in := reflect.New(operation.Type().In(1).Elem())
	fill(in.Elem(), 0)
	if f := in.Elem().FieldByName("EndpointId"); f.IsValid() {
		f.SetZero() // a global endpoint would need another kind of signature
	}
	p.input = reflect.New(in.Type().Elem()).Interface()
	output := reflect.New(operation.Type().Out(0).Elem())
	fill(output.Elem(), 0)
	p.output = output.Interface()

	results := operation.Call([]reflect.Value{reflect.ValueOf(context.Background()), in})
	if err, _ := results[1].Interface().(error); err != nil {
		t.Fatalf("the SDK refuses the answer: %v", err)
	}
	if !reflect.DeepEqual(p.input, in.Interface()) {
		t.Errorf("the request arrived differently (-sent +arrived):\n%s", cmp.Diff(tree(t, in.Interface()), tree(t, p.input)))
	}
	got := results[0].Elem()
	got.FieldByName("ResultMetadata").SetZero()
	if !reflect.DeepEqual(got.Interface(), output.Elem().Interface()) {
		t.Errorf("the answer arrived differently (-sent +arrived):\n%s", cmp.Diff(tree(t, p.output), tree(t, got.Interface())))
	}
}

// tree gives a struct in a form that reads well in a difference.
func tree(t *testing.T, v any) any {
	t.Helper()
	out, err := wire.Tree(v, func(_ reflect.Type, field string) string { return field }, func(at time.Time) any { return at.String() })
	if err != nil {
		t.Fatal(err)
	}
	return out
}
