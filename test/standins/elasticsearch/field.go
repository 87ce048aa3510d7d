package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// A field of a mapping, as it is kept: without the parameters that have their
// defaults. Fields are never changed, only replaced.
type field struct {
	kind       string // object, nested or one of fieldTypes.
	parameters object
	properties map[string]*field // Of an object.
	fields     map[string]*field // Of any other: its multi-fields.
}

func (f *field) isObject() bool { return f.kind == "object" || f.kind == "nested" }

func parsing(format string, args ...any) *fault {
	return &fault{status: http.StatusBadRequest, kind: "mapper_parsing_exception", reason: fmt.Sprintf(format, args...)}
}

// whileParsing wraps a fault in a mapping as the APIs that take one do.
func whileParsing(err error) error {
	f, ok := err.(*fault) //nolint:errorlint // Mappings are refused with nothing else.
	if !ok || f.kind != "mapper_parsing_exception" {
		return err
	}
	return &fault{status: f.status, kind: f.kind, reason: "Failed to parse mapping: " + f.reason, cause: f}
}

// parseFields returns the fields of "properties" or "fields". A name with dots
// stands for fields within objects. An empty list is taken for none.
func parseFields(in any, path, within string) (map[string]*field, error) {
	if list, ok := in.([]any); ok && len(list) == 0 {
		in = object{}
	}
	all, ok := in.(object)
	if !ok {
		return nil, parsing("Expected map for property [%s] on field [%s] but got a class %s", within, strings.TrimSuffix(path, "."), javaClass(in))
	}
	out := map[string]*field{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		definition, ok := all[name].(object)
		if !ok {
			return nil, parsing("Expected map for property [fields] on field [%s] but got a class %s", name, javaClass(all[name]))
		}
		if slices.Contains(strings.Split(name, "."), "") {
			return nil, parsing("field name cannot be an empty string")
		}
		f, err := parseField(definition, path+name)
		if err != nil {
			return nil, err
		}
		if err := place(out, path, strings.Split(name, "."), f); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// place puts one field where its name's parts say.
func place(into map[string]*field, path string, parts []string, f *field) error {
	for len(parts) > 1 {
		f = &field{kind: "object", parameters: object{}, properties: map[string]*field{parts[len(parts)-1]: f}}
		parts = parts[:len(parts)-1]
	}
	merged, err := mergeField(into[parts[0]], f, path+parts[0])
	if err == nil {
		into[parts[0]] = merged
	}
	return err
}

func javaClass(v any) string {
	switch v.(type) {
	case string:
		return "java.lang.String"
	case bool:
		return "java.lang.Boolean"
	case []any:
		return "java.util.ArrayList"
	case nil:
		return "null"
	default:
		return "java.lang.Integer"
	}
}

func parseField(in object, path string) (*field, error) {
	kind, err := kindOf(in, path)
	if err != nil {
		return nil, err
	}
	f := &field{kind: kind, parameters: object{}}
	if f.isObject() {
		return f, f.parseObject(in, path)
	}
	t, found := fieldTypes[kind]
	if !found {
		return nil, parsing("The mapper type [%s] declared on field [%s] does not exist. It might have been created within a future version "+
			"or requires a plugin to be installed. Check the documentation.", kind, path)
	}
	return f, f.parseLeaf(t, in, path)
}

// kindOf returns the type of a field, which objects may leave out.
func kindOf(in object, path string) (string, error) {
	switch v := in["type"].(type) {
	case string:
		return v, nil
	case nil:
		_, hasFields := in["properties"]
		_, hasEnabled := in["enabled"]
		if hasFields || hasEnabled && len(in) == 1 {
			return "object", nil
		}
		return "", parsing("No type specified for field [%s]", path)
	default:
		return "", parsing("Expected a text for [type] on field [%s]", path)
	}
}

func (f *field) parseLeaf(t fieldType, in object, path string) error {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		switch {
		case name == "type":
			continue
		case name == "fields" && !t.single:
			var err error
			if f.fields, err = parseFields(in[name], path+".", name); err != nil {
				return err
			}
			continue
		}
		p, found := t.parameter(name)
		if !found {
			return parsing("unknown parameter [%s] on mapper [%s] of type [%s]", name, path, f.kind)
		}
		if in[name] == nil {
			continue
		}
		v, fits := p.value(in[name])
		if !fits {
			return parsing("Failed to parse value [%v] of parameter [%s] on mapper [%s] of type [%s]", in[name], name, path, f.kind)
		}
		if !same(v, p.fallback) {
			f.parameters[name] = v
		}
	}
	if t.needs != "" && f.parameters[t.needs] == nil {
		return parsing("Field [%s] misses required parameter [%s]", path, t.needs)
	}
	return nil
}

func (f *field) parseObject(in object, path string) error {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		v := in[name]
		switch name {
		case "type":
		case "properties":
			var err error
			if f.properties, err = parseFields(v, path+".", name); err != nil {
				return err
			}
		case "dynamic":
			dynamic, err := dynamicOf(v)
			if err != nil {
				return err
			}
			f.parameters[name] = dynamic
		case "enabled", "subobjects", "include_in_parent", "include_in_root":
			if f.kind != "nested" && strings.HasPrefix(name, "include_in_") {
				return parsing("Mapping definition for [%s] has unsupported parameters:  [%s : %v]", path, name, v)
			}
			value, fits := parameter{takes: flag}.value(v)
			if !fits {
				return parsing("Failed to parse value [%v] as only [true] or [false] are allowed.", v)
			}
			if name != "enabled" || value == false {
				f.parameters[name] = value
			}
		default:
			return parsing("Mapping definition for [%s] has unsupported parameters:  [%s : %v]", path, name, v)
		}
	}
	return nil
}

// dynamicOf returns the word for a value of "dynamic", which may be a boolean.
func dynamicOf(v any) (string, error) {
	word := strings.ToLower(fmt.Sprint(v))
	if !slices.Contains([]string{"true", "false", "strict", "runtime"}, word) {
		return "", illegal("No enum constant for dynamic [%v]", v)
	}
	return word, nil
}

// shown returns the definition of a field as Elasticsearch tells it.
func (f *field) shown() object {
	out := maps.Clone(f.parameters)
	if f.kind != "object" || len(f.properties) == 0 {
		out["type"] = f.kind
	}
	if len(f.properties) > 0 {
		out["properties"] = showFields(f.properties)
	}
	if len(f.fields) > 0 {
		out["fields"] = showFields(f.fields)
	}
	return out
}

func showFields(all map[string]*field) object {
	out := object{}
	for name, f := range all {
		out[name] = f.shown()
	}
	return out
}
