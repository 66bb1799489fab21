package wire_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// An extended input tells an absent number from 0, which the SDK's does not.
type extended struct {
	sqs.ReceiveMessageInput
	VisibilityTimeout *int32
}

func TestAMemberDeclaredAnewHidesTheSDKs(t *testing.T) {
	for body, want := range map[string]string{
		`{"VisibilityTimeout":0,"WaitTimeSeconds":3}`: `{"MaxNumberOfMessages":0,"VisibilityTimeout":0,"WaitTimeSeconds":3}`,
		`{"WaitTimeSeconds":3}`:                       `{"MaxNumberOfMessages":0,"WaitTimeSeconds":3}`,
	} {
		var in extended
		if err := wire.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if in.ReceiveMessageInput.VisibilityTimeout != 0 || in.WaitTimeSeconds != 3 {
			t.Errorf("%s is read as %+v", body, in)
		}
		got, err := wire.Marshal(in)
		if err != nil || string(got) != want {
			t.Errorf("%s is written as %s, %v, want %s", body, got, err, want)
		}
	}
}
