package tokens

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

func TestTemporaryCredentialsOutliveTheProcessUntilTheyExpire(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.ndjson")
	first, url, _ := serve(t)
	if err := first.Keep(path); err != nil {
		t.Fatal(err)
	}
	short := lend(t, url, 900)
	long := lend(t, url, 3600)
	first.Assume(roleARN, "function", time.Hour) // which the next process gives anew
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: others may read the secrets", info, err)
	}
	cut(t, path)

	second := New(Config{AccountID: account, Now: func() time.Time { return at().Add(30 * time.Minute) }})
	if err := second.Keep(path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Identity(long), second.Identity(long)); diff != "" {
		t.Errorf("the next process knows (-want +got):\n%s", diff)
	}
	if _, known := second.Secret(long); !known {
		t.Error("the credentials of an hour are forgotten after half of it")
	}
	if got := second.Identity(short).ARN; got == first.Identity(short).ARN {
		t.Errorf("what has expired is still %s", got)
	}
	if len(second.known) != 1 {
		t.Errorf("%d identities are known, want one", len(second.known))
	}
}

// lend takes a role for some seconds, and gives its access key.
func lend(t *testing.T, url string, seconds int32) string {
	t.Helper()
	out, err := client(url, "AKIAFIRST", "any", "").AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(roleARN), RoleSessionName: aws.String("nightly"), DurationSeconds: &seconds,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Credentials.AccessKeyId
}

// cut leaves half a line at the end of a file, as kill -9 does.
func cut(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.WriteString(`{"AccessKeyID":"ASIA`); err != nil {
		t.Fatal(err)
	}
}
