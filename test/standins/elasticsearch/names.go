package elasticsearch

import (
	"fmt"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
)

// checkName refuses what cannot name an index, for the reasons that the create
// index API documents.
func checkName(name string) error {
	refuse := func(reason string) error {
		return &apiError{http.StatusBadRequest, "invalid_index_name_exception", fmt.Sprintf("Invalid index name [%s], %s", name, reason), name}
	}
	switch {
	case name != strings.ToLower(name):
		return refuse("must be lowercase")
	case name == "." || name == "..":
		return refuse("must not be '.' or '..'")
	case strings.ContainsAny(name[:1], "_-+"):
		return refuse("must not start with '_', '-', or '+'")
	case strings.ContainsAny(name, "\\/*?\"<>| ,#:"):
		return refuse("must not contain the following characters ['\\','/','*','?','\"','<','>','|',' ',',','#',':']")
	case len(name) > 255:
		return refuse(fmt.Sprintf("index name is too long, (%d > 255)", len(name)))
	}
	return nil
}

// resolve returns the indices that a target names: names and wildcards, joined by
// commas. A name that leads nowhere is an error, unless the request says otherwise.
func (s *Server) resolve(r *http.Request) ([]*index, error) {
	query := r.URL.Query()
	found := map[string]*index{}
	for part := range strings.SplitSeq(r.PathValue("target"), ",") {
		if part == "_all" {
			part = "*"
		}
		if !strings.Contains(part, "*") {
			i, exists := s.indices[part]
			if !exists {
				if query.Get("ignore_unavailable") == "true" {
					continue
				}
				return nil, notFound(part)
			}
			found[part] = i
			continue
		}
		matched := false
		for name, i := range s.indices {
			if ok, _ := path.Match(part, name); ok && query.Get("expand_wildcards") != "none" {
				found[name], matched = i, true
			}
		}
		if !matched && query.Get("allow_no_indices") == "false" {
			return nil, notFound(part)
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *index) int { return strings.Compare(a.name, b.name) }), nil
}
