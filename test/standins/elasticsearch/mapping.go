package elasticsearch

import (
	"maps"
	"slices"
)

// A mapping of an index. It is never changed, only replaced.
type mapping struct {
	root    *field // Its properties.
	others  object // What else stands at the root.
	runtime object
	kept    bool // It is an index's, so what is fixed stays as it is.
}

func newMapping() *mapping {
	return &mapping{root: &field{kind: "object", parameters: object{}}, others: object{}, runtime: object{}}
}

// rootParameters, besides properties and runtime, are replaced as a whole.
var rootParameters = []string{
	"_meta", "dynamic", "date_detection", "numeric_detection", "dynamic_date_formats", "dynamic_templates", "subobjects",
	"_source", "_routing", "_data_stream_timestamp",
}

// fixedParameters do not change once they are there. Neither do metaFields.
var fixedParameters = []string{"subobjects"}

// merge returns the mapping with another merged in, and changes neither.
func (m *mapping) merge(in object, limits settings) (*mapping, error) {
	if inner, wrapped := in["_doc"].(object); wrapped && len(in) == 1 {
		in = inner
	}
	out := &mapping{root: m.root, others: maps.Clone(m.others), runtime: maps.Clone(m.runtime), kept: m.kept}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if err := out.set(name, in[name], m); err != nil {
			return m, err
		}
	}
	return out, out.checkLimits(limits)
}

func (m *mapping) set(name string, v any, before *mapping) error {
	switch {
	case name == "properties":
		added, err := parseFields(v, "", name)
		if err != nil {
			return err
		}
		merged, err := mergeFields(m.root.properties, added, "")
		m.root = &field{kind: "object", parameters: object{}, properties: merged}
		return err
	case name == "runtime":
		return m.setRuntime(v)
	case !slices.Contains(rootParameters, name):
		return parsing("Root mapping definition has unsupported parameters:  [%s : %v]", name, v)
	case metaFields[name] != nil:
		return m.setMetaField(name, v, before)
	case v == nil:
		return nil
	}
	value, err := rootValue(name, v)
	if err != nil {
		return err
	}
	had := before.others[name]
	if slices.Contains(fixedParameters, name) && !same(had, value) && before.kept {
		return illegal("Mapper for [%s] conflicts with existing mapper:\n\tCannot update parameter [%s] from [%s] to [%s]", name, name, java(had), java(value))
	}
	m.others[name] = value
	return nil
}

func (m *mapping) setMetaField(name string, v any, before *mapping) error {
	value, err := metaField(name, v)
	if err != nil {
		return err
	}
	if before.kept {
		if err := mergeMetaField(name, before.others[name], value); err != nil {
			return err
		}
	}
	if delete(m.others, name); value != nil {
		m.others[name] = value
	}
	return nil
}

// rootValue brings a value into the form that Elasticsearch shows.
func rootValue(name string, v any) (any, error) {
	switch name {
	case "dynamic":
		return dynamicOf(v)
	case "date_detection", "numeric_detection", "subobjects":
		value, fits := parameter{takes: flag}.value(v)
		if !fits {
			return nil, parsing("Failed to parse value [%v] as only [true] or [false] are allowed.", v)
		}
		return value, nil
	case "_meta":
		if _, ok := v.(object); !ok {
			return nil, parsing("[%s] must be an object, got %s", name, javaClass(v))
		}
	case "dynamic_templates", "dynamic_date_formats":
		if _, ok := v.([]any); !ok {
			return nil, parsing("[%s] must be a list, got %s", name, javaClass(v))
		}
	}
	return v, nil
}

// setRuntime puts runtime fields, and removes those that are null.
func (m *mapping) setRuntime(v any) error {
	all, ok := v.(object)
	if !ok {
		return parsing("runtime must be a map type")
	}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if all[name] == nil {
			delete(m.runtime, name)
			continue
		}
		definition, ok := all[name].(object)
		if !ok {
			return parsing("Expected map for runtime field [%s] definition but got a %s", name, javaClass(all[name]))
		}
		if definition["type"] == nil {
			return parsing("No type specified for runtime field [%s]", name)
		}
		m.runtime[name] = definition
	}
	return nil
}

// checkLimits holds index.mapping.* of an index. See "Mapping limit settings".
func (m *mapping) checkLimits(limits settings) error {
	fields, depth := count(m.root.properties)
	if limit := limits.number("index.mapping.total_fields.limit"); fields+len(m.runtime) > limit {
		return illegal("Limit of total fields [%d] has been exceeded", limit)
	}
	if limit := limits.number("index.mapping.depth.limit"); depth > limit {
		return illegal("Limit of mapping depth [%d] has been exceeded due to object field", limit)
	}
	return nil
}

// count returns how many fields there are, with those within, and how deep objects
// lie.
func count(all map[string]*field) (fields, depth int) {
	if all != nil {
		depth = 1
	}
	for _, f := range all {
		inner, deeper := count(f.properties)
		multi, _ := count(f.fields)
		fields += 1 + inner + multi
		depth = max(depth, 1+deeper)
	}
	return fields, depth
}

// shown returns the mapping as Elasticsearch tells it.
func (m *mapping) shown() object {
	out := maps.Clone(m.others)
	if len(m.root.properties) > 0 {
		out["properties"] = showFields(m.root.properties)
	}
	if len(m.runtime) > 0 {
		out["runtime"] = maps.Clone(m.runtime)
	}
	return out
}

func (s *Server) getMapping(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	out := object{}
	for _, i := range found {
		out[i.name] = object{"mappings": i.mapping.shown()}
	}
	return ok(out), nil
}

// putMapping changes the mapping of all indices of a request or, where it asks for
// that, of a data stream's write index alone.
func (s *Server) putMapping(r *request) (answer, error) {
	found, err := s.resolve(r)
	if err != nil {
		return answer{}, err
	}
	newest, err := r.flag("write_index_only", false)
	if err != nil {
		return answer{}, err
	}
	found = slices.DeleteFunc(found, func(i *index) bool {
		d := s.streams[i.stream]
		return newest && d != nil && d.writeIndex() != i.name
	})
	body, err := r.required()
	if err != nil {
		return answer{}, err
	}
	merged := make([]*mapping, len(found))
	for n, i := range found {
		if err := i.mayChange(); err != nil {
			return answer{}, err
		}
		if merged[n], err = i.mapping.merge(body, i.settings); err != nil {
			return answer{}, whileParsing(err)
		}
	}
	for n, i := range found {
		i.mapping = merged[n]
	}
	return acknowledged(), nil
}
