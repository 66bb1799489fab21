package lambdas_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/trailhand/trailhand/internal/cloud/flows"
	"github.com/trailhand/trailhand/pkg/delivery"
	"github.com/trailhand/trailhand/pkg/events"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/scale.md")

// What docs/scale.md computes with; it names the sources.
const (
	// Measured: BenchmarkTheDeployedLogparser, seconds of a processor.
	readFile   = 0.010    // a log file
	readRecord = 0.000013 // and each of its records
	detect     = 0.005    // a run of the detector
	// Published or assumed waits, seconds.
	s3Wait  = 0.150
	sqsWait = 0.020
	// Prices, dollars.
	gbSecond   = 0.0000133334
	invocation = 0.20e-6
	sqsRequest = 0.40e-6
	sqsFIFO    = 0.50e-6
	s3Get      = 0.40e-6
	s3Put      = 5e-6
	logGB      = 0.50
	metric     = 0.30
	alarm      = 0.10
	insights   = 3.50 // a million events, one type
	// The template.
	memoryGB = 0.5
	share    = 512.0 / 1769 // of a processor
	month    = 30 * 24 * 3600.0
)

// tallied is what the tallies of a log file of five minutes come to.
type tallied struct{ messages, bytes, chunks int }

// talliesOf counts with the log reader's own counter. SQS takes each 64 KiB for a request.
func talliesOf(t *testing.T, records int) (n tallied) {
	t.Helper()
	file, err := flows.NewLogFile(records)
	if err != nil {
		t.Fatal(err)
	}
	c := delivery.NewCounter(delivery.File{Bucket: "b", Key: "k", Version: "v"})
	for r, err := range events.OpenGzip(bytes.NewReader(file), events.Limits{}).All() {
		if err != nil {
			t.Fatal(err)
		}
		c.Add(r)
	}
	for _, b := range c.Batches() {
		text, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		n.messages++
		n.bytes += len(text)
		n.chunks += (len(text) + 64<<10 - 1) / (64 << 10)
	}
	return n
}

// seconds of a processor cost this, at any memory size.
func cpu(seconds float64) float64 { return seconds / share * memoryGB * gbSecond }

func wait(seconds float64) float64 { return seconds * memoryGB * gbSecond }

// line is a row of the price of a file, in dollars a million.
type line struct {
	what, how string
	price     float64
}

func file(records int, n tallied) []line {
	return []line{
		{"log reader, processor", fmt.Sprintf("(10 ms + 0.013 ms × %d) / 0.289 × 0.5 GB", records), cpu(readFile + readRecord*float64(records))},
		{"log reader, waiting", "3 × 150 ms for S3, 20 ms for SQS, × 0.5 GB", wait(3*s3Wait + sqsWait)},
		{"log reader and detector, invocations", "2", 2 * invocation},
		{"queue of log files", "send, receive, delete", 3 * sqsRequest},
		{"log file", "GET", s3Get},
		{"records and summary", "2 PUT", 2 * s3Put},
		{"queue of tallies, FIFO", fmt.Sprintf("send and receive of %d × 64 KB, delete", n.chunks), float64(2*n.chunks+1) * sqsFIFO},
		{"detector, processor and waiting", "5 ms / 0.289 and 2 × 150 ms, × 0.5 GB", cpu(detect) + wait(2*s3Wait)},
		{"state", "GET, PUT", s3Get + s3Put},
		{"two log lines", "2 × 1 KB", 2e-6 * logGB},
	}
}

func sum(lines []line) (total float64) {
	for _, l := range lines {
		total += l.price
	}
	return total
}

// priceTable is the price of a million files of 1,000 records, line by line.
func priceTable(t *testing.T) string {
	lines := file(1000, talliesOf(t, 1000))
	var b strings.Builder
	b.WriteString("| a file of 1,000 records, one message an invocation | computed | $ per million files |\n|---|---|---:|\n")
	for _, l := range lines {
		fmt.Fprintf(&b, "| %s | %s | %.2f |\n", l.what, l.how, l.price*1e6)
	}
	fmt.Fprintf(&b, "| **sum** | | **%.2f** |\n", sum(lines)*1e6)
	return b.String()
}

// millionTable is the price of a million events.
func millionTable(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| records in a file | tallies: messages, KB | $ per million events | CloudTrail Insights, one type | both types, of writes |\n|---:|---:|---:|---:|---:|\n")
	for _, records := range []int{100, 1000, 10_000, 100_000} {
		n := talliesOf(t, records)
		fmt.Fprintf(&b, "| %d | %d, %d | %.4f | %.2f | %.2f |\n", records, n.messages, n.bytes/1000, sum(file(records, n))/float64(records)*1e6, insights, 2*insights)
	}
	return b.String()
}

// size is a column of the table of sizes.
type size struct {
	name           string
	places         int
	eventsASecond  float64
	filesASecond   float64
	recordsInAFile int
}

