// Command gen makes the table of operations from the service models that AWS
// publishes with botocore (Apache License 2.0): the facts alone by which a
// request is named, none of the documentation. Whether an operation reads it
// also takes from the pages of the Service Authorization Reference, "Actions,
// resources, and condition keys for …", saved as HTML in one folder.
//
//	BOTOCORE_DATA=…/site-packages/botocore/data SERVICE_REFERENCE=…/pages go generate ./internal/cloud/operations
package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

func main() {
	data := flag.String("data", "", "folder data of botocore")
	pages := flag.String("reference", "", "folder with the pages of the Service Authorization Reference")
	out := flag.String("out", "table.zst", "file to write")
	flag.Parse()
	if err := generate(*data, *pages, *out); err != nil {
		fmt.Fprintf(os.Stderr, "gen: %v\n", err)
		os.Exit(1)
	}
}

func generate(data, pages, out string) error {
	services, err := read(data)
	if err != nil {
		return err
	}
	levels, err := readLevels(pages)
	if err != nil {
		return err
	}
	var table bytes.Buffer
	for _, s := range services {
		s.write(&table, levels)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	if err != nil {
		return err
	}
	return os.WriteFile(out, w.EncodeAll(table.Bytes(), nil), 0o644)
}

// model is what the table takes of a service's model.
type model struct {
	Metadata struct {
		APIVersion     string `json:"apiVersion"`
		EndpointPrefix string `json:"endpointPrefix"`
		SigningName    string `json:"signingName"`
		Protocol       string `json:"protocol"`
		TargetPrefix   string `json:"targetPrefix"`
		ServiceID      string `json:"serviceId"`
	} `json:"metadata"`
	Operations map[string]operation `json:"operations"`
	Shapes     map[string]shape     `json:"shapes"`
}

type operation struct {
	HTTP struct {
		Method string `json:"method"`
		URI    string `json:"requestUri"`
	} `json:"http"`
	Input    member `json:"input"`
	ReadOnly bool   `json:"readonly"`
}

type shape struct {
	Type      string            `json:"type"`
	Payload   string            `json:"payload"`
	Sensitive bool              `json:"sensitive"`
	Members   map[string]member `json:"members"`
	Member    member            `json:"member"`
	Value     member            `json:"value"`
}

type member struct {
	Shape string `json:"shape"`
}

// read gives the newest model of each service, sorted.
func read(data string) ([]model, error) {
	folders, err := os.ReadDir(data)
	if err != nil {
		return nil, err
	}
	var all []model
	for _, f := range folders {
		versions, err := filepath.Glob(filepath.Join(data, f.Name(), "*", "service-2.json*"))
		if err != nil || len(versions) == 0 {
			continue
		}
		slices.Sort(versions)
		m, err := readModel(versions[len(versions)-1])
		if err != nil {
			return nil, fmt.Errorf("reading the model of %s: %w", f.Name(), err)
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, errors.New("no models in " + data)
	}
	slices.SortFunc(all, func(a, b model) int {
		return cmp.Or(cmp.Compare(a.signingName(), b.signingName()), cmp.Compare(a.Metadata.ServiceID, b.Metadata.ServiceID))
	})
	return all, nil
}

func readModel(path string) (m model, err error) {
	f, err := os.Open(path)
	if err != nil {
		return m, err
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			return m, err
		}
	}
	return m, json.NewDecoder(r).Decode(&m)
}

func (m model) signingName() string { return cmp.Or(m.Metadata.SigningName, m.Metadata.EndpointPrefix) }

// write gives a service as lines of fields between tabs, as the package operations reads them.
func (m model) write(w io.Writer, levels levels) {
	d := m.Metadata
	fmt.Fprintf(w, "=%s\t%s\t%s\t%s\n", m.signingName(), d.EndpointPrefix, d.APIVersion, d.TargetPrefix)
	if names := m.sensitive(); len(names) > 0 {
		fmt.Fprintf(w, "~%s\n", strings.Join(names, "\t"))
	}
	if names := m.maps(); len(names) > 0 {
		fmt.Fprintf(w, "%%%s\n", strings.Join(names, "\t"))
	}
	for _, name := range slices.Sorted(maps.Keys(m.Operations)) {
		op := m.Operations[name]
		name += m.mark(name, op, levels)
		if strings.HasPrefix(d.Protocol, "rest-") {
			fmt.Fprintf(w, "%s\t%s\t%s%s\n", name, op.HTTP.Method, op.HTTP.URI, m.opaque(op))
		} else {
			fmt.Fprintln(w, name)
		}
	}
}

// mark says what is known of an operation's access that neither its name nor
// its method shows: the trait readonly of the model, or the level that AWS gives it.
func (m model) mark(name string, op operation, levels levels) string {
	rest := strings.HasPrefix(m.Metadata.Protocol, "rest-")
	switch {
	case op.ReadOnly:
		return "!"
	case rest && op.HTTP.Method != "POST":
		return ""
	}
	level := cmp.Or(levels[m.signingName()+":"+name], levels[m.Metadata.EndpointPrefix+":"+name])
	switch level {
	case "":
		return ""
	case "Read", "List":
		return "<"
	}
	return ">"
}

// opaque marks an operation whose body is no document, but data.
func (m model) opaque(op operation) string {
	input := m.Shapes[op.Input.Shape]
	switch m.Shapes[input.Members[input.Payload].Shape].Type {
	case "blob", "string":
		return "\tdata"
	}
	return ""
}

// sensitive gives the names of the members that hold what must not be logged,
// themselves or in a list or a map.
func (m model) sensitive() []string {
	return m.membersOf(func(s shape) bool {
		return s.Sensitive || m.Shapes[s.Member.Shape].Sensitive || m.Shapes[s.Value.Shape].Sensitive
	})
}

// maps gives the names of the members that hold maps: the keys below them are data.
func (m model) maps() []string {
	return m.membersOf(func(s shape) bool { return s.Type == "map" })
}

// membersOf gives the names of the members whose shapes want takes, sorted.
func (m model) membersOf(want func(shape) bool) []string {
	names := map[string]bool{}
	for _, s := range m.Shapes {
		for name, member := range s.Members {
			if want(m.Shapes[member.Shape]) {
				names[name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}
