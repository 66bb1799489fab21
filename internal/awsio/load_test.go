package awsio

import (
	"io"
	"os"
	"testing"

	"github.com/aws/smithy-go/logging"
)

func TestTheSDKWritesNoLinesOfItsOwn(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stderr := os.Stderr
	os.Stderr = w
	defer func() { os.Stderr = stderr }()
	cfg, err := Load(t.Context(), map[string]string{"AWS_REGION": "eu-west-1"})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Logger != nil {
		cfg.Logger.Logf(logging.Warn, "falling back to IMDSv1")
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(r); err != nil || len(said) > 0 {
		t.Errorf("%q, %v", said, err)
	}
}
