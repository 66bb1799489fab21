package trails

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
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

	// FeatureSet is ALL if not given. CloudTrail needs all features, and its
	// access enabled.
	FeatureSet    string `json:"featureSet"`
	TrustedAccess *bool  `json:"trustedAccess"` // nil: enabled
}

// ReadOrganization reads an Organization from JSON. All problems are in the error.
func ReadOrganization(data []byte) (*Organization, error) {
	var o Organization
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return nil, err
	}
	var errs []error
	if !regexp.MustCompile(`^o-[a-z0-9]{10,32}$`).MatchString(o.ID) {
		errs = append(errs, fmt.Errorf("id %q is not one of an organization, such as o-exampleorgid", o.ID))
	}
	for _, account := range slices.Concat([]string{o.ManagementAccount}, o.DelegatedAdministrators, o.Members) {
		if !regexp.MustCompile(`^\d{12}$`).MatchString(account) {
			errs = append(errs, fmt.Errorf("account %q has not 12 digits", account))
		}
	}
	if !slices.Contains([]string{"", "ALL", "CONSOLIDATED_BILLING"}, o.FeatureSet) {
		errs = append(errs, fmt.Errorf("featureSet %q is neither ALL nor CONSOLIDATED_BILLING", o.FeatureSet))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return &o, nil
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
	case o.FeatureSet == "CONSOLIDATED_BILLING":
		return fault("OrganizationNotInAllFeaturesMode", "AWS Organizations is not configured to support all features. All features must be enabled to support an organization trail.")
	case !or(o.TrustedAccess, true):
		return fault("CloudTrailAccessNotEnabled", "Trusted access has not been enabled between AWS CloudTrail and AWS Organizations.")
	}
	return nil
}

func notOrganizationMaster() *wire.Fault {
	return fault("NotOrganizationMasterAccount", "The account is not the management account or a delegated administrator of the organization.")
}
