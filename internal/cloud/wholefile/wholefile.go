// Package wholefile writes files that are there whole or not at all, whatever
// dies meanwhile: the process, the disk's last free byte, or the power.
package wholefile

import (
	"errors"
	"os"
)

// Write puts data into the file at path, for which it must be the only writer:
// it writes path.new first, a name that the next one takes again if the process
// dies. If it fails, the old file is as it was. The owner alone can read it.
func Write(path string, data []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync() // or a power cut may leave the new name without its bytes
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
