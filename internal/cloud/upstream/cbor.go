package upstream

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/aws/smithy-go/encoding/cbor"
)

func isCBOR(contentType string) bool { return strings.HasPrefix(contentType, "application/cbor") }

// cborTree gives a document of RPC v2 CBOR in the forms that JSON has, or nil
// for what is none.
func cborTree(data []byte) map[string]any {
	v, err := cbor.Decode(data)
	if err != nil {
		return nil
	}
	object, _ := plain(v).(map[string]any)
	return object
}

// plain gives a value in a form of JSON: bytes in base64, and a time as records
// have the times of requests and answers.
func plain(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		object := make(map[string]any, len(v))
		for name, below := range v {
			object[name] = plain(below)
		}
		return object
	case cbor.List:
		list := make([]any, len(v))
		for i, below := range v {
			list[i] = plain(below)
		}
		return list
	case *cbor.Tag:
		return plainTag(v)
	case cbor.Uint:
		return json.Number(strconv.FormatUint(uint64(v), 10))
	case cbor.NegInt:
		return json.Number("-" + strconv.FormatUint(uint64(v), 10))
	case cbor.Float32:
		return plainFloat(float64(v))
	case cbor.Float64:
		return plainFloat(float64(v))
	case cbor.Slice:
		return base64.StdEncoding.EncodeToString(v)
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	}
	return nil
}

// plainTag gives a time, which has the tag 1, or what another tag is about.
func plainTag(t *cbor.Tag) any {
	below := plain(t.Value)
	number, isNumber := below.(json.Number)
	seconds, err := strconv.ParseFloat(string(number), 64)
	if t.ID != 1 || !isNumber || err != nil || math.Abs(seconds) > 1e11 {
		return below
	}
	return time.UnixMilli(int64(seconds * 1000)).UTC().Format("Jan 2, 2006, 3:04:05 PM")
}

// plainFloat gives a number, or a text for what JSON lacks.
func plainFloat(f float64) any {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return text
	}
	return json.Number(text)
}
