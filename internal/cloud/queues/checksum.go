package queues

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// attributesMD5 is the checksum of message attributes that SQS answers, nil for
// none. Source: Amazon SQS Developer Guide, "Calculating the MD5 message digest
// for message attributes".
func attributesMD5(attributes map[string]types.MessageAttributeValue) *string {
	if len(attributes) == 0 {
		return nil
	}
	h := md5.New()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		writeSized(h, []byte(name))
		writeSized(h, []byte(deref(a.DataType)))
		if a.BinaryValue != nil {
			h.Write([]byte{2})
			writeSized(h, a.BinaryValue)
			continue
		}
		h.Write([]byte{1})
		writeSized(h, []byte(deref(a.StringValue)))
	}
	return new(hex.EncodeToString(h.Sum(nil)))
}

func writeSized(h hash.Hash, b []byte) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b))))
	h.Write(b)
}

// selected has the message attributes that a receiver asked for: All or .*, a
// prefix with .* behind it, or names.
func selected(attributes map[string]types.MessageAttributeValue, wanted []string) map[string]types.MessageAttributeValue {
	var out map[string]types.MessageAttributeValue
	for name, value := range attributes {
		if !slices.ContainsFunc(wanted, func(w string) bool { return selects(w, name) }) {
			continue
		}
		if out == nil {
			out = map[string]types.MessageAttributeValue{}
		}
		out[name] = value
	}
	return out
}

func selects(wanted, name string) bool {
	prefix, isPrefix := strings.CutSuffix(wanted, ".*")
	return wanted == "All" || wanted == name || isPrefix && strings.HasPrefix(name, prefix)
}
