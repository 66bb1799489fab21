package selectors

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/pkg/events"
)

// Every way to decide on a recorded event must give the same answer, and the
// default must take the management events and nothing else.
func TestRecordedEventsAreDecidedAlikeEveryWay(t *testing.T) {
	dir := os.Getenv("TRAILHAND_SAMPLES")
	if dir == "" {
		t.Skip("not run over recorded logs: TRAILHAND_SAMPLES does not name their folder")
	}
	matchers := map[string]*Matcher{
		"default":  mustCompile(t, `{}`),
		"basic":    mustCompile(t, basicSet(`{"ReadWriteType":"WriteOnly","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}`)),
		"advanced": mustCompile(t, dataSet(`{"Field":"eventName","StartsWith":["Get","List"]},{"Field":"userIdentity.arn","NotEndsWith":["user/root"]}`)),
	}
	kept, read := map[string]int{}, 0
	err := filepath.WalkDir(filepath.Join(dir, "AWSLogs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		for r, err := range events.OpenGzip(f, events.Limits{}).All() {
			if err != nil {
				continue // damage is for the reader's tests
			}
			read++
			e := EventOf(r)
			for name, m := range matchers {
				match, record, explained := m.Match(&e), m.MatchRecord(r), m.Explain(&e).Kept
				if match != record || match != explained || name == "default" && match != (e.Category == events.Management) {
					t.Fatalf("%s, %s: Match %v, MatchRecord %v, Explain %v: %s", path, name, match, record, explained, r.Raw())
				}
				if match {
					kept[name]++
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read == 0 {
		t.Fatal("no records were read")
	}
	t.Logf("%d records, kept: %v", read, kept)
}
