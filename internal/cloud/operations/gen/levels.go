package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// levels are the access levels of actions, such as Read of s3:GetObject.
type levels map[string]string

// readLevels reads the pages of the Service Authorization Reference. Each has a
// service prefix, and a table with a row of action, description and level.
func readLevels(dir string) (levels, error) {
	pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
	if err != nil {
		return nil, err
	}
	prefix := regexp.MustCompile(`service prefix:\s*<code[^>]*>([^<]+)</code>`)
	row, cell := regexp.MustCompile(`(?s)<tr>(.*?)</tr>`), regexp.MustCompile(`(?s)<td[^>]*>(.*?)</td>`)
	tag := regexp.MustCompile(`<[^>]+>`)
	text := func(html string) []string { return strings.Fields(tag.ReplaceAllString(html, " ")) }
	all := levels{}
	for _, page := range pages {
		html, err := os.ReadFile(page)
		if err != nil {
			return nil, err
		}
		service := prefix.FindSubmatch(html)
		for _, r := range row.FindAllString(string(html), -1) {
			cells := cell.FindAllStringSubmatch(r, -1)
			if service == nil || len(cells) < 3 {
				continue
			}
			name, level := text(cells[0][1]), strings.Join(text(cells[2][1]), " ")
			if len(name) > 0 && slices.Contains([]string{"Read", "List", "Write", "Tagging", "Permissions management"}, level) {
				all[strings.TrimSpace(string(service[1]))+":"+name[0]] = level
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no pages of the Service Authorization Reference in " + dir)
	}
	return all, nil
}
