package conform

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	trailhand "github.com/trailhand/trailhand"
	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/functions"
	"github.com/trailhand/trailhand/internal/conform/moto"
)

// startCloud runs the embedded cloud without its functions, which would act on
// what the cases do.
func startCloud(t testing.TB, change func(*cloud.Config)) *cloud.Cloud {
	t.Helper()
	template, err := trailhand.Template()
	if err != nil {
		t.Fatal(err)
	}
	idle := func(context.Context, map[string]string) (lambda.Handler, error) {
		return lambda.NewHandler(func() error { return nil }), nil
	}
	cfg := cloud.Config{
		Listen: "127.0.0.1:0", Dir: t.TempDir(), AccountID: AccountID, Region: Region, StackName: "trailhand",
		Template: template, Parameters: map[string]string{"CreateTrail": "false", "Mode": "report", "Desired": "none"},
		Functions: map[string]functions.Function{"Reconciler": idle, "Logparser": idle, "Detector": idle},
		Now:       time.Now, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&cfg)
	}
	c, err := cloud.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background()); err != nil {
			t.Logf("closing the cloud: %v", err) // of log files whose bucket a test removed
		}
	})
	return c
}

func TestTheCloudConforms(t *testing.T) {
	clients := Dial(startCloud(t, nil).URL(), Region)
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if err := c.Run(t.Context(), clients); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestMotoConforms holds the suite itself to code that is not ours.
func TestMotoConforms(t *testing.T) {
	if testing.Short() {
		t.Skip("starting moto takes seconds")
	}
	clients := Dial(moto.Start(t), Region)
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			err := c.Run(t.Context(), clients)
			switch {
			case c.Moto == "" && err != nil:
				t.Error(err)
			case c.Moto != "" && err == nil:
				t.Errorf("moto does as AWS: the note that it %s is out of date", c.Moto)
			}
		})
	}
}
