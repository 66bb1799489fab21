package tokens

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/trailhand/trailhand/internal/cloud/sigv4"
	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	account = "111122223333"
	roleARN = "arn:aws:iam::444455556666:role/teams/Auditor"
)

func at() time.Time { return time.Date(2026, 11, 21, 2, 0, 0, 0, time.UTC) }

// serve gives a Tokens behind a server, and the calls that were made of it.
func serve(t *testing.T) (*Tokens, string, *[]wire.Call) {
	t.Helper()
	tokens := New(Config{AccountID: account, Now: at})
	var calls []wire.Call
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		scope, _ := sigv4.Parse(r)
		calls = append(calls, tokens.Serve(w, r, tokens.Caller(r, scope)))
	}))
	t.Cleanup(server.Close)
	return tokens, server.URL, &calls
}

func client(url, id, secret, token string) *sts.Client {
	return sts.New(sts.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(id, secret, token),
	})
}

func TestAnUnknownAccessKeyIsAlwaysTheSameUser(t *testing.T) {
	_, url, calls := serve(t)
	for _, key := range []string{"AKIAFIRST", "AKIASECOND"} {
		out, err := client(url, key, "any", "").GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := aws.ToString(out.Arn), "arn:aws:iam::111122223333:user/developer"; got != want {
			t.Errorf("%s is %s, want %s", key, got, want)
		}
		if aws.ToString(out.Account) != account || !strings.HasPrefix(aws.ToString(out.UserId), "AIDA") {
			t.Errorf("%s: account %s, user ID %s", key, aws.ToString(out.Account), aws.ToString(out.UserId))
		}
	}
	call := (*calls)[1]
	if call.EventName != "GetCallerIdentity" || call.EventSource != "sts.amazonaws.com" || call.Caller.Region != "eu-west-1" || call.Fault != nil {
		t.Errorf("call = %+v", call)
	}
	var identity map[string]string
	if err := json.Unmarshal(call.Caller.Identity, &identity); err != nil {
		t.Fatal(err)
	}
	if identity["type"] != "IAMUser" || identity["accessKeyId"] != "AKIASECOND" || identity["userName"] != "developer" {
		t.Errorf("userIdentity = %s", call.Caller.Identity)
	}
}

func TestARegisteredKeyIsItsIdentity(t *testing.T) {
	tokens, url, _ := serve(t)
	tokens.Register(Identity{AccessKeyID: "AKIAMALLORY", AccountID: "999988887777", ARN: "arn:aws:iam::999988887777:user/mallory", UserID: "AIDAMALLORY"})
	out, err := client(url, "AKIAMALLORY", "any", "").GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.Arn) != "arn:aws:iam::999988887777:user/mallory" || aws.ToString(out.Account) != "999988887777" || aws.ToString(out.UserId) != "AIDAMALLORY" {
		t.Errorf("identity = %s %s %s", aws.ToString(out.Arn), aws.ToString(out.Account), aws.ToString(out.UserId))
	}
}

func TestAssumedCredentialsActAsTheRole(t *testing.T) {
	tokens, url, calls := serve(t)
	out, err := client(url, "AKIAANY", "any", "").AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("ada")})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.Credentials.Expiration; !got.Equal(at().Add(time.Hour)) {
		t.Errorf("expires %v, want an hour from now", got)
	}
	id, secret, token := aws.ToString(out.Credentials.AccessKeyId), aws.ToString(out.Credentials.SecretAccessKey), aws.ToString(out.Credentials.SessionToken)
	who, err := client(url, id, secret, token).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "arn:aws:sts::444455556666:assumed-role/Auditor/ada"
	if aws.ToString(who.Arn) != want || aws.ToString(out.AssumedRoleUser.Arn) != want || !strings.HasSuffix(aws.ToString(who.UserId), ":ada") {
		t.Errorf("caller is %s (%s), want %s", aws.ToString(who.Arn), aws.ToString(who.UserId), want)
	}
	if got, ok := tokens.Secret(id); !ok || got != secret {
		t.Errorf("Secret(%s) = %q, %v", id, got, ok)
	}
	checkRoleIdentity(t, (*calls)[1].Caller.Identity)
	if record, _ := json.Marshal((*calls)[0].Response); strings.Contains(string(record), secret) || strings.Contains(string(record), token) {
		t.Errorf("the call tells secrets: %s", record)
	}
}

