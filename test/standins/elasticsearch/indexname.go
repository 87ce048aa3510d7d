package elasticsearch

import (
	"fmt"
	"net/http"
	"strings"
)

// maxName is in bytes, not in letters.
const maxName = 255

// checkName refuses what cannot name an index: see the create index API, under
// its path parameters.
func (s *Server) checkName(name string) error {
	switch {
	case strings.ContainsAny(name, `\/*?"<>| ,`):
		return invalidName(name, `must not contain the following characters [' ','"','*',',','/','<','>','?','\','|']`)
	case strings.Contains(name, "#"):
		return invalidName(name, "must not contain '#'")
	case strings.Contains(name, ":"):
		return invalidName(name, "must not contain ':'")
	case strings.ContainsAny(name[:1], "_-+"):
		return invalidName(name, "must not start with '_', '-', or '+'")
	case len(name) > maxName:
		return invalidName(name, fmt.Sprintf("index name is too long, (%d > %d)", len(name), maxName))
	case name == "." || name == "..":
		return invalidName(name, "must not be '.' or '..'")
	case name != strings.ToLower(name):
		return invalidName(name, "must be lowercase")
	}
	for _, i := range s.indices {
		if _, taken := i.aliases[name]; taken {
			return invalidName(name, "already exists as alias")
		}
	}
	return nil
}

func invalidName(name, reason string) error {
	return &fault{status: http.StatusBadRequest, kind: "invalid_index_name_exception", reason: fmt.Sprintf("Invalid index name [%s], %s", name, reason),
		details: object{"index_uuid": "_na_", "index": name}}
}
