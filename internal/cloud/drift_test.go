package cloud

import (
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/pkg/trail"
)

func TestWhatTheReconcilerTellsIsHandedOn(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	var mu sync.Mutex
	var lines []string
	cfg.OnDrift = func(n trail.Notice) {
		mu.Lock()
		defer mu.Unlock()
		lines = append(lines, DriftLine(n))
	}
	c := started(t, cfg)
	entry := func(source, detailType, detail string) types.PutEventsRequestEntry {
		return types.PutEventsRequestEntry{Source: &source, DetailType: &detailType, Detail: aws.String(detail)}
	}
	_, err := eventbridge.NewFromConfig(sdk(c, testRegion)).PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
		entry(trail.Source, trail.DriftRepaired, `{"name":"audit","region":"eu-west-1","fields":[{"field":"IsLogging","want":true,"got":false},{"field":"Tags","want":{"Owner":"a"},"got":null}],`+
			`"cause":{"eventName":"StopLogging","userIdentityArn":"arn:aws:iam::123456789012:user/mallory"}}`),
		entry(trail.Source, trail.DriftDetected, `{"name":"audit","region":"eu-west-1","fields":[{"field":"Exists","want":true,"got":false}]}`),
		entry("another", trail.DriftRepaired, `{"name":"audit"}`),
		entry(trail.Source, trail.DriftRepaired, `{"fields":7}`),
	}})
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{
		`trail audit in eu-west-1: put back: IsLogging (was false, is to be true), Tags (was null, is to be {"Owner":"a"}); StopLogging by arn:aws:iam::123456789012:user/mallory`,
		`trail audit in eu-west-1: drifted: Exists (was false, is to be true)`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("told %q\nwant %q", lines, want)
	}
}