func checkRoleIdentity(t *testing.T, raw json.RawMessage) {
	t.Helper()
	var identity struct {
		Type           string `json:"type"`
		SessionContext struct {
			SessionIssuer struct {
				Type     string `json:"type"`
				ARN      string `json:"arn"`
				UserName string `json:"userName"`
			} `json:"sessionIssuer"`
			Attributes map[string]string `json:"attributes"`
		} `json:"sessionContext"`
	}
	if err := json.Unmarshal(raw, &identity); err != nil {
		t.Fatal(err)
	}
	issuer := identity.SessionContext.SessionIssuer
	if identity.Type != "AssumedRole" || issuer.Type != "Role" || issuer.ARN != roleARN || issuer.UserName != "Auditor" {
		t.Errorf("userIdentity = %s", raw)
	}
	if got := identity.SessionContext.Attributes["creationDate"]; got != "2026-11-21T02:00:00Z" {
		t.Errorf("creationDate = %q", got)
	}
}

func TestASessionTokenActsAsItsUser(t *testing.T) {
	_, url, _ := serve(t)
	out, err := client(url, "AKIAANY", "any", "").GetSessionToken(t.Context(), &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	if err != nil {
		t.Fatal(err)
	}
	who, err := client(url, aws.ToString(out.Credentials.AccessKeyId), "any", aws.ToString(out.Credentials.SessionToken)).GetCallerIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(who.Arn); got != "arn:aws:iam::111122223333:user/developer" {
		t.Errorf("caller is %s", got)
	}
}

func TestAnExpiredKeyHasNoSecret(t *testing.T) {
	now := at()
	tokens := New(Config{AccountID: account, Now: func() time.Time { return now }})
	id := tokens.Assume(roleARN, "ada", time.Hour)
	now = now.Add(time.Hour + time.Second)
	if _, ok := tokens.Secret(id.AccessKeyID); ok {
		t.Error("an expired key still has its secret")
	}
}

func TestRefusals(t *testing.T) {
	_, url, calls := serve(t)
	c := client(url, "AKIAANY", "any", "")
	assume := func(role, session string, seconds int32) error {
		in := &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String(session)}
		if seconds != 0 {
			in.DurationSeconds = aws.Int32(seconds)
		}
		_, err := c.AssumeRole(t.Context(), in)
		return err
	}
	_, federationErr := c.GetFederationToken(t.Context(), &sts.GetFederationTokenInput{Name: aws.String("ada")})
	for name, tc := range map[string]struct {
		err  error
		code string
	}{
		"a role that is no ARN":               {assume("Auditor-of-twenty-characters", "ada", 0), "ValidationError"},
		"a session name with a space":         {assume(roleARN, "a da", 0), "ValidationError"},
		"a duration below fifteen minutes":    {assume(roleARN, "ada", 60), "ValidationError"},
		"a duration beyond twelve hours":      {assume(roleARN, "ada", 43201), "ValidationError"},
		"an action that is not served":        {federationErr, "InvalidAction"},
		"a request without a signature (SDK)": {unsigned(url), "MissingAuthenticationToken"},
	} {
		t.Run(name, func(t *testing.T) {
			var api smithy.APIError
			if !errors.As(tc.err, &api) || api.ErrorCode() != tc.code {
				t.Errorf("error = %v, want %s", tc.err, tc.code)
			}
		})
	}
	for _, call := range *calls {
		if call.Fault == nil || call.Response != nil {
			t.Errorf("%s: fault %v, response %v", call.EventName, call.Fault, call.Response)
		}
	}
}

func unsigned(url string) error {
	c := sts.New(sts.Options{Region: "eu-west-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1, Credentials: aws.AnonymousCredentials{}})
	_, err := c.GetCallerIdentity(context.Background(), nil)
	return err
}
