package sinks

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

// OCSF writes records as OCSF 1.3 API Activity, one a line, under zstd:
// "ocsf/….ndjson.zst".
type OCSF struct {
	Bucket Bucket
	Prefix string
}

// Begin implements delivery.Sink.
func (o OCSF) Begin(ctx context.Context, f delivery.File) (delivery.Stage, error) {
	return newLines(ctx, o.Bucket, objectKey(o.Prefix, "ocsf", f, "ndjson.zst"), APIActivity)
}

// OCSF's numbers for the class.
const (
	ocsfVersion     = "1.3.0"
	categoryUID     = 6    // Application Activity
	classUID        = 6003 // API Activity
	accountTypeAWS  = 10
	severityInfo    = 1
	statusSuccess   = 1
	statusFailure   = 2
	activityCreate  = 1
	activityRead    = 2
	activityUpdate  = 3
	activityDelete  = 4
	activityOther   = 99
	userTypeUnknown = 0
	userTypeUser    = 1
	userTypeAdmin   = 2
	userTypeSystem  = 3
	userTypeOther   = 99
)

// APIActivity gives a record of any category as an OCSF API Activity event, in
// JSON. Its fields that have no place there stand in "unmapped", as they were
// written; of userIdentity only what the class knows is kept.
//
// https://schema.ocsf.io/1.3.0/classes/api_activity?profiles=cloud
func APIActivity(r *events.Record) ([]byte, error) {
	e := r.Decode()
	left, err := rest(r, mapped())
	if err != nil {
		return nil, fmt.Errorf("a record as OCSF: %w", err)
	}
	activity, name := activityOf(e)
	a := apiActivity{
		ActivityID: activity, ActivityName: name, CategoryUID: categoryUID, CategoryName: "Application Activity",
		ClassUID: classUID, ClassName: "API Activity", TypeUID: classUID*100 + activity,
		TypeName: "API Activity: " + name, SeverityID: severityInfo, Severity: "Informational",
		StatusID: statusSuccess, Status: "Success", StatusCode: e.ErrorCode, StatusDetail: e.ErrorMessage,
		Metadata: metadataOf(r, e), Cloud: cloud{Provider: "AWS", Region: e.AWSRegion, Account: accountOf(e.RecipientAccountID)},
		API: apiOf(e), Actor: actorOf(e.UserIdentity), Source: endpointOf(e.SourceIPAddress), Unmapped: left,
	}
	if at, err := r.Time(); err == nil {
		a.Time = at.UnixMilli()
	}
	if e.ErrorCode != "" {
		a.StatusID, a.Status = statusFailure, "Failure"
	}
	if e.UserAgent != "" {
		a.HTTP = &httpRequest{UserAgent: e.UserAgent}
	}
	for _, res := range e.Resources {
		a.Resources = append(a.Resources, ocsfResource{UID: res.ARN, Type: res.Type, Owner: ownerOf(res.AccountID)})
	}
	line, err := asWritten(a)
	if err != nil {
		return nil, fmt.Errorf("a record as OCSF: %w", err)
	}
	return line, nil
}

// activityOf tells what a call does by readOnly and by its verb.
func activityOf(e *events.Event) (id int, name string) {
	if e.ReadOnly != nil && *e.ReadOnly {
		return activityRead, "Read"
	}
	verbs := []struct {
		id   int
		name string
		list string
	}{
		{activityCreate, "Create", "Create Run Allocate Register Import Copy Put Issue"},
		{activityDelete, "Delete", "Delete Terminate Remove Deregister Release Purge"},
		{activityUpdate, "Update", "Update Modify Set Attach Detach Associate Disassociate Start Stop Enable Disable Add Tag Untag Authorize Revoke Change Reset"},
		{activityRead, "Read", "Get List Describe Head Lookup Search Query Scan Select"},
	}
	for _, v := range verbs {
		for verb := range strings.FieldsSeq(v.list) {
			if strings.HasPrefix(e.EventName, verb) {
				return v.id, v.name
			}
		}
	}
	return activityOther, "Other"
}

