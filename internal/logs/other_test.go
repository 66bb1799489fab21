package logs

import (
	"os"
	"strings"
	"testing"
)

func TestWhatIsNoLogFileGivesNoRecords(t *testing.T) {
	tests := map[string]struct {
		file   string
		failed string // "" for a file whose record is bad
	}{
		"a notification of S3":                {file: "s3-event.json"},
		"a notification of SNS":               {file: "sns-event.json"},
		"a notification of S3 within SNS":     {file: "sns-s3-event.json"},
		"a message of SQS":                    {file: "sqs-event.json"},
		"S3's test message":                   {file: "s3-test-event.json", failed: `no key "Records"`},
		"an event of EventBridge":             {file: "eventbridge-s3.json", failed: `no key "Records"`},
		"a record over several lines, alone":  {file: "bare-record.json", failed: `no key "Records"`},
		"a digest under the name of log file": {file: "digest.json", failed: `no key "Records"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			stored, err := os.ReadFile("testdata/other/" + test.file)
			if err != nil {
				t.Fatal(err)
			}
			wantBad := 0
			if test.failed == "" {
				wantBad = 1
			}
			for _, f := range []File{file(test.file, stored), file(test.file+".gz", zipped(t, string(stored)))} {
				got, failed, bad := printed(t, Records(), 1, f)
				if got != "" || bad != wantBad {
					t.Errorf("%s: got %q and %d bad records", f.Name, got, bad)
				}
				if msg := strings.Join(failed, ""); (msg == "") != (test.failed == "") || !strings.Contains(msg, test.failed) {
					t.Errorf("%s: failed with %q, want %q", f.Name, msg, test.failed)
				}
			}
		})
	}
}

func TestANotificationAmongRecordsIsBadAndTheRecordsAreRead(t *testing.T) {
	const record = `{"eventSource":"s3.amazonaws.com","eventName":"A"}`
	got, failed, bad := printed(t, Records(), 1, file("f.json", []byte(`{"Records":[`+record+`,{"eventSource":"aws:s3","eventName":"ObjectCreated:Put"},`+record+`,{}]}`)))
	if got != record+"\n"+record+"\n{}\n" || len(failed) != 0 || bad != 1 {
		t.Errorf("%q, %q, %d bad", got, failed, bad)
	}
}
