package trail

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// Invalid is a setting of a desired trail that CloudTrail would refuse or that
// could never be compared.
type Invalid struct {
	Field  string
	Reason string
}

// Error gives field and reason.
func (e *Invalid) Error() string { return e.Field + ": " + e.Reason }

// Validate reports everything that is wrong with a desired trail: an errors.Join
// of *[Invalid].
func (d *Desired) Validate() error {
	var errs []error
	wrong := func(field Field, format string, args ...any) {
		errs = append(errs, &Invalid{string(field), fmt.Sprintf(format, args...)})
	}
	if err := checkName(d.Name); err != nil {
		errs = append(errs, err)
	}
	d.validateAttributes(wrong)
	if d.Selectors != nil {
		if err := d.Selectors.Validate(); err != nil {
			wrong(d.selectorField(), "%v", err)
		}
	}
	d.validateAnalysis(wrong)
	d.validateTags(wrong)
	for _, name := range d.Profiles {
		if !slices.Contains(Profiles(), name) {
			wrong("Profiles", "there is no profile %q: the profiles are %s", name, strings.Join(Profiles(), ", "))
		}
	}
	for _, q := range d.shortOfProfile() {
		wrong(q.field, "falls short of %s, which the trail's profile requires", q.control)
	}
	return errors.Join(errs...)
}

// AsModel gives what a rule's Conform is for a trail, to be validated: it has a
// name, and a trail of a rule is not made again.
func (d Desired) AsModel() Desired {
	d.Name = "any"
	d.Policy.Fields = conforming(d.Policy.Fields)
	return d
}

// checkName checks a trail's name.
//
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
func checkName(name string) error {
	shape := regexp.MustCompile(`^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$`)
	_, notIP := netip.ParseAddr(name)
	if len(name) < 3 || len(name) > 128 || !shape.MatchString(name) || notIP == nil {
		return &Invalid{"TrailName", fmt.Sprintf("%q is no trail name: 3 to 128 letters, digits, and single . _ - between them, not an IP address", name)}
	}
	return nil
}

func (d *Desired) validateAttributes(wrong func(Field, string, ...any)) {
	if remake := cmp.Or(d.Policy.Fields[Exists], d.Policy.Trail, Repair); remake == Repair && value(d.S3BucketName) == "" {
		wrong(S3BucketName, "is needed to make the trail again (or set %s to ignore)", Exists)
	}
	if len(value(d.S3KeyPrefix)) > 200 {
		wrong(S3KeyPrefix, "is longer than 200 characters")
	}
	if len(value(d.SnsTopicName)) > 256 {
		wrong(SnsTopicName, "is longer than 256 characters")
	}
	if key := value(d.KMSKeyID); strings.HasPrefix(key, "alias/") || strings.Contains(key, ":alias/") {
		wrong(KMSKeyID, "an alias cannot be compared with the key's ARN, which is what CloudTrail answers: give the key's ID or ARN")
	}
	if value(d.IsMultiRegionTrail) && d.IncludeGlobalServiceEvents != nil && !*d.IncludeGlobalServiceEvents {
		wrong(IncludeGlobalServiceEvents, "a multi-Region trail must include global service events")
	}
	group, role := d.CloudWatchLogsLogGroupArn, d.CloudWatchLogsRoleArn
	if (value(group) == "") != (value(role) == "") && group != nil && role != nil {
		wrong(CloudWatchLogsLogGroupArn, "comes together with %s", CloudWatchLogsRoleArn)
	}
}

func (d *Desired) validateAnalysis(wrong func(Field, string, ...any)) {
	for _, s := range d.Insights {
		if s.InsightType != "ApiCallRateInsight" && s.InsightType != "ApiErrorRateInsight" {
			wrong(InsightSelectors, "InsightType %q is neither ApiCallRateInsight nor ApiErrorRateInsight", s.InsightType)
		}
		for _, c := range s.EventCategories {
			if c != "Management" && c != "Data" {
				wrong(InsightSelectors, "event category %q is neither Management nor Data", c)
			}
		}
	}
	if len(d.Aggregations) > 1 {
		wrong(AggregationConfigurations, "a trail has at most one")
	}
	for _, a := range d.Aggregations {
		if a.EventCategory != "Data" {
			wrong(AggregationConfigurations, "EventCategory %q is not Data", a.EventCategory)
		}
		for _, t := range a.Templates {
			if !slices.Contains([]string{"API_ACTIVITY", "RESOURCE_ACCESS", "USER_ACTIONS"}, t) {
				wrong(AggregationConfigurations, "template %q is none of API_ACTIVITY, RESOURCE_ACCESS, USER_ACTIONS", t)
			}
		}
	}
}

func (d *Desired) validateTags(wrong func(Field, string, ...any)) {
	if len(d.Tags) > 50 {
		wrong(Tags, "a trail has at most 50 tags")
	}
	for k, v := range d.Tags {
		switch {
		case strings.HasPrefix(k, "aws:"):
			wrong(Tags, "%q: tags that begin with aws: are AWS's own", k)
		case k == HoldTag:
			wrong(Tags, "%q is set by a break-glass principal, not desired", k)
		case k == "" || len(k) > 128 || len(v) > 256:
			wrong(Tags, "%q: a key has 1 to 128 characters, a value at most 256", k)
		}
	}
}
