package trails_test

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"

	"github.com/trailhand/trailhand/internal/cloud/trails"
)

// changes are the operations that change a trail, by name.
func changes(c *cloudtrail.Client, trail string) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"UpdateTrail": func() error {
			_, err := c.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: &trail})
			return err
		},
		"DeleteTrail": func() error {
			_, err := c.DeleteTrail(ctx, &cloudtrail.DeleteTrailInput{Name: &trail})
			return err
		},
		"StartLogging": func() error {
			_, err := c.StartLogging(ctx, &cloudtrail.StartLoggingInput{Name: &trail})
			return err
		},
		"StopLogging": func() error {
			_, err := c.StopLogging(ctx, &cloudtrail.StopLoggingInput{Name: &trail})
			return err
		},
		"PutEventSelectors": func() error {
			_, err := c.PutEventSelectors(ctx, &cloudtrail.PutEventSelectorsInput{TrailName: &trail, EventSelectors: []types.EventSelector{{}}})
			return err
		},
		"PutInsightSelectors": func() error {
			_, err := c.PutInsightSelectors(ctx, &cloudtrail.PutInsightSelectorsInput{TrailName: &trail, InsightSelectors: []types.InsightSelector{}})
			return err
		},
		"PutEventConfiguration": func() error {
			_, err := c.PutEventConfiguration(ctx, &cloudtrail.PutEventConfigurationInput{TrailName: &trail, AggregationConfigurations: []types.AggregationConfiguration{}})
			return err
		},
	}
}

// reads are the operations that show one trail, by name.
func reads(c *cloudtrail.Client, trail string) map[string]func() error {
	ctx := context.Background()
	return map[string]func() error{
		"GetTrail": func() error {
			_, err := c.GetTrail(ctx, &cloudtrail.GetTrailInput{Name: &trail})
			return err
		},
		"GetTrailStatus": func() error {
			_, err := c.GetTrailStatus(ctx, &cloudtrail.GetTrailStatusInput{Name: &trail})
			return err
		},
		"GetEventSelectors": func() error {
			_, err := c.GetEventSelectors(ctx, &cloudtrail.GetEventSelectorsInput{TrailName: &trail})
			return err
		},
		"GetInsightSelectors": func() error {
			_, err := c.GetInsightSelectors(ctx, &cloudtrail.GetInsightSelectorsInput{TrailName: &trail})
			return err
		},
		"GetEventConfiguration": func() error {
			_, err := c.GetEventConfiguration(ctx, &cloudtrail.GetEventConfigurationInput{TrailName: &trail})
			return err
		},
	}
}