func sizes() []size {
	const fiveMinutes = 300
	of := func(name string, places int, events float64) size {
		files := float64(places) / fiveMinutes
		return size{name, places, events, files, int(math.Round(events / files))}
	}
	return []size{of("one account", 4, 2), of("1,000 accounts", 4000, 2000), of("100,000 events/s", 4000, 100_000)}
}

// sizesTable is what the sizes need, computed and simulated.
func sizesTable(t *testing.T) string {
	rows := [][]string{
		{"accounts × Regions with calls"}, {"events/s"}, {"log files/s, one in 5 minutes for each"}, {"records in a file"},
		{"log reader: seconds a file"}, {"log reader: concurrency of 20, mean and most (simulated)"}, {"waits for one of 10, 99 % (simulated)"}, {"waits for one of 20, 99 % (simulated)"},
		{"detector: concurrency, mean and most (simulated)"}, {"from delivery to judged, 99 %, with 20 (simulated)"},
		{"SQS requests/s, both queues"}, {"S3 requests/s: GET, PUT"}, {"state: 2,000 keys of 100 bytes for each"},
		{"events a month"}, {"files, $ a month"}, {"clock, $ a month"}, {"metrics, alarms, dashboard and empty receives, $ a month"}, {"**together, $ a month**"}, {"CloudTrail Insights, both types, of reads to writes, $ a month"},
	}
	heads := "| |"
	for _, s := range sizes() {
		heads += " " + s.name + " |"
		n := talliesOf(t, s.recordsInAFile)
		ten, twenty := simulate(s, n, 10), simulate(s, n, 20)
		files := sum(file(s.recordsInAFile, n)) * s.filesASecond * month
		clock := float64(s.places) * month / 300 * (cpu(detect) + wait(2*s3Wait)/16 + s3Get + s3Put)
		fixed := fixedPrice()
		monthly := s.eventsASecond * month / 1e6
		for i, cell := range []string{
			fmt.Sprint(s.places), fmt.Sprint(s.eventsASecond), fmt.Sprintf("%.3g", s.filesASecond), fmt.Sprint(s.recordsInAFile),
			fmt.Sprintf("%.2f", readSeconds(s.recordsInAFile)), fmt.Sprintf("%.1f, %d", twenty.readers.mean, twenty.readers.most),
			seconds(ten.readers.wait), seconds(twenty.readers.wait), fmt.Sprintf("%.1f, %d", twenty.detectors.mean, twenty.detectors.most), seconds(twenty.judged),
			fmt.Sprintf("%.3g", s.filesASecond*float64(4+2*n.chunks)), fmt.Sprintf("%.2g, %.2g", s.filesASecond*2+float64(s.places)/300, s.filesASecond*3+float64(s.places)/300),
			fmt.Sprintf("%.3g MB", float64(s.places)*0.2), fmt.Sprintf("%.0f M", monthly), dollars(files), dollars(clock), dollars(fixed),
			"**" + dollars(files+clock+fixed) + "**", dollars(monthly*insights) + " to " + dollars(2*monthly*insights),
		} {
			rows[i] = append(rows[i], cell)
		}
	}
	out := heads + "\n|---|---:|---:|---:|\n"
	for _, row := range rows {
		out += "| " + strings.Join(row, " | ") + " |\n"
	}
	return out
}

// fixedPrice is a month's, whatever comes: metrics, alarms, a dashboard, and the
// receives of Lambda's pollers, five at a queue and one in 20 s each.
func fixedPrice() float64 {
	const metrics, alarms, dashboards, receives = 32, 16, 1, 5 * month / 20
	return metrics*metric + alarms*alarm + dashboards*3 + receives*(sqsRequest+sqsFIFO)
}

func readSeconds(records int) float64 {
	return (readFile+readRecord*float64(records))/share + 3*s3Wait + sqsWait
}

func seconds(s float64) string {
	if s > 60 {
		return "grows"
	}
	return fmt.Sprintf("%.1f s", s)
}

func dollars(x float64) string {
	if x < 100 {
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func TestTheTablesOfTheScalePageAreComputed(t *testing.T) {
	const path = "../../docs/scale.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(page)
	for name, table := range map[string]func(*testing.T) string{"price": priceTable, "million": millionTable, "sizes": sizesTable} {
		place := regexp.MustCompile(`(?s)(<!-- computed: ` + name + ` -->\n).*?(<!-- end -->)`)
		if !place.MatchString(got) {
			t.Fatalf("docs/scale.md has no place for the table %q", name)
		}
		got = place.ReplaceAllString(got, "${1}"+strings.ReplaceAll(table(t), "$", "$$")+"${2}")
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != string(page) {
		t.Errorf("docs/scale.md is not what is computed (-update rewrites it):\n%s", got)
	}
}
