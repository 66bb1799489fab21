package flows

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestEveryRoleMayDoWhatItsFunctionIsLinkedWith asks the linker which calls of
// the SDK a function can make at all.
func TestEveryRoleMayDoWhatItsFunctionIsLinkedWith(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: linking the functions takes a while")
	}
	const internal = "s3.CreateSession" // the SDK's own, of S3 Express
	for _, function := range []string{"Reconciler", "Logparser", "Detector"} {
		linked := map[string]bool{}
		for _, call := range linkedCalls(t, strings.ToLower(function)) {
			if call != internal {
				linked[actionOf(call)] = true
			}
		}
		allowed := map[string]bool{}
		for _, g := range everyGrant(t) {
			for _, action := range g.Actions {
				service, _, _ := strings.Cut(action, ":")
				if g.Role == function+"Role" && slices.Contains([]string{"s3", "sqs", "events", "cloudtrail"}, service) {
					allowed[action] = true
				}
			}
		}
		for action := range linked {
			if !allowed[action] {
				t.Errorf("%s can call %s: its role may not", function, action)
			}
		}
		for action := range allowed {
			if !linked[action] && !neverLinked(action) {
				t.Errorf("%s may call %s: it cannot", function, action)
			}
		}
	}
}

// neverLinked are the actions that are no call of the function's own.
func neverLinked(action string) bool {
	return slices.Contains([]string{
		"s3:GetObjectVersion", "s3:ListBucket", // asked for by GetObject
		"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage", // Lambda's: see reasons
	}, action)
}

// actionOf names the action that a call of the SDK needs.
func actionOf(call string) string {
	service, operation, _ := strings.Cut(call, ".")
	switch operation {
	case "ListObjectsV2":
		operation = "ListBucket"
	case "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload":
		operation = "PutObject"
	case "SendMessageBatch":
		operation = "SendMessage"
	}
	if service == "eventbridge" {
		service = "events"
	}
	return service + ":" + operation
}

// linkedCalls lists the operations of the SDK in a function's binary, such as s3.GetObject.
func linkedCalls(t *testing.T, function string) []string {
	t.Helper()
	path := filepath.Join(t.TempDir(), function)
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc,noparquet", "-o", path, "github.com/trailhand/trailhand/functions/"+function)
	cmd.Env = append(os.Environ(), "GOOS=linux", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", function, err, out)
	}
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	symbols, err := binary.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	operation := regexp.MustCompile(`^github\.com/aws/aws-sdk-go-v2/service/(\w+)\.\(\*Client\)\.([A-Z]\w*)$`)
	var calls []string
	for _, s := range symbols {
		if m := operation.FindStringSubmatch(s.Name); m != nil && m[2] != "Options" {
			calls = append(calls, fmt.Sprintf("%s.%s", m[1], m[2]))
		}
	}
	if len(calls) == 0 {
		t.Fatalf("%s calls nothing: the symbols are not read rightly", function)
	}
	return calls
}
