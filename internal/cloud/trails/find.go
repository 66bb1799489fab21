package trails

import "github.com/trailhand/trailhand/internal/cloud/wire"

// find gives the trail that a caller may read under a name or an ARN: by its
// name only a trail of the caller's own account in its home Region, by its ARN
// also a shadow.
func (ts *Trails) find(c wire.Caller, reference string) (Trail, error) {
	if f := checkReference(reference); f != nil {
		return Trail{}, f
	}
	account := ts.account(c)
	key := reference
	if !isARN(reference) {
		key = trailARN(c.Region, account, reference)
	}
	t, ok := ts.Trail(key)
	if !ok || !ts.has(account, &t) || !t.visible(c.Region) {
		return Trail{}, notFound(reference, account)
	}
	return t, nil
}

// findAtHome gives the trail that a caller may change. A trail is changed from
// its home Region only, and an organization's trail by its administrators only.
func (ts *Trails) findAtHome(c wire.Caller, reference string) (Trail, error) {
	t, err := ts.find(c, reference)
	if err != nil {
		if t, ok := ts.elsewhere(c, reference); ok {
			return Trail{}, invalidHomeRegion(t)
		}
		return Trail{}, err
	}
	if t.IsOrganization && !ts.cfg.Organization.administeredBy(ts.account(c)) {
		return Trail{}, notOrganizationMaster()
	}
	if t.HomeRegion != c.Region {
		return Trail{}, invalidHomeRegion(t)
	}
	return t, nil
}

// elsewhere finds a trail that the caller's account has in another Region: by
// its ARN any, by its name one that has a shadow here.
func (ts *Trails) elsewhere(c wire.Caller, reference string) (Trail, bool) {
	if isARN(reference) {
		t, ok := ts.Trail(reference)
		return t, ok && t.AccountID == ts.account(c)
	}
	found := ts.all(func(e *entry) bool {
		return e.trail.Name == reference && e.trail.AccountID == ts.account(c) && e.trail.visible(c.Region)
	})
	if len(found) == 0 {
		return Trail{}, false
	}
	return found[0], true
}

func invalidHomeRegion(t Trail) *wire.Fault {
	return fault("InvalidHomeRegion", "The home Region of trail %s is %s. Call the operation from there.", t.ARN, t.HomeRegion)
}
