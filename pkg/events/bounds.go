package events

// bounds says where the fields' values lie in the record's bytes: that of field
// f from bounds[2*f] to bounds[2*f+1]. No value begins at 0, so zeros say that
// there is none.
type bounds [2 * numFields]uint32

// What a key may stand for, beside the fields.
const (
	otherKey    = numFields
	identityKey = numFields + 1
)

// scan finds the end of the record that begins at b[0], a brace, and notes where
// its fields are.
func (r *Record) scan(b []byte) (int, status) {
	r.bounds, r.twice = bounds{}, false
	return skipObject(b, 0, 1, r)
}

// member gives the index behind the key that begins at i and its value.
func (r *Record) member(b []byte, i, depth int) (int, status) {
	if b[i] != '"' {
		return i, malformed
	}
	end, st := skipString(b, i+1)
	if st != ok {
		return end, st
	}
	f := fieldOf(b[i+1:end-1], depth)
	if i, st = skipColon(b, end); st != ok {
		return i, st
	}
	if f == identityKey {
		return r.scanIdentity(b, i)
	}
	start := i
	i, st = skipValue(b, i, depth)
	if f < numFields {
		r.note(f, b, start, i)
	}
	return i, st
}

// note keeps where a field is. The last of several counts, null is none.
func (r *Record) note(f Field, b []byte, start, end int) {
	if b[start] == 'n' {
		start, end = 0, 0
	}
	r.twice = r.twice || r.bounds[2*f] != 0
	r.bounds[2*f], r.bounds[2*f+1] = uint32(start), uint32(end)
}

// scanIdentity scans the value of userIdentity. What an earlier userIdentity
// said is void, whatever this one is.
func (r *Record) scanIdentity(b []byte, i int) (int, status) {
	for f := UserIdentityType; f <= UserIdentityInvokedBy; f++ {
		r.twice = r.twice || r.bounds[2*f] != 0
		r.bounds[2*f], r.bounds[2*f+1] = 0, 0
	}
	if b[i] != '{' {
		return skipValue(b, i, 1)
	}
	return skipObject(b, i, 2, r)
}

// fieldOf gives the field that a key of the record (depth 1) or of its
// userIdentity (depth 2) stands for.
func fieldOf(key []byte, depth int) Field {
	if f := plainField(key, depth); f != otherKey {
		return f
	}
	if text, escaped := unescape(nil, key); escaped {
		return plainField(text, depth)
	}
	return otherKey
}

func plainField(key []byte, depth int) Field {
	if depth == 2 {
		return identityField(key)
	}
	return recordField(key)
}

// identityField maps the keys of userIdentity.
func identityField(key []byte) Field {
	switch string(key) {
	case "type":
		return UserIdentityType
	case "arn":
		return UserIdentityARN
	case "accountId":
		return UserIdentityAccountID
	case "invokedBy":
		return UserIdentityInvokedBy
	}
	return otherKey
}

// recordField maps the keys of a record.
func recordField(key []byte) Field {
	if hasPrefix(key, "event") {
		return eventField(key)
	}
	switch string(key) {
	case "userIdentity":
		return identityKey
	case "awsRegion":
		return AWSRegion
	case "errorCode":
		return ErrorCode
	case "managementEvent":
		return ManagementEvent
	case "readOnly":
		return ReadOnly
	case "recipientAccountId":
		return RecipientAccountID
	case "sharedEventID":
		return SharedEventID
	case "userAgent":
		return UserAgent
	case "sourceIPAddress":
		return SourceIPAddress
	case "resources":
		return Resources
	case "sessionCredentialFromConsole":
		return SessionCredentialFromConsole
	case "vpcEndpointId":
		return VPCEndpointID
	case "insightDetails":
		return InsightDetails
	}
	return otherKey
}

// eventField maps the keys of a record that begin with "event".
func eventField(key []byte) Field {
	switch string(key) {
	case "eventTime":
		return EventTime
	case "eventSource":
		return EventSource
	case "eventName":
		return EventName
	case "eventCategory":
		return EventCategory
	case "eventType":
		return EventType
	case "eventID":
		return EventID
	}
	return otherKey
}
