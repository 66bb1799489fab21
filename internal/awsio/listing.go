package awsio

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// FolderPage is a part of what is right in a folder of a bucket.
type FolderPage struct {
	Keys    []string
	Sizes   []int64  // of the objects, in bytes
	Folders []string // each ends in a slash
	Next    string   // names the next page; empty after the last one
}

// Folder lists one page of the keys that begin with prefix up to their next
// slash, those up to startAfter left out. after is the Next of the page before.
func (s *S3) Folder(ctx context.Context, bucket, prefix, after, startAfter string) (FolderPage, error) {
	in := &s3.ListObjectsV2Input{Bucket: &bucket, Prefix: &prefix, Delimiter: aws.String("/")}
	switch {
	case after != "":
		in.ContinuationToken = &after
	case startAfter > prefix:
		in.StartAfter = &startAfter
	}
	out, err := s.api.ListObjectsV2(ctx, in)
	if err != nil {
		return FolderPage{}, fmt.Errorf("listing s3://%s/%s: %w", bucket, prefix, readFault(err))
	}
	page := FolderPage{Next: aws.ToString(out.NextContinuationToken)}
	for _, o := range out.Contents {
		page.Keys = append(page.Keys, aws.ToString(o.Key))
		page.Sizes = append(page.Sizes, aws.ToInt64(o.Size))
	}
	for _, p := range out.CommonPrefixes {
		page.Folders = append(page.Folders, aws.ToString(p.Prefix))
	}
	return page, nil
}
