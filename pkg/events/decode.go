package events

import "encoding/json"

// Event is a decoded record of any category, with the fields of the record
// reference for versions 1.0 to 1.11. A field that is absent, null or of an
// unexpected type is zero; of an unexpected type, and any other key, stands in
// Unknown as it was written. Texts take the literal of a number or boolean, as
// Record.Text does. Numbers and free JSON stay as they were written.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type Event struct {
	EventVersion                 string          `json:"eventVersion"`
	UserIdentity                 *UserIdentity   `json:"userIdentity"`
	EventTime                    string          `json:"eventTime"` // see Record.Time
	EventSource                  string          `json:"eventSource"`
	EventName                    string          `json:"eventName"`
	AWSRegion                    string          `json:"awsRegion"`
	SourceIPAddress              string          `json:"sourceIPAddress"`
	UserAgent                    string          `json:"userAgent"`
	ErrorCode                    string          `json:"errorCode"`
	ErrorMessage                 string          `json:"errorMessage"`
	RequestParameters            json.RawMessage `json:"requestParameters"`
	ResponseElements             json.RawMessage `json:"responseElements"`
	AdditionalEventData          json.RawMessage `json:"additionalEventData"`
	RequestID                    string          `json:"requestID"`
	EventID                      string          `json:"eventID"`
	EventType                    string          `json:"eventType"`
	APIVersion                   string          `json:"apiVersion"`
	ManagementEvent              *bool           `json:"managementEvent"`
	ReadOnly                     *bool           `json:"readOnly"`
	Resources                    []Resource      `json:"resources"`
	RecipientAccountID           string          `json:"recipientAccountId"`
	ServiceEventDetails          json.RawMessage `json:"serviceEventDetails"`
	SharedEventID                string          `json:"sharedEventID"`
	VPCEndpointID                string          `json:"vpcEndpointId"`
	VPCEndpointAccountID         string          `json:"vpcEndpointAccountId"`
	EventCategory                string          `json:"eventCategory"` // as written; see Record.Category
	Addendum                     *Addendum       `json:"addendum"`
	SessionCredentialFromConsole *bool           `json:"sessionCredentialFromConsole"`
	EdgeDeviceDetails            json.RawMessage `json:"edgeDeviceDetails"`
	TLSDetails                   *TLSDetails     `json:"tlsDetails"`
	EventContext                 json.RawMessage `json:"eventContext"`
	InsightDetails               *Anomaly        `json:"insightDetails"`

	Unknown map[string]json.RawMessage
}

// UserIdentity says who made a request.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type UserIdentity struct {
	Type             string          `json:"type"`
	UserName         string          `json:"userName"`
	PrincipalID      string          `json:"principalId"`
	ARN              string          `json:"arn"`
	AccountID        string          `json:"accountId"`
	AccessKeyID      string          `json:"accessKeyId"`
	SessionContext   *SessionContext `json:"sessionContext"`
	InvokedBy        string          `json:"invokedBy"`
	IdentityProvider string          `json:"identityProvider"`
	CredentialID     string          `json:"credentialId"`
	OnBehalfOf       *OnBehalfOf     `json:"onBehalfOf"`
	InScopeOf        *InScopeOf      `json:"inScopeOf"`

	Unknown map[string]json.RawMessage
}

// SessionContext says how temporary credentials came to be.
type SessionContext struct {
	SessionIssuer       *SessionIssuer     `json:"sessionIssuer"`
	WebIDFederationData json.RawMessage    `json:"webIdFederationData"`
	Attributes          *SessionAttributes `json:"attributes"`
	SourceIdentity      string             `json:"sourceIdentity"`
	EC2RoleDelivery     string             `json:"ec2RoleDelivery"`
	AssumedRoot         *bool              `json:"assumedRoot"`

	Unknown map[string]json.RawMessage
}

// SessionIssuer is who issued temporary credentials.
type SessionIssuer struct {
	Type        string `json:"type"`
	UserName    string `json:"userName"`
	PrincipalID string `json:"principalId"`
	ARN         string `json:"arn"`
	AccountID   string `json:"accountId"`

	Unknown map[string]json.RawMessage
}

// SessionAttributes are those of temporary credentials.
type SessionAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"` // "true" or "false"

	Unknown map[string]json.RawMessage
}

// OnBehalfOf is the IAM Identity Center user for whom a request was made.
type OnBehalfOf struct {
	UserID           string `json:"userId"`
	IdentityStoreARN string `json:"identityStoreArn"`

	Unknown map[string]json.RawMessage
}

// InScopeOf is the resource to which a service role's credentials were issued.
type InScopeOf struct {
	SourceARN           string `json:"sourceArn"`
	SourceAccount       string `json:"sourceAccount"`
	IssuerType          string `json:"issuerType"`
	CredentialsIssuedTo string `json:"credentialsIssuedTo"`

	Unknown map[string]json.RawMessage
}

// Resource is what a request accessed.
type Resource struct {
	ARN       string `json:"ARN"`
	ARNPrefix string `json:"ARNPrefix"`
	AccountID string `json:"accountId"`
	Type      string `json:"type"`

	Unknown map[string]json.RawMessage
}

// Addendum says why a record was delivered late or again.
type Addendum struct {
	Reason            string `json:"reason"`
	UpdatedFields     string `json:"updatedFields"`
	OriginalRequestID string `json:"originalRequestID"`
	OriginalEventID   string `json:"originalEventID"`

	Unknown map[string]json.RawMessage
}

// TLSDetails is how the connection was encrypted.
type TLSDetails struct {
	TLSVersion               string `json:"tlsVersion"`
	CipherSuite              string `json:"cipherSuite"`
	ClientProvidedHostHeader string `json:"clientProvidedHostHeader"`
	KeyExchange              string `json:"keyExchange"`

	Unknown map[string]json.RawMessage
}
