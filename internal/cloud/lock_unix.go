//go:build unix

package cloud

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Lock keeps a second process out of a folder until release, or until this
// process ends, however it ends.
func Lock(dir string) (release func() error, err error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", dir, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("another process has %s open: %w", dir, err)
	}
	return f.Close, nil
}
