package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/trailhand/trailhand/internal/cloud"
)

// calls makes requests from many clients at once.
func calls(b *testing.B, url, service, target, body string) {
	b.Helper()
	var failed atomic.Int64
	b.SetParallelism(4)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := post(url, service, target, body)
			if err != nil {
				failed.Add(1)
				continue
			}
			if resp.StatusCode != http.StatusOK {
				failed.Add(1)
			}
			io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
	b.StopTimer()
	if n := failed.Load(); n > 0 {
		b.Errorf("%d calls failed", n)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkCalls tells what recording costs: a read, without a trail and with
// one that logs everything.
func BenchmarkCalls(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 64
	for _, logging := range []bool{false, true} {
		b.Run(fmt.Sprintf("logging=%v", logging), func(b *testing.B) {
			account := startCloud(b, nil)
			if logging {
				logEverything(b, Dial(account.URL(), Region), "busy")
			}
			calls(b, account.URL(), "cloudtrail", "CloudTrail_20131101.DescribeTrails", `{}`)
		})
	}
}

// feed sends n records that happened elsewhere, in log files of 1000.
func feed(tb testing.TB, url string, n int) {
	tb.Helper()
	const size = 1000
	for from := 0; from < n; from += size {
		var records []json.RawMessage
		for i := from; i < min(from+size, n); i++ {
			records = append(records, fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAEXAMPLE","arn":"arn:aws:iam::123456789012:user/u%d","accountId":"123456789012","accessKeyId":"AKIAIOSFODNN7EXAMPLE","userName":"u%d"},"eventTime":%q,"eventSource":"ec2.amazonaws.com","eventName":"RunInstances","awsRegion":"us-east-1","sourceIPAddress":"198.51.100.7","userAgent":"aws-cli/2.15.0","requestParameters":{"instancesSet":{"items":[{"imageId":"ami-%d","minCount":1,"maxCount":1}]},"instanceType":"t3.micro"},"responseElements":null,"requestID":"r-%d","eventID":"00000000-0000-4000-8000-%012d","readOnly":false,"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"123456789012","eventCategory":"Management"}`,
				i%50, i%50, time.Now().UTC().Format(time.RFC3339), i, i, i))
		}
		body, err := json.Marshal(map[string]any{"Records": records})
		if err != nil {
			tb.Fatal(err)
		}
		resp, err := http.Post(url+"/_trailhand/events", "application/json", bytes.NewReader(body))
		if err != nil {
			tb.Fatal(err)
		}
		answer, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			tb.Fatalf("status %d: %.200s", resp.StatusCode, answer)
		}
	}
}

// BenchmarkDelivery takes records in and delivers them, to one trail.
func BenchmarkDelivery(b *testing.B) {
	account := startCloud(b, nil)
	logEverything(b, Dial(account.URL(), Region), "deliver")
	b.ResetTimer()
	feed(b, account.URL(), b.N)
	taken := b.Elapsed()
	if err := account.Deliver(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/taken.Seconds(), "taken/s")
	b.ReportMetric(float64(b.N)/(b.Elapsed()-taken).Seconds(), "delivered/s")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// TestMemoryAfterAMillionRecords measures what stays in memory. It takes
// minutes: TRAILHAND_LOAD=1 asks for it.
func TestMemoryAfterAMillionRecords(t *testing.T) {
	if os.Getenv("TRAILHAND_LOAD") == "" {
		t.Skip("TRAILHAND_LOAD is not set: memory under load goes unmeasured")
	}
	account := startCloud(t, func(cfg *cloud.Config) { cfg.DeliveryInterval = 5 * time.Second })
	logEverything(t, Dial(account.URL(), Region), "heavy")
	heap := func() float64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return float64(m.HeapAlloc) / (1 << 20)
	}
	before, start := heap(), time.Now()
	const million = 1_000_000
	feed(t, account.URL(), million)
	if err := account.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	took, after := time.Since(start), heap()
	t.Logf("%d records in %s, %.0f a second; heap %.1f MiB before, %.1f MiB after; %s", million, took.Round(time.Second), million/took.Seconds(), before, after, resident(t))
	if after-before > 512 {
		t.Errorf("%.0f MiB stay in memory", after-before)
	}
}

// resident is the process's greatest size, as the kernel says.
func resident(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return "no /proc"
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM") {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	return ""
}
