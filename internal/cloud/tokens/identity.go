package tokens

import (
	"encoding/json"
	"strings"
	"time"
)

// identityElement is userIdentity as CloudTrail writes it.
// Source: "CloudTrail userIdentity element" (CloudTrail User Guide).
type identityElement struct {
	Type           string          `json:"type"`
	PrincipalID    string          `json:"principalId"`
	ARN            string          `json:"arn"`
	AccountID      string          `json:"accountId"`
	AccessKeyID    string          `json:"accessKeyId"`
	UserName       string          `json:"userName,omitempty"`
	SessionContext *sessionContext `json:"sessionContext,omitempty"`
}

type sessionContext struct {
	SessionIssuer *sessionIssuer `json:"sessionIssuer,omitempty"`
	Attributes    attributes     `json:"attributes"`
}

type sessionIssuer struct {
	Type        string `json:"type"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`
	UserName    string `json:"userName"`
}

type attributes struct {
	CreationDate     string `json:"creationDate,omitempty"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

func newAttributes(created time.Time) attributes {
	return attributes{CreationDate: created.UTC().Format("2006-01-02T15:04:05Z"), MFAAuthenticated: "false"}
}

func userIdentity(id Identity) json.RawMessage { return userElement(id).encode() }

func userElement(id Identity) identityElement {
	return identityElement{
		Type: "IAMUser", PrincipalID: id.UserID, ARN: id.ARN, AccountID: id.AccountID, AccessKeyID: id.AccessKeyID,
		UserName: id.ARN[strings.LastIndexByte(id.ARN, '/')+1:],
	}
}

// roleIdentity is a session of a role that began at created.
func roleIdentity(id Identity, roleARN string, created time.Time) json.RawMessage {
	return sessionElement(id, roleARN, newAttributes(created)).encode()
}

// roleElement is a session of a role of which it is not known when it began.
func roleElement(id Identity, roleARN string) json.RawMessage {
	return sessionElement(id, roleARN, attributes{MFAAuthenticated: "false"}).encode()
}

func sessionElement(id Identity, roleARN string, a attributes) identityElement {
	issuer, _, _ := strings.Cut(id.UserID, ":")
	_, name := splitRole(roleARN)
	return identityElement{
		Type: "AssumedRole", PrincipalID: id.UserID, ARN: id.ARN, AccountID: id.AccountID, AccessKeyID: id.AccessKeyID,
		SessionContext: &sessionContext{
			SessionIssuer: &sessionIssuer{Type: "Role", PrincipalID: issuer, ARN: roleARN, AccountID: id.AccountID, UserName: name},
			Attributes:    a,
		},
	}
}

func (e identityElement) encode() json.RawMessage {
	data, err := json.Marshal(e)
	if err != nil {
		return nil // texts always encode
	}
	return data
}
