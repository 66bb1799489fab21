package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/trailhand/trailhand/pkg/insights"
)

// Folder is the insights.Store over a folder, with the names that the detector's
// bucket has below its prefix: <account>/<region>.state. It is for one writer.
type Folder string

// Path is the file of one account and Region.
func (f Folder) Path(account, region string) string {
	return filepath.Join(string(f), url.PathEscape(account), url.PathEscape(region)+".state")
}

// Load implements insights.Store.
func (f Folder) Load(_ context.Context, account, region string) (data []byte, version string, err error) {
	data, err = os.ReadFile(f.Path(account, region))
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return data, versionOf(data), nil
}

func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Save implements insights.Store. The file is there whole or not at all.
func (f Folder) Save(ctx context.Context, account, region string, data []byte, ifVersion string) (string, error) {
	_, version, err := f.Load(ctx, account, region)
	if err != nil {
		return "", err
	}
	path := f.Path(account, region)
	if account == "." || account == ".." { // what a record says may be anything
		return "", fmt.Errorf("account %q: no name for a folder", account)
	}
	if version != ifVersion {
		return "", fmt.Errorf("writing %q: %w", path, insights.ErrConflict)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return "", err
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return "", err
	}
	return versionOf(data), os.Rename(path+".new", path)
}
