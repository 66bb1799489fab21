package tokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/trailhand/trailhand/internal/cloud/wholefile"
)

// Keep makes the temporary credentials known that clients got of an earlier
// process and that have not expired, and keeps those of this one in the same
// file: a line each. The owner alone can read it.
func (t *Tokens) Keep(path string) error {
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("keeping temporary credentials: %w", err)
	}
	t.file = path
	var valid bytes.Buffer
	for line := range bytes.Lines(old) {
		var id Identity
		if json.Unmarshal(line, &id) != nil || !t.cfg.Now().Before(id.Expires) { // the last line may be half of one
			continue
		}
		t.Register(id)
		valid.Write(line)
	}
	if valid.Len() == len(old) {
		return nil
	}
	if err := wholefile.Write(path, valid.Bytes()); err != nil {
		return fmt.Errorf("keeping temporary credentials: %w", err)
	}
	return nil
}

// keep writes credentials that a client gets.
func (t *Tokens) keep(id Identity) error {
	if t.file == "" {
		return nil
	}
	line, err := json.Marshal(id)
	if err != nil {
		return fmt.Errorf("keeping temporary credentials: %w", err)
	}
	f, err := os.OpenFile(t.file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keeping temporary credentials: %w", err)
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}
