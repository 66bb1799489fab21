package recording

import (
	"slices"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// hidden is what CloudTrail writes in place of a secret.
const hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"

// secret reports whether the value of a field must not be in a record: the
// contents of messages and events, and what proves an identity.
func secret(source, field string) bool {
	switch source {
	case "sqs.amazonaws.com":
		return slices.Contains([]string{"messageBody", "messageAttributes", "messageSystemAttributes"}, field)
	case "events.amazonaws.com":
		return slices.Contains([]string{"detail", "event", "authParameters"}, field)
	case "sts.amazonaws.com":
		return slices.Contains([]string{"secretAccessKey", "sessionToken", "tokenCode", "webIdentityToken", "sAMLAssertion"}, field)
	case "kms.amazonaws.com":
		return slices.Contains([]string{"plaintext", "ciphertextBlob", "ciphertextForBlob"}, field)
	}
	return false
}

// secrets reports of a call's fields which ones are secret.
func secrets(call wire.Call) func(field string) bool {
	return func(field string) bool {
		foreign := call.Foreign != nil && call.Foreign.Secret != nil && call.Foreign.Secret(field)
		return foreign || secret(call.EventSource, field)
	}
}

// hide puts the word for a secret in place of every secret below v.
func hide(secret func(field string) bool, v any) {
	switch v := v.(type) {
	case map[string]any:
		for field, below := range v {
			if secret(field) {
				v[field] = hidden
			} else {
				hide(secret, below)
			}
		}
	case []any:
		for _, below := range v {
			hide(secret, below)
		}
	}
}
