package elasticsearch

import (
	"encoding/json"
	"maps"
	"slices"
)

const (
	// defaultKeys is how many API keys a query tells of that does not say, and maxKeys
	// is the most that it may ask for: index.max_result_window.
	defaultKeys = 10
	maxKeys     = 10000
)

// keyFields are the fields of API keys that can be queried here.
func (k *apiKey) field(name string) (any, bool) {
	switch name {
	case "name":
		return k.name, true
	case "id":
		return k.id, true
	case "username":
		return k.owner.username, true
	case "invalidated":
		return k.invalidated, true
	}
	return nil, false
}

// queryAPIKeys searches for keys. See "Find API keys with a query".
func (s *Server) queryAPIKeys(r *request) (answer, error) {
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	size := defaultKeys
	for _, k := range slices.Sorted(maps.Keys(body)) {
		switch k {
		case "query":
		case "size":
			n, _ := body[k].(json.Number)
			wanted, err := n.Int64()
			if err != nil || wanted < 0 || wanted > maxKeys {
				return answer{}, illegal("Result window is too large, from + size must be less than or equal to: [%d] but was [%v]", maxKeys, body[k])
			}
			size = int(wanted)
		default:
			return answer{}, &fault{status: 501, kind: "not_served", reason: "[" + k + "] of a query for API keys is not served by this stand-in"}
		}
	}
	query, _ := body["query"].(object)
	total, found := 0, []any{}
	for _, id := range slices.Sorted(maps.Keys(s.keys)) {
		key := s.keys[id]
		if !r.who.manages() && key.owner.username != r.who.username {
			continue
		}
		satisfies, err := key.satisfies(query)
		if err != nil {
			return answer{}, err
		}
		if !satisfies {
			continue
		}
		if total++; len(found) < size {
			found = append(found, key.shown())
		}
	}
	return ok(object{"total": total, "count": len(found), "api_keys": found}), nil
}

// satisfies tells whether a key fits a query; the empty one fits all.
func (k *apiKey) satisfies(query object) (bool, error) {
	for kind, clause := range query {
		in, _ := clause.(object)
		switch kind {
		case "match_all":
		case "bool":
			return k.satisfiesAll(in)
		case "term", "terms":
			return k.has(kind, in)
		default:
			return false, &fault{status: 501, kind: "not_served", reason: "queries of type [" + kind + "] are not served by this stand-in"}
		}
	}
	return true, nil
}

func (k *apiKey) satisfiesAll(in object) (bool, error) {
	for occur, clauses := range in {
		if occur != "filter" && occur != "must" {
			return false, &fault{status: 501, kind: "not_served", reason: "[" + occur + "] of bool is not served by this stand-in"}
		}
		list, _ := clauses.([]any)
		for _, clause := range list {
			query, _ := clause.(object)
			if satisfies, err := k.satisfies(query); err != nil || !satisfies {
				return false, err
			}
		}
	}
	return true, nil
}

func (k *apiKey) has(kind string, in object) (bool, error) {
	for name, wanted := range in {
		has, known := k.field(name)
		if !known {
			return false, illegal("Field [%s] is not allowed for querying or aggregation", name)
		}
		values := []any{wanted}
		if kind == "terms" {
			values, _ = wanted.([]any)
		}
		if !slices.Contains(values, has) {
			return false, nil
		}
	}
	return true, nil
}
