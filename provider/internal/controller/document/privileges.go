package document

import "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"

// Privileges returns what may be done as roles and API keys spell it. What would
// grant more is wanted as null.
func Privileges(p v1alpha1.Privileges) map[string]any {
	indices := make([]any, 0, len(p.Indices))
	for _, i := range p.Indices {
		entry := map[string]any{
			"names": texts(i.Names), "privileges": texts(i.Privileges), "allow_restricted_indices": false,
			"field_security": nil, "query": nil,
		}
		if f := i.FieldSecurity; f != nil {
			entry["field_security"] = map[string]any{"grant": texts(f.Grant), "except": orNull(f.Except)}
		}
		if i.Query != nil && *i.Query != "" { // Elasticsearch takes an empty one for none.
			entry["query"] = *i.Query
		}
		indices = append(indices, entry)
	}
	applications := make([]any, 0, len(p.Applications))
	for _, a := range p.Applications {
		applications = append(applications, map[string]any{
			"application": a.Application, "privileges": texts(a.Privileges), "resources": texts(a.Resources),
		})
	}
	return map[string]any{
		"cluster": texts(p.Cluster), "indices": indices, "applications": applications, "run_as": texts(p.RunAs),
		"global": nil, "remote_indices": nil, "remote_cluster": nil,
	}
}

func texts(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

func orNull(in []string) any {
	if len(in) == 0 {
		return nil
	}
	return texts(in)
}
