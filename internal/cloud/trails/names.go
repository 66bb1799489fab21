package trails

import (
	"net/netip"
	"strings"

	"github.com/trailhand/trailhand/internal/cloud/wire"
)

const (
	minName = 3
	maxName = 128
)

// checkName holds the rules for trail names of the API reference, CreateTrail.
func checkName(name string) *wire.Fault {
	invalid := func(format string, args ...any) *wire.Fault { return fault("InvalidTrailName", format, args...) }
	switch {
	case name == "":
		return invalid("Trail name cannot be blank!")
	case len(name) < minName:
		return invalid("Trail name too short. Minimum allowed length: %d characters. Specified name length: %d characters.", minName, len(name))
	case len(name) > maxName:
		return invalid("Trail name too long. Maximum allowed length: %d characters. Specified name length: %d characters.", maxName, len(name))
	case strings.IndexFunc(name, func(r rune) bool { return !alphanumeric(r) && !separator(r) }) >= 0:
		return invalid("Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).")
	case separator(rune(name[0])):
		return invalid("Trail name must starts with a letter or number.")
	case separator(rune(name[len(name)-1])):
		return invalid("Trail name must ends with a letter or number.")
	case adjacentSeparators(name):
		return invalid("Trail name cannot have adjacent periods, underscores or hyphens.")
	case isAddress(name):
		return invalid("Trail name cannot be in IP address format.")
	}
	return nil
}

func alphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

func separator(r rune) bool { return r == '.' || r == '_' || r == '-' }

func adjacentSeparators(name string) bool {
	for i := 1; i < len(name); i++ {
		if separator(rune(name[i-1])) && separator(rune(name[i])) {
			return true
		}
	}
	return false
}

func isAddress(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}

// An arn is an Amazon Resource Name, taken apart.
type arn struct{ partition, service, region, account, resource string }

func parseARN(s string) (arn, bool) {
	p := strings.SplitN(s, ":", 6)
	if len(p) != 6 || p[0] != "arn" || p[1] == "" || p[2] == "" || p[5] == "" {
		return arn{}, false
	}
	return arn{partition: p[1], service: p[2], region: p[3], account: p[4], resource: p[5]}, true
}

// isARN reports whether a caller meant an ARN rather than a name.
func isARN(s string) bool { return strings.HasPrefix(s, "arn:") }

// trailARN gives the ARN of a trail.
func trailARN(region, account, name string) string {
	return "arn:" + partition(region) + ":cloudtrail:" + region + ":" + account + ":trail/" + name
}

func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// checkTrailARN holds that s is the ARN of some trail.
func checkTrailARN(s string) *wire.Fault {
	a, ok := parseARN(s)
	name, isTrail := strings.CutPrefix(a.resource, "trail/")
	if !ok || a.service != "cloudtrail" || a.region == "" || !isAccount(a.account) || !isTrail || checkName(name) != nil {
		return fault("CloudTrailARNInvalid", "The trail ARN %s is not valid. Its format is arn:aws:cloudtrail:us-east-2:123456789012:trail/MyTrail.", s)
	}
	return nil
}

func isAccount(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// checkReference holds that s is a name or an ARN that a trail can have.
func checkReference(s string) *wire.Fault {
	if isARN(s) {
		return checkTrailARN(s)
	}
	return checkName(s)
}
