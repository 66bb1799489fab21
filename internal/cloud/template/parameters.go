package template

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
)

type parameter struct {
	Type           string   `yaml:"Type"`
	Default        *string  `yaml:"Default"`
	AllowedValues  []string `yaml:"AllowedValues"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	Constraint     string   `yaml:"ConstraintDescription"`
}

// parameterValues gives every declared parameter its value.
func parameterValues(declared map[string]parameter, given map[string]string) (map[string]string, error) {
	values := map[string]string{}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		value, err := declared[name].value(given, name)
		if err != nil {
			problems = append(problems, fmt.Errorf("parameter %s: %w", name, err))
		}
		values[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, ok := declared[name]; !ok {
			problems = append(problems, fmt.Errorf("parameter %s: the template does not declare it", name))
		}
	}
	return values, errors.Join(problems...)
}

func (p parameter) value(given map[string]string, name string) (string, error) {
	value, ok := given[name]
	if !ok && p.Default == nil {
		return "", errors.New("it has no default and was given no value")
	}
	if !ok {
		value = *p.Default
	}
	return value, p.check(value)
}

func (p parameter) check(value string) error {
	if p.Type != "String" && p.Type != "Number" {
		return fmt.Errorf("its type %q is not known locally", p.Type)
	}
	if _, err := strconv.ParseFloat(value, 64); p.Type == "Number" && err != nil {
		return fmt.Errorf("%q is not a number", value)
	}
	if len(p.AllowedValues) > 0 && !slices.Contains(p.AllowedValues, value) {
		return fmt.Errorf("%q is not one of %q", value, p.AllowedValues)
	}
	return p.checkPattern(value)
}

func (p parameter) checkPattern(value string) error {
	if p.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + p.AllowedPattern + ")$")
	if err != nil {
		return fmt.Errorf("AllowedPattern: %w", err)
	}
	if !pattern.MatchString(value) {
		return fmt.Errorf("%q does not match %s %s", value, p.AllowedPattern, p.Constraint)
	}
	return nil
}
