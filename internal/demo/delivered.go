package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// damagedKey is where a cut log file lands beside the good ones.
const damagedKey = "AWSLogs/210987654321/CloudTrail/us-east-1/2023/07/10/210987654321_CloudTrail_us-east-1_20230710T1145Z_cutInTheMiddle00.json.gz"

// totals are what the logparser wrote about the files of the second act.
type totals struct {
	files, records               int
	byCategory, byEvent, byError map[string]int
	setAside                     []string // "key: reason"
}

// delivered is the second act.
func (p *play) delivered(ctx context.Context) line {
	p.title("Act 2. Delivered logs: real log files land in the bucket, and the logparser reads them")
	t, err := p.playDelivered(ctx)
	return line{
		Act:      "Delivered logs",
		Happened: fmt.Sprintf("%d files with %d records read, %d damaged file set aside", t.files, t.records, len(t.setAside)),
		Err:      err,
	}
}

func (p *play) playDelivered(ctx context.Context) (totals, error) {
	t := totals{byCategory: map[string]int{}, byEvent: map[string]int{}, byError: map[string]int{}}
	files, err := sampleFiles()
	if err != nil {
		return t, err
	}
	good := len(files)
	whole := files[slices.Max(slices.Collect(maps.Keys(files)))]
	files[damagedKey] = whole[:len(whole)/2]
	client := p.s3()
	for key, body := range files {
		if err := p.putObject(ctx, client, key, body); err != nil {
			return t, fmt.Errorf("putting %q: %w", key, err)
		}
	}
	if err := p.cloud.Idle(ctx); err != nil {
		return t, err
	}
	if err := p.readSummaries(ctx, client, files, &t); err != nil {
		return t, err
	}
	if t.setAside, err = p.deadLetters(ctx); err != nil {
		return t, err
	}
	p.showTotals(t)
	return t, t.check(good)
}

// readSummaries adds up what the logparser wrote about each of the files.
func (p *play) readSummaries(ctx context.Context, client *s3.Client, files map[string][]byte, t *totals) error {
	bucket := aws.String(p.bucket("DataBucket"))
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: aws.String(outputPrefix + "summary/")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, o := range page.Contents {
			if !isOf(files, *o.Key) {
				continue // the account's own trail delivers too
			}
			if err := readSummary(ctx, client, bucket, o.Key, t); err != nil {
				return fmt.Errorf("reading %q: %w", *o.Key, err)
			}
		}
	}
	return nil
}

// isOf holds for the summary of one of the files: it begins with the file's name.
func isOf(files map[string][]byte, summary string) bool {
	name := summary[strings.LastIndexByte(summary, '/')+1:]
	for key := range files {
		file := strings.TrimSuffix(key[strings.LastIndexByte(key, '/')+1:], ".json.gz")
		if strings.HasPrefix(name, file) {
			return true
		}
	}
	return false
}

func readSummary(ctx context.Context, client *s3.Client, bucket, key *string, t *totals) error {
	o, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return err
	}
	defer func() { _ = o.Body.Close() }()
	var s delivery.Summary
	if err := json.NewDecoder(o.Body).Decode(&s); err != nil {
		return err
	}
	t.files += s.Files
	t.records += s.Records
	add(t.byCategory, s.ByCategory)
	add(t.byEvent, s.ByEvent)
	add(t.byError, s.ByError)
	return nil
}

func add(to, from map[string]int) {
	for name, n := range from {
		to[name] += n
	}
}

// deadLetters reads what was set aside, and why.
func (p *play) deadLetters(ctx context.Context) ([]string, error) {
	client := sqs.NewFromConfig(p.aws)
	got, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(p.queue("LogFileDeadLetters")), MaxNumberOfMessages: 10,
		MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, m := range got.Messages {
		all = append(all, reasonOf(m))
	}
	return all, nil
}

func reasonOf(m types.Message) string {
	for _, a := range m.MessageAttributes {
		if a.StringValue != nil {
			return *a.StringValue
		}
	}
	return "no reason given"
}

func (p *play) showTotals(t totals) {
	p.say("%d files, %d records", t.files, t.records)
	p.say("by eventCategory  %s", top(t.byCategory, 5))
	p.say("top APIs          %s", top(t.byEvent, 4))
	p.say("top errors        %s", top(t.byError, 4))
	for _, reason := range t.setAside {
		p.say("set aside         %s", reason)
	}
}

// top gives the n names with the highest counts.
func top(counts map[string]int, n int) string {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, name := range names[:min(n, len(names))] {
		api := strings.ReplaceAll(strings.ReplaceAll(name, ".amazonaws.com", ""), "|", ":")
		parts = append(parts, fmt.Sprintf("%s %d", api, counts[name]))
	}
	return strings.Join(parts, ", ")
}

func (t totals) check(good int) error {
	var errs []error
	if t.files != good {
		errs = append(errs, fmt.Errorf("%d files were read, want %d", t.files, good))
	}
	for _, category := range []string{"Management", "Data", "Insight", "NetworkActivity"} {
		if t.byCategory[category] == 0 {
			errs = append(errs, fmt.Errorf("no %s event was read", category))
		}
	}
	if len(t.setAside) != 1 {
		errs = append(errs, fmt.Errorf("%d files were set aside, want the damaged one", len(t.setAside)))
	}
	return errors.Join(errs...)
}

// queue is the URL of one of the template's queues.
func (p *play) queue(logicalID string) string {
	for _, q := range p.cloud.Wiring().Queues {
		if q.LogicalID == logicalID {
			return q.URL
		}
	}
	return ""
}
