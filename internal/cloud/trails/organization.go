package trails

import (
	"slices"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

// An Organization says which accounts belong together. The nil Organization
// has none.
type Organization struct {
	ID                      string   `json:"id"` // such as o-exampleorgid
	ManagementAccount       string   `json:"managementAccount"`
	DelegatedAdministrators []string `json:"delegatedAdministrators"`
	Members                 []string `json:"members"`
}

// includes reports whether an account is in the organization.
func (o *Organization) includes(account string) bool {
	return o != nil && (o.administeredBy(account) || slices.Contains(o.Members, account))
}

// administeredBy reports whether an account may change the organization's trails.
func (o *Organization) administeredBy(account string) bool {
	return o != nil && (o.ManagementAccount == account || slices.Contains(o.DelegatedAdministrators, account))
}

// admit holds that an account may make a trail of its organization's.
func (o *Organization) admit(account string) *wire.Fault {
	switch {
	case !o.includes(account):
		return fault("OrganizationsNotInUse", "Your account is not a member of an organization.")
	case !o.administeredBy(account):
		return notOrganizationMaster()
	}
	return nil
}

func notOrganizationMaster() *wire.Fault {
	return fault("NotOrganizationMasterAccount", "The account is not the management account or a delegated administrator of the organization.")
}
