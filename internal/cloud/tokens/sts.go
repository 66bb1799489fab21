package tokens

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	maxForm      = 1 << 20 // bytes
)

// action answers one action of STS: its request and result as CloudTrail records them, and
// the result as the client gets it.
type action func(t *Tokens, c wire.Caller, form url.Values, call *wire.Call) (result any, err error)

func actions() map[string]action {
	return map[string]action{
		"GetCallerIdentity": getCallerIdentity,
		"GetSessionToken":   getSessionToken,
		"AssumeRole":        assumeRole,
	}
}

// Serve answers one request of the query protocol and tells what happened.
func (t *Tokens) Serve(w http.ResponseWriter, r *http.Request, c wire.Caller) wire.Call {
	call := wire.Call{Time: t.cfg.Now(), Caller: c, EventSource: "sts.amazonaws.com", RequestID: uuid.NewString()}
	result, err := t.answer(r, c, &call)
	if err != nil {
		call.Fault, call.Err = faultOf(err)
		writeFault(w, call)
		return call
	}
	writeResult(w, call, result)
	return call
}

func (t *Tokens) answer(r *http.Request, c wire.Caller, call *wire.Call) (any, error) {
	form, err := readForm(r)
	if err != nil {
		return nil, err
	}
	name := form.Get("Action")
	act, ok := actions()[name]
	if !ok {
		return nil, &wire.Fault{Code: "InvalidAction", Message: fmt.Sprintf("Could not find operation %s for version %s", name, form.Get("Version")), Status: http.StatusBadRequest}
	}
	call.EventName = name
	if c.AccessKeyID == "" {
		return nil, &wire.Fault{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
	}
	return act(t, c, form, call)
}

func readForm(r *http.Request) (url.Values, error) {
	if r.Method == http.MethodGet {
		return r.URL.Query(), nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm+1))
	if err == nil && len(body) > maxForm {
		err = errors.New("the form is too long")
	}
	var form url.Values
	if err == nil {
		form, err = url.ParseQuery(string(body))
	}
	if err != nil {
		return nil, &wire.Fault{Code: "MalformedInput", Message: err.Error(), Status: http.StatusBadRequest}
	}
	return form, nil
}

type callerIdentity struct {
	XMLName xml.Name `xml:"GetCallerIdentityResult"`
	Arn     string
	UserID  string `xml:"UserId"`
	Account string
}

func getCallerIdentity(_ *Tokens, c wire.Caller, _ url.Values, _ *wire.Call) (any, error) {
	return callerIdentity{Arn: c.ARN, UserID: c.UserID, Account: c.AccountID}, nil
}

type stsCredentials struct {
	AccessKeyID     string `xml:"AccessKeyId"`
	SecretAccessKey string
	SessionToken    string
	Expiration      string
}

func credentialsOf(id Identity) stsCredentials {
	return stsCredentials{AccessKeyID: id.AccessKeyID, SecretAccessKey: id.SecretAccessKey, SessionToken: id.SessionToken, Expiration: id.Expires.Format(time.RFC3339)}
}

// recorded is what CloudTrail tells of credentials: neither secret nor token.
func recorded(id Identity) map[string]string {
	return map[string]string{"accessKeyId": id.AccessKeyID, "expiration": id.Expires.Format("Jan 2, 2006, 3:04:05 PM")}
}

type sessionToken struct {
	XMLName     xml.Name `xml:"GetSessionTokenResult"`
	Credentials stsCredentials
}

func getSessionToken(t *Tokens, c wire.Caller, form url.Values, call *wire.Call) (any, error) {
	lifetime, err := duration(form, 12*time.Hour, 36*time.Hour)
	if err != nil {
		return nil, err
	}
	id := t.session(c, lifetime)
	if err := t.keep(id); err != nil {
		return nil, err
	}
	call.Request = map[string]any{"durationSeconds": int(lifetime.Seconds())}
	call.Response = map[string]any{"credentials": recorded(id)}
	return sessionToken{Credentials: credentialsOf(id)}, nil
}

