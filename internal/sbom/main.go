// Command sbom writes what Go binaries are made of, as the linker noted it: a
// CycloneDX document beside each, <binary>.cdx.json. The same binary gives the
// same bytes.
//
// https://cyclonedx.org/docs/1.6/json/ and https://github.com/package-url/purl-spec
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
)

func main() {
	var failed error
	for _, path := range os.Args[1:] {
		failed = errors.Join(failed, write(path))
	}
	if failed != nil {
		fmt.Fprintln(os.Stderr, failed)
		os.Exit(1)
	}
}

// write writes the document of one binary.
func write(path string) error {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(describe(filepath.Base(path), sha256.Sum256(binary), info), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path+".cdx.json", append(text, '\n'), 0o644) //nolint:gosec // it is published
}

type document struct {
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	SerialNumber string       `json:"serialNumber"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PURL       string     `json:"purl,omitempty"`
	Hashes     []hash     `json:"hashes,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type hash struct {
	Alg     string `json:"alg"`
	Content string `json:"content"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn,omitempty"`
}

// describe names the binary, the modules in it, and Go's standard library.
func describe(name string, sum [32]byte, info *debug.BuildInfo) document {
	main := component{Type: "application", Ref: name, Name: name, Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}}}
	if v := info.Main.Version; v != "(devel)" {
		main.Version = v
	}
	for _, s := range info.Settings {
		main.Properties = append(main.Properties, property{"go:build:" + s.Key, s.Value})
	}
	id := sum[:16]
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // RFC 9562: version 8, of one's own making
	d := document{
		Format: "CycloneDX", SpecVersion: "1.6", Version: 1, Metadata: metadata{main},
		SerialNumber: fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:]),
	}
	all := dependency{Ref: name}
	for _, m := range append([]*debug.Module{{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}}, info.Deps...) {
		if m.Replace != nil {
			m = m.Replace
		}
		purl := "pkg:golang/" + strings.ToLower(m.Path) + "@" + url.QueryEscape(m.Version)
		c := component{Type: "library", Ref: purl, Name: m.Path, Version: m.Version, PURL: purl}
		if m.Sum != "" {
			c.Properties = []property{{"go:sum", m.Sum}}
		}
		d.Components, all.DependsOn = append(d.Components, c), append(all.DependsOn, purl)
	}
	d.Dependencies = []dependency{all}
	return d
}
