package recording

import "slices"

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

// hide puts the word for a secret in place of every secret below v.
func hide(source string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for field, below := range v {
			if secret(source, field) {
				v[field] = hidden
			} else {
				hide(source, below)
			}
		}
	case []any:
		for _, below := range v {
			hide(source, below)
		}
	}
}
