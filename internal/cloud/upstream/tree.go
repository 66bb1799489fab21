package upstream

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// lower gives a member's name as records have it.
func lower(name string) string {
	if name == "" || name[0] < 'A' || name[0] > 'Z' {
		return name
	}
	return string(name[0]|0x20) + name[1:]
}

// tree gives a document as the record shows it, or nil for what is none.
func (x *exchange) tree(b *body) map[string]any {
	switch data := bytes.TrimSpace(b.kept.Bytes()); {
	case b.cut || len(data) == 0:
		return nil
	case isCBOR(b.contentType):
		shown, _ := x.members(cborTree(b.kept.Bytes())).(map[string]any)
		return shown
	case data[0] == '{':
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.UseNumber()
		var object map[string]any
		if dec.Decode(&object) != nil {
			return nil
		}
		shown, _ := x.members(object).(map[string]any)
		return shown
	case data[0] == '<':
		return xmlTree(data)
	}
	return nil
}

// members gives what JSON has below a structure. The names of members begin
// small in records; the keys of maps are data and stay.
func (x *exchange) members(v any) any {
	switch v := v.(type) {
	case map[string]any:
		shown := make(map[string]any, len(v))
		for name, below := range v {
			if keys, isMap := below.(map[string]any); isMap && slices.Contains(x.operation.Maps, name) {
				shown[lower(name)] = x.values(keys)
			} else {
				shown[lower(name)] = x.members(below)
			}
		}
		return shown
	case []any:
		shown := make([]any, len(v))
		for i, below := range v {
			shown[i] = x.members(below)
		}
		return shown
	case json.Number:
		return json.RawMessage(v)
	}
	return v
}

func (x *exchange) values(keys map[string]any) map[string]any {
	shown := make(map[string]any, len(keys))
	for key, value := range keys {
		shown[key] = x.members(value)
	}
	return shown
}

// nested makes of the query protocol's Filter.1.Name=x the structure that it
// stands for. Numbers count the elements of lists; "member" and "entry" say nothing.
func nested(form url.Values) map[string]any {
	root := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		at := root
		parts := slices.DeleteFunc(strings.SplitN(name, ".", maxDepth), func(p string) bool { return p == "member" || p == "entry" })
		for i, part := range parts {
			if i == len(parts)-1 {
				at[lower(part)] = strings.Join(form[name], ",")
				break
			}
			below, ok := at[lower(part)].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[lower(part)] = below
			}
			at = below
		}
	}
	object, ok := lists(root).(map[string]any)
	if !ok { // names that are numbers
		return nil
	}
	return object
}

// lists turns objects whose names all are numbers into lists.
func lists(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	numbers := make([]int, 0, len(object))
	for name, below := range object {
		object[name] = lists(below)
		if n, err := strconv.Atoi(name); err == nil {
			numbers = append(numbers, n)
		}
	}
	if len(numbers) == 0 || len(numbers) != len(object) {
		return object
	}
	slices.Sort(numbers)
	list := make([]any, 0, len(numbers))
	for _, n := range numbers {
		if item, ok := object[strconv.Itoa(n)]; ok {
			list = append(list, item)
		}
	}
	return list
}

// element is an element of XML.
type element struct {
	XMLName xml.Name
	Text    string    `xml:",chardata"`
	Below   []element `xml:",any"`
}

// maxDepth is deeper than any document of AWS.
const maxDepth = 64

// xmlTree gives what is in a document, without the envelope of the query
// protocol: <XResponse><XResult>…</XResult><ResponseMetadata/></XResponse>.
func xmlTree(data []byte) map[string]any {
	if depth(data) > maxDepth {
		return nil
	}
	var root element
	if xml.Unmarshal(data, &root) != nil {
		return nil
	}
	if len(root.Below) > 0 && strings.HasSuffix(root.Below[0].XMLName.Local, "Result") {
		root = root.Below[0]
	}
	root.Below = slices.DeleteFunc(root.Below, func(e element) bool { return e.XMLName.Local == "ResponseMetadata" })
	object, _ := root.value().(map[string]any)
	return object
}

// depth is how deep elements are in each other.
func depth(data []byte) (deepest int) {
	d := xml.NewDecoder(bytes.NewReader(data))
	for at := 0; deepest <= maxDepth; {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) || err != nil {
			return deepest
		}
		switch token.(type) {
		case xml.StartElement:
			at++
			deepest = max(deepest, at)
		case xml.EndElement:
			at--
		}
	}
	return deepest
}

// value gives an element's text, the list of its elements named "member" or
// "item", or what is below it by name; a name that comes again is a list.
func (e element) value() any {
	if len(e.Below) == 0 {
		return strings.TrimSpace(e.Text)
	}
	if name := e.Below[0].XMLName.Local; name == "member" {
		list := make([]any, len(e.Below))
		for i, b := range e.Below {
			list[i] = b.value()
		}
		return list
	}
	object := map[string]any{}
	for _, b := range e.Below {
		name, value := lower(b.XMLName.Local), b.value()
		switch {
		case name == "item": // EC2, whose records have items
			items, _ := object["items"].([]any)
			object["items"] = append(items, value)
		case object[name] == nil:
			object[name] = value
		default:
			list, isList := object[name].([]any)
			if !isList {
				list = []any{object[name]}
			}
			object[name] = append(list, value)
		}
	}
	return object
}
