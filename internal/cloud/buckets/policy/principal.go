package policy

import "strings"

// principals is the Principal element, or its opposite, NotPrincipal.
type principals struct {
	all      bool // "*"
	aws      []string
	services []string
	not      bool
}

func (p principals) match(q Question) bool { return p.names(q) != p.not }

func (p principals) names(q Question) bool {
	if p.all {
		return true
	}
	for _, name := range p.aws {
		if name == "*" || q.AWS != "" && matchPrincipal(name, q.AWS) {
			return true
		}
	}
	for _, name := range p.services {
		if q.Service != "" && (name == "*" || name == q.Service) {
			return true
		}
	}
	return false
}

func (p principals) everybody() bool {
	if p.all {
		return !p.not
	}
	for _, name := range p.aws {
		if name == "*" {
			return !p.not
		}
	}
	return false
}

// matchPrincipal: an account, by its ID or the ARN of its root, stands for everybody in it.
func matchPrincipal(name, who string) bool {
	if name == who {
		return true
	}
	account := name
	if strings.Contains(name, ":") {
		if !strings.HasSuffix(name, ":root") {
			return false
		}
		account = accountOf(name)
	}
	return account == accountOf(who)
}

// accountOf is the account part of an ARN; an account ID stands for itself.
func accountOf(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return arn
	}
	return parts[4]
}
