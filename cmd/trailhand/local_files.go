package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/trailhand/trailhand/internal/cloud"
	"github.com/trailhand/trailhand/internal/cloud/tokens"
	"github.com/trailhand/trailhand/internal/cloud/trails"
)

// localFiles say who there is in the account; empty where not given.
type localFiles struct {
	identities, credentials, organization string
}

func (f *localFiles) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.identities, "identities", "", "file that says who is behind which access key, as above")
	flags.StringVar(&f.credentials, "credentials", "", "shared credentials file of AWS: signatures are checked, and other access keys are refused")
	flags.StringVar(&f.organization, "organization", "", "file that says which accounts belong together, as above")
}

// read puts what the files say into cfg. All that is wrong with them is told at once.
func (f *localFiles) read(cfg *cloud.Config) error {
	var errs []error
	load := func(flag, path string, parse func([]byte) error) {
		if path == "" {
			return
		}
		data, err := os.ReadFile(path)
		if err == nil {
			err = parse(data)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("--%s %q: %w", flag, path, err))
		}
	}
	load("identities", f.identities, func(data []byte) (err error) {
		cfg.Identities, err = tokens.ReadIdentities(data, cfg.AccountID)
		return err
	})
	load("credentials", f.credentials, func(data []byte) (err error) {
		cfg.Verify = true
		cfg.Identities, err = tokens.ReadCredentials(data, cfg.AccountID, cfg.Identities)
		return err
	})
	load("organization", f.organization, func(data []byte) (err error) {
		cfg.Organization, err = trails.ReadOrganization(data)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return usageError{err}
	}
	return nil
}
