package awsio

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// parts is the prefix of a state's parts: PREFIX<account>/<region>.parts/.
func (s States) parts(account, region string) string {
	return s.Prefix + url.PathEscape(account) + "/" + url.PathEscape(region) + ".parts/"
}

// Part implements insights.Parts.
func (s States) Part(ctx context.Context, account, region, name string) ([]byte, error) {
	data, _, err := s.Bucket.Get(ctx, s.parts(account, region)+name)
	return data, err
}

// SavePart implements insights.Parts.
func (s States) SavePart(ctx context.Context, account, region, name string, data []byte) error {
	return s.Bucket.Put(ctx, s.parts(account, region)+name, data, nil)
}

// PartNames implements insights.Parts.
func (s States) PartNames(ctx context.Context, account, region string) (names []string, err error) {
	prefix := s.parts(account, region)
	for key, err := range s.Bucket.Keys(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		names = append(names, strings.TrimPrefix(key, prefix))
	}
	return names, nil
}

// DeletePart implements insights.Parts.
func (s States) DeletePart(ctx context.Context, account, region, name string) error {
	key := s.parts(account, region) + name
	if _, err := s.Bucket.api.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.Bucket.name, Key: &key}); err != nil {
		return fmt.Errorf("deleting s3://%s/%s: %w", s.Bucket.name, key, err)
	}
	return nil
}
