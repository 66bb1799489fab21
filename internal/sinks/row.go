//go:build !noparquet

package sinks

import (
	"encoding/json"
	"time"

	"github.com/trailhand/trailhand/pkg/events"
)

// row is a record as Parquet's columns. They are named as CloudTrail names its
// fields; free JSON is text; a field that is absent is null. "other" is a JSON
// object of the fields that have no column.
type row struct {
	EventTime           *time.Time `parquet:"eventTime,optional,timestamp(microsecond)"` // null if it is no time
	EventVersion        string     `parquet:"eventVersion,optional,dict"`
	EventCategory       string     `parquet:"eventCategory,optional,dict"`
	EventType           string     `parquet:"eventType,optional,dict"`
	EventSource         string     `parquet:"eventSource,optional,dict"`
	EventName           string     `parquet:"eventName,optional,dict"`
	AWSRegion           string     `parquet:"awsRegion,optional,dict"`
	RecipientAccountID  string     `parquet:"recipientAccountId,optional,dict"`
	EventID             string     `parquet:"eventID,optional"`
	RequestID           string     `parquet:"requestID,optional"`
	SharedEventID       string     `parquet:"sharedEventID,optional"`
	ReadOnly            *bool      `parquet:"readOnly,optional"`
	ManagementEvent     *bool      `parquet:"managementEvent,optional"`
	ErrorCode           string     `parquet:"errorCode,optional,dict"`
	ErrorMessage        string     `parquet:"errorMessage,optional"`
	SourceIPAddress     string     `parquet:"sourceIPAddress,optional,dict"`
	UserAgent           string     `parquet:"userAgent,optional,dict"`
	APIVersion          string     `parquet:"apiVersion,optional,dict"`
	VPCEndpointID       string     `parquet:"vpcEndpointId,optional,dict"`
	UserIdentity        identity   `parquet:"userIdentity"`
	Resources           []resource `parquet:"resources,list"`
	RequestParameters   string     `parquet:"requestParameters,optional"`
	ResponseElements    string     `parquet:"responseElements,optional"`
	AdditionalEventData string     `parquet:"additionalEventData,optional"`
	ServiceEventDetails string     `parquet:"serviceEventDetails,optional"`
	Other               string     `parquet:"other,optional"`
}

type identity struct {
	Type         string `parquet:"type,optional,dict"`
	PrincipalID  string `parquet:"principalId,optional,dict"`
	ARN          string `parquet:"arn,optional,dict"`
	AccountID    string `parquet:"accountId,optional,dict"`
	AccessKeyID  string `parquet:"accessKeyId,optional,dict"`
	UserName     string `parquet:"userName,optional,dict"`
	InvokedBy    string `parquet:"invokedBy,optional,dict"`
	IssuerARN    string `parquet:"sessionIssuerArn,optional,dict"`
	IssuerName   string `parquet:"sessionIssuerUserName,optional,dict"`
	MFA          string `parquet:"mfaAuthenticated,optional,dict"` // "true", "false"
	SessionSince string `parquet:"sessionCreationDate,optional"`
}

type resource struct {
	ARN       string `parquet:"ARN,optional"`
	AccountID string `parquet:"accountId,optional,dict"`
	Type      string `parquet:"type,optional,dict"`
}

func rowOf(r *events.Record) (row, error) {
	e := r.Decode()
	out := row{
		EventVersion: e.EventVersion, EventCategory: e.EventCategory, EventType: e.EventType,
		EventSource: e.EventSource, EventName: e.EventName, AWSRegion: e.AWSRegion,
		RecipientAccountID: e.RecipientAccountID, EventID: e.EventID, RequestID: e.RequestID,
		SharedEventID: e.SharedEventID, ReadOnly: e.ReadOnly, ManagementEvent: e.ManagementEvent,
		ErrorCode: e.ErrorCode, ErrorMessage: e.ErrorMessage, SourceIPAddress: e.SourceIPAddress,
		UserAgent: e.UserAgent, APIVersion: e.APIVersion, VPCEndpointID: e.VPCEndpointID,
		UserIdentity: identityOf(e.UserIdentity), RequestParameters: text(e.RequestParameters),
		ResponseElements: text(e.ResponseElements), AdditionalEventData: text(e.AdditionalEventData),
		ServiceEventDetails: text(e.ServiceEventDetails),
	}
	if at, err := r.Time(); err == nil {
		out.EventTime = &at
	}
	for _, res := range e.Resources {
		out.Resources = append(out.Resources, resource{ARN: res.ARN, AccountID: res.AccountID, Type: res.Type})
	}
	other, err := rest(r, columns())
	if err != nil || len(other) == 0 {
		return out, err
	}
	raw, err := asWritten(other)
	out.Other = text(raw)
	return out, err
}

func identityOf(u *events.UserIdentity) identity {
	if u == nil {
		return identity{}
	}
	id := identity{
		Type: u.Type, PrincipalID: u.PrincipalID, ARN: u.ARN, AccountID: u.AccountID,
		AccessKeyID: u.AccessKeyID, UserName: u.UserName, InvokedBy: u.InvokedBy,
	}
	if u.SessionContext == nil {
		return id
	}
	if issuer := u.SessionContext.SessionIssuer; issuer != nil {
		id.IssuerARN, id.IssuerName = issuer.ARN, issuer.UserName
	}
	if a := u.SessionContext.Attributes; a != nil {
		id.MFA, id.SessionSince = a.MFAAuthenticated, a.CreationDate
	}
	return id
}

func text(raw json.RawMessage) string {
	if string(raw) == "null" {
		return ""
	}
	return string(raw)
}

// columns names the fields of a record that a row holds.
func columns() []string {
	return []string{
		"eventTime", "eventVersion", "eventCategory", "eventType", "eventSource", "eventName", "awsRegion",
		"recipientAccountId", "eventID", "requestID", "sharedEventID", "readOnly", "managementEvent",
		"errorCode", "errorMessage", "sourceIPAddress", "userAgent", "apiVersion", "vpcEndpointId",
		"userIdentity", "resources", "requestParameters", "responseElements", "additionalEventData",
		"serviceEventDetails",
	}
}
