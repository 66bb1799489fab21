package events

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// story tells the items of files in words.
func story(t *testing.T, parallel int, texts ...string) string {
	t.Helper()
	files := func(yield func(File) bool) {
		for i, text := range texts {
			packed := gz(t, text)
			open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed)), nil }
			if !yield(File{Name: fmt.Sprint(i), Open: open}) {
				return
			}
		}
	}
	var words []string
	for item := range ReadRecords(t.Context(), files, parallel, Limits{Ratio: -1}) {
		var bad *RecordError
		switch {
		case item.Record != nil:
			words = append(words, item.Name+":"+item.Record.String(EventName))
		case item.End:
			words = append(words, item.Name+":end")
		case errors.As(item.Err, &bad):
			words = append(words, item.Name+":bad")
		default:
			words = append(words, item.Name+":damaged")
		}
	}
	return strings.Join(words, " ")
}

func TestReadRecordsKeepsTheOrderOfFilesAndOfTheirRecords(t *testing.T) {
	var texts, want []string
	for i := range 30 {
		var records []string
		for k := range i * 5 {
			records = append(records, fmt.Sprintf(`{"eventName":"n%d","x":"%s"}`, k, strings.Repeat("x", k*1000)))
			want = append(want, fmt.Sprintf("%d:n%d", i, k))
		}
		texts = append(texts, `{"Records":[`+strings.Join(records, ",")+`]}`)
		want = append(want, fmt.Sprintf("%d:end", i))
	}
	for _, parallel := range []int{1, 3, 8} {
		if got := story(t, parallel, texts...); got != strings.Join(want, " ") {
			t.Errorf("%d at once: %.300s", parallel, got)
		}
	}
}

func TestReadRecordsTellsBadRecordsAndDamagedFilesInTheirPlaces(t *testing.T) {
	got := story(t, 2,
		`{"Records":[{"eventName":"a"},7,{"eventName":"b"}]}`,
		`{"Records":[{"eventName":"c"}`,
		`{"Records":[]}`)
	if want := "0:a 0:bad 0:b 0:end 1:c 1:damaged 2:end"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestReadRecordsLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	big := gz(t, `{"Records":[`+strings.Repeat(`{"eventName":"a","x":"0123456789"},`, 100000)+`{}]}`)
	files := func(yield func(File) bool) {
		for range 20 {
			open := func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(big)), nil }
			if !yield(File{Name: "big", Open: open}) {
				return
			}
		}
	}
	for range ReadRecords(t.Context(), files, 4, Limits{Ratio: -1}) {
		break
	}
	wantGoroutines(t, before)
}

// TestReadRecordsUsesItsBatchesAgain counts garbage: of many small files each
// would cost a batch.
func TestReadRecordsUsesItsBatchesAgain(t *testing.T) {
	const files = 300
	all := slices.Collect(numbered(t, files))
	n := 0
	used := allocated(func() {
		for item := range ReadRecords(t.Context(), slices.Values(all), 2, Limits{}) {
			if item.Record != nil {
				n++
			}
		}
	})
	if n != files*(files-1)/2 || used/files > batchSize*3/4 {
		t.Errorf("%d records, %d bytes allocated for each file", n, used/files)
	}
}
