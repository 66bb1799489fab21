package tokens_test

import (
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/cloud/tokens"
)

func TestIdentitiesAreRead(t *testing.T) {
	for _, c := range []struct {
		name, file    string
		arn, identity string // identity: a part of userIdentity, once registered
	}{
		{"a user by name", `{"AKIA1":{"userName":"alice","secretAccessKey":"s"}}`, "arn:aws:iam::111122223333:user/alice", `"type":"IAMUser"`},
		{"a user of another account", `{"AKIA1":{"userName":"bob","accountId":"444455556666"}}`, "arn:aws:iam::444455556666:user/bob", `"accountId":"444455556666"`},
		{"a user by ARN", `{"AKIA1":{"arn":"arn:aws:iam::444455556666:user/team/bob"}}`, "arn:aws:iam::444455556666:user/team/bob", `"userName":"bob"`},
		{"the root", `{"AKIA1":{"type":"Root"}}`, "arn:aws:iam::111122223333:root", `"type":"Root","principalId":"111122223333"`},
		{"a role's session", `{"AKIA1":{"arn":"arn:aws:sts::444455556666:assumed-role/Auditor/nightly"}}`, "arn:aws:sts::444455556666:assumed-role/Auditor/nightly", `"arn":"arn:aws:iam::444455556666:role/Auditor"`},
		{"anything, verbatim", `{"AKIA1":{"type":"AWSService","arn":"arn:aws:iam::111122223333:role/x","userIdentity":{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}}}`, "arn:aws:iam::111122223333:role/x", `"invokedBy":"ec2.amazonaws.com"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			ids, err := tokens.ReadIdentities([]byte(c.file), "111122223333")
			if err != nil || len(ids) != 1 {
				t.Fatalf("%d identities, %v", len(ids), err)
			}
			known := tokens.New(tokens.Config{})
			known.Register(ids[0])
			id := known.Identity("AKIA1")
			if id.ARN != c.arn || !strings.Contains(string(id.UserIdentity), c.identity) || strings.Contains(string(id.UserIdentity), `"creationDate":""`) {
				t.Errorf("%s: %s", id.ARN, id.UserIdentity)
			}
		})
	}
}

func TestEveryProblemOfAnIdentitiesFileIsTold(t *testing.T) {
	file := `{"A":{"userNmae":"alice"}, "B":{"arn":"nonsense"}, "C":{"accountId":"1","userName":"c"}, "D":{}, "E":{"type":"FederatedUser","arn":"arn:aws:sts::111122223333:federated-user/e"},
		"F":{"type":"Root","arn":"arn:aws:iam::111122223333:user/f"}, "G":{"arn":"arn:aws:iam::111122223333:user/g","accountId":"444455556666"}, "H":{"arn":"arn:aws:sts::111122223333:assumed-role/Auditor"}, "OK":{"userName":"ok"}}`
	ids, err := tokens.ReadIdentities([]byte(file), "111122223333")
	if len(ids) != 1 || err == nil {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
	for _, key := range []string{"A", "B", "C", "D", "E", "F", "G", "H"} {
		if !strings.Contains(err.Error(), `access key "`+key+`"`) {
			t.Errorf("nothing is said of %s: %v", key, err)
		}
	}
}

func TestCredentialsAreRead(t *testing.T) {
	known, err := tokens.ReadIdentities([]byte(`{"AKIA1":{"userName":"alice"}}`), "111122223333")
	if err != nil {
		t.Fatal(err)
	}
	file := "# mine\n[default]\naws_access_key_id = AKIA1\naws_secret_access_key=a=b\n\n[ carol ]\nAWS_ACCESS_KEY_ID=AKIA2\naws_secret_access_key = t\nregion = eu-west-1\n"
	ids, err := tokens.ReadCredentials([]byte(file), "111122223333", known)
	if err != nil || len(ids) != 2 {
		t.Fatalf("%d identities, %v", len(ids), err)
	}
	if ids[0].ARN != "arn:aws:iam::111122223333:user/alice" || ids[0].SecretAccessKey != "a=b" || ids[1].ARN != "arn:aws:iam::111122223333:user/carol" || ids[1].SecretAccessKey != "t" {
		t.Errorf("got %+v", ids)
	}
	for _, bad := range []string{"", "[a]\naws_access_key_id=AKIA", "aws_access_key_id=A\naws_secret_access_key=b\n"} {
		if _, err := tokens.ReadCredentials([]byte(bad), "111122223333", nil); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}
