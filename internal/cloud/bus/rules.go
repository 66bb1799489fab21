package bus

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/trailhand/trailhand/internal/cloud/wire"
	"github.com/trailhand/trailhand/pkg/events/pattern"
)

const maxTargets = 5 // of a rule

// savedRule is a rule as it was put, and its form in a snapshot.
type savedRule struct {
	Name        string            `json:"name"`
	Description string            `json:"description,omitempty"`
	Pattern     string            `json:"pattern"`
	RoleARN     string            `json:"roleArn,omitempty"`
	State       types.RuleState   `json:"state"`
	Targets     []types.Target    `json:"targets"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// rule is a rule with its pattern compiled. The fields of savedRule are
// replaced, never changed, so that a copy of it may be read without the lock.
type rule struct {
	savedRule
	pattern *pattern.Pattern
}

func fault(code, format string, args ...any) *wire.Fault {
	return &wire.Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalid(format string, args ...any) *wire.Fault {
	return fault("ValidationException", format, args...)
}

// put makes a rule, or replaces all of it but its targets and tags.
func (b *Bus) put(r savedRule) error {
	if !regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`).MatchString(r.Name) {
		return invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", r.Name)
	}
	if r.State == "" {
		r.State = types.RuleStateEnabled
	}
	if !slices.Contains(r.State.Values(), r.State) {
		return invalid("1 validation error detected: Value '%s' at 'state' failed to satisfy constraint: Member must satisfy enum value set: %v", r.State, r.State.Values())
	}
	compiled, err := pattern.Compile([]byte(r.Pattern))
	if err != nil {
		return fault("InvalidEventPatternException", "Event pattern is not valid. Reason: %v", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if old, ok := b.rules[r.Name]; ok && r.Targets == nil {
		r.Targets, r.Tags = old.Targets, old.Tags
	}
	b.rules[r.Name] = &rule{r, compiled}
	return nil
}

// edit changes a rule under the lock.
func (b *Bus) edit(name string, change func(*savedRule) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	r, ok := b.rules[name]
	if !ok {
		return noRule(name)
	}
	edited := r.savedRule
	if err := change(&edited); err != nil {
		return err
	}
	b.rules[name] = &rule{edited, r.pattern}
	return nil
}

func noRule(name string) error {
	return fault("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", name)
}

func (b *Bus) rule(name string) (savedRule, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r, ok := b.rules[name]; ok {
		return r.savedRule, nil
	}
	return savedRule{}, noRule(name)
}

// sorted lists the rules by name.
func (b *Bus) sorted() []*rule {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []*rule
	for _, name := range slices.Sorted(maps.Keys(b.rules)) {
		out = append(out, b.rules[name])
	}
	return out
}

// putTargets adds targets to a rule; one with an id that is there replaces it.
func (b *Bus) putTargets(name string, targets []types.Target) error {
	seen := map[string]bool{}
	for _, t := range targets {
		if err := checkTarget(t); err != nil {
			return err
		}
		if seen[deref(t.Id)] {
			return invalid("Duplicate Target Ids are not allowed: %s.", deref(t.Id))
		}
		seen[deref(t.Id)] = true
	}
	return b.edit(name, func(r *savedRule) error {
		kept := slices.DeleteFunc(slices.Clone(r.Targets), func(t types.Target) bool { return seen[deref(t.Id)] })
		r.Targets = append(kept, targets...)
		if len(r.Targets) > maxTargets {
			return fault("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
		}
		return nil
	})
}

func checkTarget(t types.Target) error {
	id := deref(t.Id)
	given := 0
	for _, set := range []bool{t.Input != nil, t.InputPath != nil, t.InputTransformer != nil} {
		if set {
			given++
		}
	}
	switch {
	case !regexp.MustCompile(`^[.\-_A-Za-z0-9]{1,64}$`).MatchString(id):
		return invalid("Value '%s' at 'targets.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+", id)
	case strings.Count(deref(t.Arn), ":") < 5 || !strings.HasPrefix(deref(t.Arn), "arn:"):
		return invalid("Provided Arn is not in correct format.")
	case given > 1:
		return invalid("Only one of Input, InputPath, or InputTransformer must be provided for target %s.", id)
	case t.Input != nil && !json.Valid([]byte(*t.Input)):
		return invalid("JSON syntax error in input for target %s.", id)
	case strings.HasSuffix(deref(t.Arn), ".fifo") && t.SqsParameters == nil:
		return invalid("Parameter(s) SqsParameters must be specified for target: %s.", id)
	case t.InputPath != nil:
		_, err := parsePath(*t.InputPath)
		return err
	case t.InputTransformer != nil:
		return checkTransformer(id, t.InputTransformer)
	}
	return nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// Snapshot returns the rules and targets as JSON, for Restore.
func (b *Bus) Snapshot() ([]byte, error) {
	saved := []savedRule{}
	for _, r := range b.sorted() {
		saved = append(saved, r.savedRule)
	}
	return json.Marshal(saved)
}

// Restore replaces all rules by those of a snapshot.
func (b *Bus) Restore(snapshot []byte) error {
	var saved []savedRule
	if err := json.Unmarshal(snapshot, &saved); err != nil {
		return fmt.Errorf("restoring rules: %w", err)
	}
	b.mu.Lock()
	b.rules = map[string]*rule{}
	b.mu.Unlock()
	for _, r := range saved {
		if err := b.put(r); err != nil {
			return fmt.Errorf("restoring rule %q: %w", r.Name, err)
		}
	}
	return nil
}
