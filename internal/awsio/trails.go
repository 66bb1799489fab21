package awsio

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/smithy-go"

	"github.com/trailhand/trailhand/pkg/trail"
)

// Trails is the CloudTrail API of one account in all Regions: a [trail.API].
type Trails struct{ client *cloudtrail.Client }

// NewTrails makes the API. It tries each call once: when to try again is for the
// reconciler to say.
func NewTrails(cfg aws.Config) *Trails {
	client := cloudtrail.NewFromConfig(cfg, func(o *cloudtrail.Options) { o.Retryer = aws.NopRetryer{} })
	return &Trails{client}
}

func in(region string) func(*cloudtrail.Options) {
	return func(o *cloudtrail.Options) {
		if region != "" {
			o.Region = region
		}
	}
}

// List gives the ARNs of the account's trails in all Regions, shadows left out.
func (t *Trails) List(ctx context.Context) ([]trail.Ref, error) {
	var refs []trail.Ref
	pages := cloudtrail.NewListTrailsPaginator(t.client, &cloudtrail.ListTrailsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fault("ListTrails", err)
		}
		for _, info := range page.Trails {
			refs = append(refs, trail.Ref{Region: aws.ToString(info.HomeRegion), Trail: aws.ToString(info.TrailARN)})
		}
	}
	return refs, nil
}

// fault turns an exception into a *trail.Fault and leaves other errors as they are.
func fault(operation string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%s: %w", operation, err)
	}
	code := api.ErrorCode()
	if i := strings.LastIndex(code, "#"); i >= 0 {
		code = code[i+1:]
	}
	return &trail.Fault{Operation: operation, Code: code, Message: api.ErrorMessage()}
}
