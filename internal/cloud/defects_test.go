package cloud

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestTheDefectBehindAnInternalFailureIsLogged(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelError}))
	c := started(t, cfg)
	if err := os.Mkdir(filepath.Join(cfg.Dir, "sessions.ndjson"), 0o700); err != nil { // so that credentials cannot be kept
		t.Fatal(err)
	}
	client := sts.NewFromConfig(sdk(c, testRegion), func(o *sts.Options) { o.RetryMaxAttempts = 1 })
	if _, err := client.GetSessionToken(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "InternalFailure") {
		t.Errorf("got %v", err)
	}
	closed(t, c)
	if !strings.Contains(log.String(), "GetSessionToken") || !strings.Contains(log.String(), "sessions.ndjson") {
		t.Errorf("the log says %s", log.String())
	}
}
