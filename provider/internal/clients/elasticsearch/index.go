package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// prefix of every setting of an index, which callers leave out.
const prefix = "index."

// An Index as Elasticsearch reports it.
type Index struct {
	// UUID differs between an index and another of the same name made later.
	UUID string
	// Settings by their flat name without "index.". A list is its JSON.
	Settings map[string]string
	// Mappings as JSON decodes them.
	Mappings map[string]any
	// Aliases by name, each as JSON decodes it.
	Aliases map[string]map[string]any
}

// A TakenError says that a name leads to something other than an index of that
// name: an alias or a data stream.
type TakenError struct{ Name, By string }

// Error names what holds the name.
func (e *TakenError) Error() string {
	return fmt.Sprintf("the name %q belongs to an alias or a data stream, which leads to index %q", e.Name, e.By)
}

// Index returns the index of exactly this name.
func (c *Client) Index(ctx context.Context, name string) (Index, error) {
	if err := ValidName(name); err != nil {
		return Index{}, err
	}
	return c.index(ctx, name)
}

func (c *Client) index(ctx context.Context, name string) (Index, error) {
	raw, err := c.memory.indices.Get(ctx, name, func() (json.RawMessage, error) {
		var answer map[string]json.RawMessage
		query := url.Values{"flat_settings": {"true"}, "expand_wildcards": {"none"}}
		if err := c.do(ctx, http.MethodGet, "/"+url.PathEscape(name), query, nil, &answer); err != nil {
			return nil, err
		}
		got, ok := answer[name]
		if !ok {
			return nil, taken(name, answer)
		}
		return got, nil
	})
	if err != nil {
		return Index{}, err
	}
	var got shown
	if err := c.decode(raw, &got); err != nil {
		return Index{}, err
	}
	return got.index(), nil
}

// Indices returns the indices that a pattern fits, by their names. Those behind a data
// stream are hidden, and not among them.
func (c *Client) Indices(ctx context.Context, pattern string) (map[string]Index, error) {
	if err := ValidName(strings.ReplaceAll(pattern, "*", "x")); err != nil {
		return nil, fmt.Errorf("invalid pattern %q: %w", pattern, err)
	}
	var answer map[string]shown
	query := url.Values{"flat_settings": {"true"}, "expand_wildcards": {"open"}}
	if err := c.do(ctx, http.MethodGet, "/"+url.PathEscape(pattern), query, nil, &answer); err != nil {
		return nil, err
	}
	found := map[string]Index{}
	for name, s := range answer {
		found[name] = s.index()
	}
	return found, nil
}

// shown is an index in an answer.
type shown struct {
	Settings map[string]any            `json:"settings"`
	Mappings map[string]any            `json:"mappings"`
	Aliases  map[string]map[string]any `json:"aliases"`
}

func (s shown) index() Index {
	settings := flat(s.Settings)
	return Index{UUID: settings["uuid"], Settings: settings, Mappings: s.Mappings, Aliases: s.Aliases}
}

func taken[T any](name string, answer map[string]T) error {
	others := make([]string, 0, len(answer))
	for other := range answer {
		others = append(others, other)
	}
	if len(others) == 0 {
		return fmt.Errorf("the answer for index %q is empty", name)
	}
	return &TakenError{Name: name, By: slices.Min(others)}
}

// Health returns green, yellow or red.
func (c *Client) Health(ctx context.Context, name string) (string, error) {
	if err := ValidName(name); err != nil {
		return "", err
	}
	raw, err := c.memory.health.Get(ctx, name, func() (json.RawMessage, error) {
		var answer struct {
			Status json.RawMessage `json:"status"`
		}
		// The index may vanish meanwhile, and Elasticsearch would wait for it for 30
		// seconds.
		query := url.Values{"timeout": {"1s"}}
		err := c.do(ctx, http.MethodGet, "/_cluster/health/"+name, query, nil, &answer)
		return answer.Status, err
	})
	if err != nil {
		return "", err
	}
	var status string
	return status, c.decode(raw, &status)
}

