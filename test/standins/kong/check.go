package kong

import (
	"encoding/json"
	"fmt"
)

// entities lists, for each list of a configuration that is looked at, the fields
// that each of its entities must have.
var entities = []struct {
	list   string
	needed []string
}{
	{"services", []string{"name", "host"}},
	{"routes", []string{"name"}},
	{"upstreams", []string{"name"}},
	{"certificates", []string{"cert", "key"}},
	{"plugins", []string{"name"}},
}

// check returns all mistakes of a configuration that the stand-in knows of.
func check(config []byte) []string {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(config, &top); err != nil {
		return []string{"it is no JSON object"}
	}
	var mistakes []string
	var format string
	if json.Unmarshal(top["_format_version"], &format) != nil || format == "" {
		mistakes = append(mistakes, "_format_version: required field missing")
	}
	for _, e := range entities {
		raw, set := top[e.list]
		if !set {
			continue
		}
		var found []map[string]any
		if err := json.Unmarshal(raw, &found); err != nil {
			mistakes = append(mistakes, e.list+": expected a list of records")
			continue
		}
		mistakes = append(mistakes, missing(e.list, e.needed, found)...)
	}
	return mistakes
}

func missing(list string, needed []string, found []map[string]any) []string {
	var mistakes []string
	for i, entity := range found {
		for _, field := range needed {
			if s, _ := entity[field].(string); s == "" {
				mistakes = append(mistakes, fmt.Sprintf("%s[%d].%s: required field missing", list, i, field))
			}
		}
	}
	return mistakes
}