func metadataOf(r *events.Record, e *events.Event) metadata {
	return metadata{
		Version: ocsfVersion, UID: e.EventID, CorrelationUID: e.SharedEventID, EventCode: e.EventType, LogProvider: "CloudTrail",
		Profiles: []string{"cloud"}, OriginalTime: e.EventTime,
		Product: product{Name: "CloudTrail", VendorName: "AWS", Version: e.EventVersion, Feature: feature{Name: r.Category().String()}},
	}
}

// unknown stands where the class asks for a text and the record has none.
const unknown = "Unknown"

// apiOf tells which API was called; of an Insight event, which one it is about.
func apiOf(e *events.Event) api {
	source, name := e.EventSource, e.EventName
	if about := e.InsightDetails; about != nil {
		source, name = cmp.Or(source, about.EventSource), cmp.Or(name, about.EventName)
	}
	a := api{
		Operation: cmp.Or(name, unknown), Version: e.APIVersion, Service: service{Name: cmp.Or(source, unknown)},
		Request: request{UID: cmp.Or(e.RequestID, unknown), Data: e.RequestParameters},
	}
	if e.ErrorCode != "" || e.ResponseElements != nil {
		a.Response = &response{Error: e.ErrorCode, ErrorMessage: e.ErrorMessage, Data: e.ResponseElements}
	}
	return a
}

// actorOf tells who called. A user of OCSF has a name, an identifier or an account.
func actorOf(u *events.UserIdentity) actor {
	if u == nil {
		return actor{User: &user{Name: unknown}}
	}
	a := actor{InvokedBy: u.InvokedBy, User: &user{
		Type: u.Type, TypeID: userType(u.Type), Name: u.UserName, UID: cmp.Or(u.ARN, u.PrincipalID), UIDAlt: u.PrincipalID,
		CredentialUID: u.AccessKeyID, Account: accountOf(u.AccountID),
	}}
	if a.User.Name == "" && a.User.UID == "" && a.User.Account == nil {
		a.User.Name = cmp.Or(u.InvokedBy, unknown)
	}
	if u.IdentityProvider != "" {
		a.IDP = &idp{Name: u.IdentityProvider}
	}
	if u.SessionContext == nil {
		return a
	}
	a.Session = &session{}
	if issuer := u.SessionContext.SessionIssuer; issuer != nil {
		a.Session.Issuer = issuer.ARN
	}
	if at := u.SessionContext.Attributes; at != nil {
		a.Session.IsMFA = at.MFAAuthenticated == "true"
		if t, err := time.Parse(time.RFC3339, at.CreationDate); err == nil {
			a.Session.CreatedTime = t.UnixMilli()
		}
	}
	return a
}

func userType(name string) int {
	switch name {
	case "":
		return userTypeUnknown
	case "Root":
		return userTypeAdmin
	case "AWSService":
		return userTypeSystem
	case "IAMUser", "IdentityCenterUser", "FederatedUser", "SAMLUser", "WebIdentityUser":
		return userTypeUser
	}
	return userTypeOther
}

// endpointOf tells an address from the name of the service that called.
func endpointOf(source string) endpoint {
	if _, err := netip.ParseAddr(source); err == nil {
		return endpoint{IP: source}
	}
	return endpoint{Service: cmp.Or(source, unknown)}
}

func accountOf(id string) *account {
	if id == "" {
		return nil
	}
	return &account{UID: id, TypeID: accountTypeAWS, Type: "AWS Account"}
}

func ownerOf(id string) *owner {
	if id == "" {
		return nil
	}
	return &owner{Account: accountOf(id)}
}

// mapped names the fields of a record that have a place in the class.
func mapped() []string {
	return []string{
		"eventTime", "eventVersion", "eventType", "eventSource", "eventName", "awsRegion", "recipientAccountId",
		"eventID", "requestID", "sharedEventID", "errorCode", "errorMessage", "sourceIPAddress", "userAgent",
		"apiVersion", "userIdentity", "resources", "requestParameters", "responseElements",
	}
}
