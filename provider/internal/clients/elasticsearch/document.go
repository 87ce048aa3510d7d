package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
)

// A Document is what Elasticsearch keeps under a name and replaces as a whole, as
// JSON decodes it.
type Document = map[string]any

// Where documents are.
const (
	Roles             = "/_security/role"
	RoleMappings      = "/_security/role_mapping"
	LifecyclePolicies = "/_ilm/policy"
)

// Document returns the document of exactly this name.
func (c *Client) Document(ctx context.Context, path, name string) (Document, error) {
	if err := ValidDocumentName(name); err != nil {
		return nil, err
	}
	raw, err := c.memory.documents[path].Get(ctx, name, func() (json.RawMessage, error) {
		var answer map[string]json.RawMessage
		if err := c.do(ctx, http.MethodGet, path+"/"+name, nil, nil, &answer); err != nil {
			return nil, err
		}
		got, ok := answer[name]
		if !ok {
			return nil, fmt.Errorf("the answer for %q does not hold it", name)
		}
		return got, nil
	})
	if err != nil {
		return nil, err
	}
	var d Document
	return d, c.decode(raw, &d)
}

// PutDocument creates or replaces a document.
func (c *Client) PutDocument(ctx context.Context, path, name string, d Document) error {
	if err := ValidDocumentName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPut, path+"/"+name, nil, d, nil)
}

// DeleteDocument deletes the document of exactly this name.
func (c *Client) DeleteDocument(ctx context.Context, path, name string) error {
	if err := ValidDocumentName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodDelete, path+"/"+name, nil, nil, nil)
}

// documentName is stricter than Elasticsearch where that keeps a name from being
// a pattern, a list or another path.
var documentName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@._-]{0,254}$`)

// ValidDocumentName reports what is wrong with the name of a document.
func ValidDocumentName(name string) error {
	if documentName.MatchString(name) {
		return nil
	}
	return fmt.Errorf("invalid name %q: want 1 to 255 letters, digits, dots, at signs, underscores or hyphens, "+
		"opening with a letter or digit", name)
}

// saysMissing reports whether a body is what Elasticsearch answers, with status
// 404, for a role, a role mapping or an API key that it does not have: neither is
// an error to it, so it names no type.
func saysMissing(body []byte) bool {
	var answer map[string]any
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	for k, v := range answer {
		none, isList := v.([]any)
		if v != false && (!isList || len(none) > 0) || !slices.Contains([]string{"found", "api_keys"}, k) {
			return false
		}
	}
	return true
}