// CreateIndex creates an index. Settings are flat, without "index.".
func (c *Client) CreateIndex(ctx context.Context, name string, settings map[string]string, mappings map[string]any) error {
	if err := ValidName(name); err != nil {
		return err
	}
	body := map[string]any{"settings": prefixed(settings)}
	if mappings != nil { // Elasticsearch refuses null.
		body["mappings"] = mappings
	}
	return c.do(ctx, http.MethodPut, "/"+name, nil, body, nil)
}

// PutSettings changes dynamic settings of an index, or of all backing indices of a data
// stream, flat, without "index.".
func (c *Client) PutSettings(ctx context.Context, name string, settings map[string]string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPut, "/"+name+"/_settings", nil, prefixed(settings), nil)
}

// PutMapping merges a mapping into that of an index, or of all backing indices of a
// data stream: of all or, where one refuses it, of none. Elasticsearch replaces _meta
// as a whole if the mapping holds it.
func (c *Client) PutMapping(ctx context.Context, name string, mapping map[string]any) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPut, "/"+name+"/_mapping", nil, mapping, nil)
}

// ChangeAliases puts aliases of an index and removes others, all at once.
func (c *Client) ChangeAliases(ctx context.Context, name string, put map[string]map[string]any, remove []string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	actions := []any{}
	for _, alias := range remove {
		actions = append(actions, map[string]any{"remove": map[string]any{"index": name, "alias": alias}})
	}
	for _, alias := range slices.Sorted(maps.Keys(put)) {
		action := maps.Clone(put[alias])
		action["index"], action["alias"] = name, alias
		actions = append(actions, map[string]any{"add": action})
	}
	return c.do(ctx, http.MethodPost, "/_aliases", nil, map[string]any{"actions": actions}, nil)
}

// DeleteIndex deletes the index of exactly this name, never what an alias or a
// pattern leads to.
func (c *Client) DeleteIndex(ctx context.Context, name string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	query := url.Values{"expand_wildcards": {"none"}, "allow_no_indices": {"false"}}
	return c.do(ctx, http.MethodDelete, "/"+name, query, nil, nil)
}

// Documents returns the number of documents of an index, those included that
// searches do not show yet. It takes no right to read them. What is nested in
// documents counts too, and shards that are not allocated do not.
func (c *Client) Documents(ctx context.Context, name string) (int64, error) {
	if err := ValidName(name); err != nil {
		return 0, err
	}
	query := url.Values{"expand_wildcards": {"none"}}
	if err := c.do(ctx, http.MethodGet, "/"+name+"/_refresh", query, nil, nil); err != nil {
		return 0, err
	}
	var answer struct {
		All struct {
			Primaries struct {
				Docs *struct {
					Count int64 `json:"count"`
				} `json:"docs"`
			} `json:"primaries"`
		} `json:"_all"`
	}
	if err := c.do(ctx, http.MethodGet, "/"+name+"/_stats/docs", query, nil, &answer); err != nil {
		return 0, err
	}
	if answer.All.Primaries.Docs == nil {
		return 0, fmt.Errorf("the answer does not say how many documents index %q has", name)
	}
	return answer.All.Primaries.Docs.Count, nil
}

// namePattern is stricter than Elasticsearch where that keeps a name from being
// a pattern, a list or an API.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,254}$`)

// ValidName reports what is wrong with the name of an index.
func ValidName(name string) error {
	if namePattern.MatchString(name) {
		return nil
	}
	return fmt.Errorf("invalid index name %q: want 1 to 255 lowercase letters, digits, dots, underscores or hyphens, "+
		"opening with a letter or digit", name)
}

func prefixed(settings map[string]string) map[string]string {
	out := make(map[string]string, len(settings))
	for k, v := range settings {
		out[prefix+k] = v
	}
	return out
}

// flat makes strings of all values; Elasticsearch answers strings and lists.
func flat(settings map[string]any) map[string]string {
	out := make(map[string]string, len(settings))
	for k, v := range settings {
		k = strings.TrimPrefix(k, prefix)
		if s, ok := v.(string); ok {
			out[k] = s
			continue
		}
		b, err := json.Marshal(v)
		if err != nil { // What JSON decoded, JSON encodes.
			continue
		}
		out[k] = string(b)
	}
	return out
}
