package sinks

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path"
	"strings"

	"github.com/trailhand/trailhand/pkg/delivery"
)

// Bucket takes objects that appear whole or not at all.
type Bucket interface {
	Create(ctx context.Context, key string) delivery.Upload
}

// objectKey names the object that a format makes of a log file.
func objectKey(prefix, format string, f delivery.File, ext string) string {
	version := sha256.Sum256([]byte(f.ID()))
	name := strings.TrimSuffix(path.Base(f.Key), ".json.gz")
	return fmt.Sprintf("%s%s/account=%s/region=%s/date=%s/%s-%x.%s", prefix, format,
		f.Place.AccountID, f.Place.Region, f.Place.Time.Format("2006-01-02"), name, version[:6], ext)
}
