package reconciler

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/trail"
)

// undoneBy gives for each operation a change that it alone puts right.
func undoneBy() map[trail.Operation]somebody {
	narrow := analysis("AdvancedEventSelectors")
	start := func(ctx context.Context, c *cloudtrail.Client) error {
		_, err := c.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: aws.String(arn)})
		return err
	}
	return map[trail.Operation]somebody{
		trail.CreateTrail:           remove,
		trail.UpdateTrail:           updates(func(in *cloudtrail.UpdateTrailInput) { in.S3KeyPrefix = aws.String("") }),
		trail.PutEventSelectors:     narrow[0].undo,
		trail.PutInsightSelectors:   putInsights(),
		trail.PutEventConfiguration: narrow[5].undo,
		trail.RemoveTags:            addTags("Surplus", "x"),
		trail.AddTags:               removeTags("Owner"),
		trail.StartLogging:          stop,
		trail.StopLogging:           start,
		trail.DeleteTrail:           create("rogue-1"),
	}
}

// TestEachCallsFaultsOverTheWire lets each of the ten calls fail in the ways that are
// answered differently.
func TestEachCallsFaultsOverTheWire(t *testing.T) {
	tests := []struct {
		name      string
		fault     wire.Fault
		applied   bool
		times     int
		published string
		why       string
	}{
		{"throttled twice", wire.Fault{Code: "ThrottlingException"}, false, 2, trail.DriftRepaired, ""},
		{"broken off after it was applied", wire.Fault{}, true, 1, trail.DriftRepaired, ""},
		{"not found, once", wire.Fault{Code: "TrailNotFoundException"}, false, 1, trail.DriftRepaired, ""},
		{"not permitted", wire.Fault{Code: "AccessDeniedException"}, false, 1 << 20, trail.DriftRepairFailed, "the permission cloudtrail:"},
		{"refused", wire.Fault{Code: "OperationNotPermittedException"}, false, 1 << 20, trail.DriftRepairFailed, "CloudTrail does not offer this here"},
		{"another account's", wire.Fault{Code: "NotOrganizationMasterAccountException"}, false, 1 << 20, trail.DriftDetected, "management account"},
	}
	for operation, undo := range undoneBy() {
		for _, tt := range tests {
			t.Run(string(operation)+" "+tt.name, func(t *testing.T) {
				w, _ := suspended(t, func(s *trail.Spec) {
					s.NewTrails = []trail.Rule{{NamePattern: "rogue-*", Action: trail.NewTrailDelete}}
					s.Trails[0].IsLogging = aws.Bool(operation != trail.StopLogging)
				})
				left := tt.times
				if err := undo(context.Background(), w.client("mallory")); err != nil {
					t.Fatal(err)
				}
				event := w.calls[len(w.calls)-1].event
				w.fault = func(called string) (*wire.Fault, bool) {
					if called != string(operation) || left == 0 {
						return nil, false
					}
					left--
					return &tt.fault, tt.applied
				}
				if _, err := w.handler.Invoke(context.Background(), event); err != nil {
					t.Error(err)
				}
				if len(w.notices) != 1 || w.notices[0].DetailType != tt.published {
					t.Fatalf("published %+v, want %q", w.notices, tt.published)
				}
				if !slices.ContainsFunc(w.notices[0].Fields, func(x trail.Drift) bool { return strings.Contains(x.Why, tt.why) }) {
					t.Errorf("%+v do not say %q", w.notices[0].Fields, tt.why)
				}
			})
		}
	}
}
