package flows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// each runs a Map in distributed mode: over the objects under a prefix, each by
// itself or in batches. The results go to an object; its place is the result.
func (m *machine) each(ctx context.Context, s *state, input any) (any, error) {
	if s.ItemReader == nil || s.ResultWriter == nil || s.ItemProcessor.ProcessorConfig.Mode != "DISTRIBUTED" {
		return nil, errors.New("a Map that is not distributed, reads no bucket or writes to none is not run here")
	}
	items, err := m.items(ctx, s, input)
	if err != nil {
		return nil, err
	}
	m.needsOfChildren()
	for _, item := range items {
		if _, err := m.run(ctx, s.ItemProcessor, item); err != nil {
			return nil, err
		}
	}
	to, err := m.fill(s.ResultWriter.Parameters, input)
	if err != nil {
		return nil, err
	}
	place := to.(map[string]any)
	for _, action := range []string{"PutObject", "GetObject", "ListMultipartUploadParts", "AbortMultipartUpload"} {
		m.need("s3:"+action, fmt.Sprintf("arn:aws:s3:::%s/%s/…/manifest.json", place["Bucket"], place["Prefix"]))
	}
	return map[string]any{"MapRunArn": m.execution("/map:run"), "ResultWriterDetails": place}, nil
}

// needsOfChildren are the permissions to run, watch, stop and redrive the
// executions of a Map.
//
// https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
func (m *machine) needsOfChildren() {
	m.need("states:StartExecution", m.ARN)
	for _, action := range []string{"states:DescribeExecution", "states:StopExecution"} {
		m.need(action, m.execution(":name"))
		m.need(action, m.execution("/map:name"))
	}
	m.need("states:RedriveExecution", m.execution("/map:name"))
}

func (m *machine) execution(of string) string {
	return strings.Replace(m.ARN, ":stateMachine:", ":execution:", 1) + of
}

// items gives the input of each child.
func (m *machine) items(ctx context.Context, s *state, input any) ([]any, error) {
	in, err := m.fill(s.ItemReader.Parameters, input)
	if err != nil {
		return nil, err
	}
	place, _ := in.(map[string]any)
	bucket, isBucket := place["Bucket"].(string)
	prefix, isPrefix := place["Prefix"].(string)
	if s.ItemReader.Resource != "arn:aws:states:::s3:listObjectsV2" || !isBucket || !isPrefix {
		return nil, fmt.Errorf("an ItemReader of %q with %v is not run here", s.ItemReader.Resource, place)
	}
	m.need("s3:ListBucket", "arn:aws:s3:::"+bucket)
	items, err := m.list(ctx, bucket, prefix)
	if err != nil {
		return nil, err
	}
	if s.ItemSelector != nil {
		for i, item := range items {
			one := *m
			one.context = maps.Clone(m.context)
			one.context["Map"] = map[string]any{"Item": map[string]any{"Index": i, "Value": item}}
			if items[i], err = one.fill(s.ItemSelector, input); err != nil {
				return nil, err
			}
		}
	}
	if s.ItemBatcher == nil {
		return items, nil
	}
	common, err := m.fill(s.ItemBatcher.BatchInput, input)
	if err != nil {
		return nil, err
	}
	var batches []any
	for batch := range slices.Chunk(items, s.ItemBatcher.MaxItemsPerBatch) {
		batches = append(batches, map[string]any{"BatchInput": common, "Items": batch})
	}
	return batches, nil
}
