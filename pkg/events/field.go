package events

// Field is one of the fields that are found while a record is scanned.
type Field uint8

// The fields of a [Record]. The comment gives the JSON path.
const (
	EventTime                    Field = iota // eventTime
	EventSource                               // eventSource
	EventName                                 // eventName
	AWSRegion                                 // awsRegion
	ErrorCode                                 // errorCode
	EventCategory                             // eventCategory
	EventType                                 // eventType
	ManagementEvent                           // managementEvent, a boolean
	ReadOnly                                  // readOnly, a boolean
	RecipientAccountID                        // recipientAccountId
	EventID                                   // eventID
	SharedEventID                             // sharedEventID
	UserIdentityType                          // userIdentity.type
	UserIdentityARN                           // userIdentity.arn
	UserIdentityAccountID                     // userIdentity.accountId
	UserIdentityInvokedBy                     // userIdentity.invokedBy
	UserAgent                                 // userAgent
	SourceIPAddress                           // sourceIPAddress
	Resources                                 // resources, an array: see [Record.EachResource]
	SessionCredentialFromConsole              // sessionCredentialFromConsole, a boolean or the string "true"
	VPCEndpointID                             // vpcEndpointId
	InsightDetails                            // insightDetails, an object
	numFields
)
