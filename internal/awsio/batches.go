package awsio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// The limits of one SendMessageBatch and of one PutEvents. EventBridge takes
// 256 KB, of late a mebibyte, of all entries together: less than the former
// always goes.
const (
	maxEntries      = 10
	maxMessageBytes = 1 << 20
	maxEventBytes   = 256<<10 - 1
)

// chunks splits items into runs of at most that many bytes that fit one request each.
func chunks[T any](items []T, most int, size func(T) int) [][]T {
	var all [][]T
	begin, bytes := 0, 0
	for i, item := range items {
		n := size(item)
		if i > begin && (i-begin == maxEntries || bytes+n > most) {
			all = append(all, items[begin:i])
			begin, bytes = i, 0
		}
		bytes += n
	}
	if begin < len(items) {
		all = append(all, items[begin:])
	}
	return all
}

// sendAll sends items, and again those that a service answered as failed,
// after a pause that doubles. The SDK retries requests; an answer that says
// that entries failed is none of its business.
func sendAll[T any](ctx context.Context, items []T, send func(context.Context, []T) (failed []T, why error)) error {
	const attempts = 4
	pause := 50 * time.Millisecond
	for attempt := 1; ; attempt++ {
		failed, why := send(ctx, items)
		if len(failed) == 0 || attempt == attempts {
			return why
		}
		items = failed
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), why)
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
