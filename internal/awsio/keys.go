package awsio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"

	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/digest"
)

// PublicKeys adds the keys of a Region that were valid at some time between
// from and to.
func PublicKeys(ctx context.Context, cfg aws.Config, region string, from, to time.Time, keys digest.PublicKeys) error {
	client := cloudtrail.NewFromConfig(cfg)
	pages := cloudtrail.NewListPublicKeysPaginator(client, &cloudtrail.ListPublicKeysInput{StartTime: &from, EndTime: &to})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, in(region))
		if err != nil {
			return fmt.Errorf("public keys of %s: %w", region, err)
		}
		for _, k := range page.PublicKeyList {
			valid := digest.Validity{Start: aws.ToTime(k.ValidityStartTime), End: aws.ToTime(k.ValidityEndTime)}
			if err := keys.Add(aws.ToString(k.Fingerprint), k.Value, valid); err != nil {
				return fmt.Errorf("public keys of %s: %w", region, err)
			}
		}
	}
	return nil
}

// Digests is S3 to those who verify digest files: a [digest.Store].
type Digests struct{ *S3 }

// Open implements digest.Store.
func (d Digests) Open(ctx context.Context, bucket, key string) (io.ReadCloser, map[string]string, error) {
	o, metadata, err := d.open(ctx, delivery.Notice{Bucket: bucket, Key: key})
	if errors.Is(err, delivery.ErrGone) {
		err = fmt.Errorf("%w: %w", digest.ErrNotFound, err)
	}
	return o.Body, metadata, err
}
