package pattern

import (
	"encoding/json"
	"fmt"
)

// anythingBut matches every value that none of the matchers matches.
type anythingBut []matcher

func (a anythingBut) matches(v scalar) bool {
	for _, m := range a {
		if m.matches(v) {
			return false
		}
	}
	return true
}

// compileAnythingBut reads a string or number, a list of strings or of
// numbers, or one of prefix, suffix, equals-ignore-case and wildcard with a
// string or a list of strings.
func compileAnythingBut(path string, value any) (matcher, error) {
	switch v := value.(type) {
	case string, json.Number:
		return compileAnythingButValues(path, []any{v})
	case []any:
		return compileAnythingButValues(path, v)
	case map[string]any:
		return compileAnythingButExpression(path, v)
	}
	return nil, &InvalidError{path, "anything-but takes a string, a number, a list or an expression"}
}

func compileAnythingButValues(path string, values []any) (matcher, error) {
	if len(values) == 0 {
		return nil, &InvalidError{path, "empty arrays are not allowed"}
	}
	_, ofNumbers := values[0].(json.Number)
	l := leaf{strings: map[string]bool{}}
	for i, v := range values {
		_, isNumber := v.(json.Number)
		_, isString := v.(string)
		if isNumber != ofNumbers || isString == ofNumbers {
			return nil, &InvalidError{fmt.Sprintf("%s[%d]", path, i), "anything-but takes strings only or numbers only"}
		}
		if err := l.add(path, v); err != nil {
			return nil, err
		}
	}
	return anythingBut{&l}, nil
}

func compileAnythingButExpression(path string, expression map[string]any) (matcher, error) {
	if len(expression) != 1 {
		return nil, &InvalidError{path, "a match expression has exactly one key"}
	}
	var but anythingBut
	for name, value := range expression {
		at := join(path, name)
		texts, err := nonEmptyStrings(at, value)
		if err != nil {
			return nil, err
		}
		for _, s := range texts {
			m, err := compileButString(at, name, s)
			if err != nil {
				return nil, err
			}
			but = append(but, m)
		}
	}
	return but, nil
}

func compileButString(path, name, s string) (matcher, error) {
	switch name {
	case "prefix", "suffix", "equals-ignore-case", "wildcard":
		return compileExpression(path, name, s)
	}
	return nil, &InvalidError{path, fmt.Sprintf("anything-but does not take %q", name)}
}

func nonEmptyStrings(path string, value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) == 0 {
		return nil, &InvalidError{path, "empty arrays are not allowed"}
	}
	texts := make([]string, len(list))
	for i, v := range list {
		if texts[i], _ = v.(string); texts[i] == "" {
			return nil, &InvalidError{path, "takes a string that is not empty, or a list of them"}
		}
	}
	return texts, nil
}