type assumedRole struct {
	XMLName         xml.Name `xml:"AssumeRoleResult"`
	Credentials     stsCredentials
	AssumedRoleUser struct {
		AssumedRoleID string `xml:"AssumedRoleId"`
		Arn           string
	}
}

func assumeRole(t *Tokens, _ wire.Caller, form url.Values, call *wire.Call) (any, error) {
	role, session := form.Get("RoleArn"), form.Get("RoleSessionName")
	lifetime, err := duration(form, time.Hour, 12*time.Hour)
	call.Request = map[string]any{"roleArn": role, "roleSessionName": session, "durationSeconds": int(lifetime.Seconds())}
	if err := errors.Join(err, checkRole(role, session)); err != nil {
		return nil, err
	}
	id := t.Assume(role, session, lifetime)
	if err := t.keep(id); err != nil {
		return nil, err
	}
	result := assumedRole{Credentials: credentialsOf(id)}
	result.AssumedRoleUser.AssumedRoleID, result.AssumedRoleUser.Arn = id.UserID, id.ARN
	call.Response = map[string]any{"credentials": recorded(id), "assumedRoleUser": map[string]string{"assumedRoleId": id.UserID, "arn": id.ARN}}
	call.Resources = []wire.Resource{{Type: "AWS::IAM::Role", ARN: role, AccountID: id.AccountID}}
	return result, nil
}

func checkRole(role, session string) error {
	if !regexp.MustCompile(`^arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+$`).MatchString(role) {
		return invalid(role, "roleArn", "Member must be the ARN of a role")
	}
	if !regexp.MustCompile(`^[\w+=,.@-]{2,64}$`).MatchString(session) {
		return invalid(session, "roleSessionName", `Member must satisfy regular expression pattern: [\w+=,.@-]*`)
	}
	return nil
}

func duration(form url.Values, normal, longest time.Duration) (time.Duration, error) {
	text := form.Get("DurationSeconds")
	if text == "" {
		return normal, nil
	}
	seconds, err := strconv.Atoi(text)
	if d := time.Duration(seconds) * time.Second; err == nil && d >= 15*time.Minute && d <= longest {
		return d, nil
	}
	return 0, invalid(text, "durationSeconds", fmt.Sprintf("Member must have value between 900 and %d", int(longest.Seconds())))
}

func invalid(value, name, constraint string) error {
	message := fmt.Sprintf("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: %s", value, name, constraint)
	return &wire.Fault{Code: "ValidationError", Message: message, Status: http.StatusBadRequest}
}

func faultOf(err error) (f *wire.Fault, defect error) {
	if f, ok := errors.AsType[*wire.Fault](err); ok {
		return f, nil
	}
	return &wire.Fault{Code: "InternalFailure", Message: "The request processing has failed because of an unknown error.", Status: http.StatusInternalServerError}, err
}

func writeResult(w http.ResponseWriter, call wire.Call, result any) {
	inner, err := xml.Marshal(result)
	if err != nil {
		inner = nil // texts always encode
	}
	write(w, http.StatusOK, call.RequestID, fmt.Sprintf(`<%[1]sResponse xmlns=%[2]q>%[3]s<ResponseMetadata><RequestId>%[4]s</RequestId></ResponseMetadata></%[1]sResponse>`,
		call.EventName, stsNamespace, inner, call.RequestID))
}

func writeFault(w http.ResponseWriter, call wire.Call) {
	inner, err := xml.Marshal(struct {
		XMLName             xml.Name `xml:"Error"`
		Type, Code, Message string
	}{Type: "Sender", Code: call.Fault.Code, Message: call.Fault.Message})
	if err != nil {
		inner = nil // texts always encode
	}
	write(w, call.Fault.Status, call.RequestID, fmt.Sprintf(`<ErrorResponse xmlns=%q>%s<RequestId>%s</RequestId></ErrorResponse>`, stsNamespace, inner, call.RequestID))
}

func write(w http.ResponseWriter, status int, requestID, body string) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("X-Amzn-Requestid", requestID)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // a client that has gone needs no answer
}