// organized is an organization with a trail of its own, besides two trails of
// the account: one of all Regions, one of its home Region.
func organized(t *testing.T) *world {
	w := newWorld(t, func(cfg *trails.Config) {
		cfg.Organization = &trails.Organization{ID: "o-exampleorgid", ManagementAccount: management, DelegatedAdministrators: []string{delegated}, Members: []string{member}}
	})
	for _, arn := range []string{
		w.create(cloudtrail.CreateTrailInput{Name: p("everywhere"), IsMultiRegionTrail: p(true)}),
		w.create(cloudtrail.CreateTrailInput{Name: p("only-here")}),
		w.createAs(delegated, home, cloudtrail.CreateTrailInput{Name: p("organization"), IsOrganizationTrail: p(true)}),
	} {
		owner := account
		if arn == arnOf(home, management, "organization") {
			owner = management
		}
		_, err := w.client(owner, home).PutInsightSelectors(context.Background(), &cloudtrail.PutInsightSelectorsInput{
			TrailName: &arn, InsightSelectors: []types.InsightSelector{{InsightType: types.InsightTypeApiCallRateInsight}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func TestWhoMayReachATrailFromWhere(t *testing.T) {
	w := organized(t)
	organization := arnOf(home, management, "organization")
	for _, c := range []struct {
		name            string
		account, region string
		trail           string
		read, change    string // the exceptions; empty: success
	}{
		{"by its name at home", account, home, "only-here", "", ""},
		{"by its ARN at home", account, home, arnOf(home, account, "only-here"), "", ""},
		{"a shadow by its ARN", account, away, arnOf(home, account, "everywhere"), "", "InvalidHomeRegionException"},
		{"a shadow by its name", account, away, "everywhere", "TrailNotFoundException", "InvalidHomeRegionException"},
		{"a trail of another Region by its ARN", account, away, arnOf(home, account, "only-here"), "TrailNotFoundException", "InvalidHomeRegionException"},
		{"a trail of another Region by its name", account, away, "only-here", "TrailNotFoundException", "TrailNotFoundException"},
		{"a trail of another account", stranger, home, arnOf(home, account, "only-here"), "TrailNotFoundException", "TrailNotFoundException"},
		{"a trail that is none", account, home, "unheard-of", "TrailNotFoundException", "TrailNotFoundException"},
		{"a name that no trail can have", account, home, "a", "InvalidTrailNameException", "InvalidTrailNameException"},
		{"an ARN that no trail can have", account, home, "arn:aws:cloudtrail:us-east-2:123456789012:eventdatastore/abc", "CloudTrailARNInvalidException", "CloudTrailARNInvalidException"},
		{"an ARN of another service", account, home, "arn:aws:s3:::bucket", "CloudTrailARNInvalidException", "CloudTrailARNInvalidException"},
		{"an organization's trail by its owner", management, home, "organization", "", ""},
		{"an organization's trail by a delegated administrator", delegated, home, organization, "", ""},
		{"an organization's trail by a member", member, home, organization, "", "NotOrganizationMasterAccountException"},
		{"an organization's trail by a member and its name", member, home, "organization", "TrailNotFoundException", "TrailNotFoundException"},
		{"an organization's trail by a stranger", stranger, home, organization, "TrailNotFoundException", "TrailNotFoundException"},
	} {
		client := w.client(c.account, c.region)
		for operation, call := range reads(client, c.trail) {
			t.Run(c.name+"/"+operation, func(t *testing.T) { check(t, call(), c.read, "") })
		}
		for operation, call := range changes(client, c.trail) {
			if c.change == "" {
				continue // the other tests change trails
			}
			t.Run(c.name+"/"+operation, func(t *testing.T) { check(t, call(), c.change, "") })
		}
	}
	_, err := w.client(account, home).GetTrail(context.Background(), &cloudtrail.GetTrailInput{Name: p("unheard-of")})
	check(t, err, "TrailNotFoundException", "Unknown trail: unheard-of for the user: 123456789012")
}

func TestDescribeTrails(t *testing.T) {
	w := organized(t)
	everywhere, here, organization := arnOf(home, account, "everywhere"), arnOf(home, account, "only-here"), arnOf(home, management, "organization")
	for _, c := range []struct {
		name            string
		account, region string
		in              cloudtrail.DescribeTrailsInput
		want            []string
	}{
		{"all at home", account, home, cloudtrail.DescribeTrailsInput{}, []string{everywhere, here}},
		{"shadows away from home", account, away, cloudtrail.DescribeTrailsInput{}, []string{everywhere}},
		{"no shadows if they are not wanted", account, away, cloudtrail.DescribeTrailsInput{IncludeShadowTrails: p(false)}, nil},
		{"no shadows outside the commercial Regions", account, "cn-north-1", cloudtrail.DescribeTrailsInput{}, nil},
		{"by name", account, home, cloudtrail.DescribeTrailsInput{TrailNameList: []string{"only-here", "unheard-of"}}, []string{here}},
		{"no shadow by its name", account, away, cloudtrail.DescribeTrailsInput{TrailNameList: []string{"everywhere"}}, nil},
		{"a shadow by its ARN", account, away, cloudtrail.DescribeTrailsInput{TrailNameList: []string{everywhere}}, []string{everywhere}},
		{"an organization's trail by a member", member, home, cloudtrail.DescribeTrailsInput{}, []string{organization}},
		{"which is a shadow there", member, home, cloudtrail.DescribeTrailsInput{IncludeShadowTrails: p(false)}, nil},
		{"nothing for a stranger", stranger, home, cloudtrail.DescribeTrailsInput{TrailNameList: []string{here}}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := w.client(c.account, c.region).DescribeTrails(context.Background(), &c.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, trail := range out.TrailList {
				got = append(got, *trail.TrailARN)
				if *trail.HomeRegion != home {
					t.Errorf("%s has its home in %s", *trail.TrailARN, *trail.HomeRegion)
				}
			}
			if !slices.Equal(got, c.want) || out.TrailList == nil {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
	for bad, code := range map[string]string{"a": "InvalidTrailNameException", "arn:aws:x": "CloudTrailARNInvalidException"} {
		_, err := w.client(account, home).DescribeTrails(context.Background(), &cloudtrail.DescribeTrailsInput{TrailNameList: []string{bad}})
		check(t, err, code, "")
	}
}

func TestListTrailsGivesAllRegions(t *testing.T) {
	w := organized(t)
	out, err := w.client(account, away).ListTrails(context.Background(), &cloudtrail.ListTrailsInput{})
	if err != nil || len(out.Trails) != 2 || out.NextToken != nil || *out.Trails[1].Name != "only-here" || *out.Trails[1].HomeRegion != home {
		t.Errorf("got %+v, %v", out, err)
	}
}

func TestAnOrganizationMustLetCloudTrailIn(t *testing.T) {
	ctx := context.Background()
	for code, change := range map[string]func(*trails.Organization){
		"": func(*trails.Organization) {},
		"OrganizationNotInAllFeaturesModeException": func(o *trails.Organization) { o.FeatureSet = "CONSOLIDATED_BILLING" },
		"CloudTrailAccessNotEnabledException":       func(o *trails.Organization) { o.TrustedAccess = p(false) },
	} {
		w := newWorld(t, func(cfg *trails.Config) {
			o := &trails.Organization{ID: "o-exampleorgid", ManagementAccount: management}
			change(o)
			cfg.Organization = o
		})
		client := w.client(management, home)
		_, err := client.CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: p("created"), S3BucketName: p(bucket), IsOrganizationTrail: p(true)})
		check(t, err, code, "")
		arn := w.createAs(management, home, cloudtrail.CreateTrailInput{Name: p("own")})
		_, err = client.UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: &arn, IsOrganizationTrail: p(true)})
		check(t, err, code, "")
	}
}

func TestOnlyTheManagementAccountTurnsATrailIntoTheOrganizations(t *testing.T) {
	ctx := context.Background()
	for who, code := range map[string]string{management: "", delegated: "NotOrganizationMasterAccountException", member: "NotOrganizationMasterAccountException", stranger: "OrganizationsNotInUseException"} {
		w := organized(t)
		arn := w.createAs(who, home, cloudtrail.CreateTrailInput{Name: p("own")})
		_, err := w.client(who, home).UpdateTrail(ctx, &cloudtrail.UpdateTrailInput{Name: &arn, IsOrganizationTrail: p(true)})
		check(t, err, code, "")
		if got, _ := w.trails.Trail(arn); got.IsOrganization != (code == "") || got.IsOrganization != (got.OrganizationID == "o-exampleorgid") {
			t.Errorf("by %s: of the organization %t, %q", who, got.IsOrganization, got.OrganizationID)
		}
	}
	w := organized(t)
	_, err := w.client(member, home).CreateTrail(ctx, &cloudtrail.CreateTrailInput{Name: p("mine"), S3BucketName: p(bucket), IsOrganizationTrail: p(true)})
	check(t, err, "NotOrganizationMasterAccountException", "")
}

func TestAnOrganizationsTrailLogsItsMembers(t *testing.T) {
	w := organized(t)
	arn := arnOf(home, management, "organization")
	if _, err := w.client(delegated, home).StartLogging(context.Background(), &cloudtrail.StartLoggingInput{Name: &arn}); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]int{management: 1, delegated: 1, member: 1, stranger: 0, account: 0} {
		if got := w.trails.Logging(who); len(got) != want {
			t.Errorf("%d trails log the events of %s, want %d", len(got), who, want)
		}
	}
}
