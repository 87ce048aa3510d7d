package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

const (
	// maxNames bounds the names in one URL. Elasticsearch takes 4 KiB of it, all else
	// included.
	maxNames = 3000
	// maxByName is in how many requests indices are asked for by their names. Beyond
	// that, one request asks for all indices of the cluster.
	maxByName = 3
	// maxKeys is how many API keys Elasticsearch tells in one answer.
	maxKeys = 10000
)

// A memory holds what was read of a cluster, each object as the JSON in which the
// cluster told it: that takes the least space, tells at once what changed, and
// leaves nothing that two callers could share.
type memory struct {
	indices, health, streams, templates, keys *observe.View[json.RawMessage]

	documents map[string]*observe.View[json.RawMessage] // By path.
}

func (c *Client) newMemory(o *observe.Observer) memory {
	same := func(a, b json.RawMessage) bool { return bytes.Equal(a, b) }
	size := func(m json.RawMessage) int { return len(m) }
	add := func(what string, sweep func(context.Context, *sweeping) error) *observe.View[json.RawMessage] {
		return observe.Add(o, what, observe.Kind[json.RawMessage]{Sweep: sweep, Same: same, Size: size})
	}
	m := memory{
		indices:   add("indices", c.sweepIndices),
		health:    add("health", c.sweepHealth),
		streams:   add("data streams", c.sweepStreams),
		templates: add("index templates", c.sweepTemplates),
		keys:      observe.Add(o, "API keys", observe.Kind[json.RawMessage]{Sweep: c.sweepKeys, Same: c.sameKeys, Size: size}),
		documents: map[string]*observe.View[json.RawMessage]{},
	}
	for path, what := range map[string]string{Roles: "roles", RoleMappings: "role mappings", LifecyclePolicies: "lifecycle policies"} {
		m.documents[path] = add(what, func(ctx context.Context, s *sweeping) error {
			return c.each(ctx, call{method: http.MethodGet, path: path}, "", func(name string, d json.RawMessage) error {
				s.Found(name, d)
				return nil
			})
		})
	}
	return m
}

type sweeping = observe.Sweep[json.RawMessage]

// sweepIndices asks for indices by their names, as long as few requests hold them.
// Otherwise it asks for all indices of the cluster and picks out those that are wanted,
// one by one as they arrive.
func (c *Client) sweepIndices(ctx context.Context, s *sweeping) error {
	parts := inURLs(s.Wanted())
	if len(parts) > maxByName {
		return c.indicesOf(ctx, s, "*", "all")
	}
	for _, names := range parts {
		if err := c.indicesNamed(ctx, s, names); err != nil {
			return err
		}
	}
	return nil
}

// indicesNamed asks for indices by their names. Elasticsearch refuses all of them where
// the credentials have no right to one: halves tell which.
func (c *Client) indicesNamed(ctx context.Context, s *sweeping, names []string) error {
	err := c.indicesOf(ctx, s, strings.Join(names, ","), "none")
	if !is(err, http.StatusForbidden, "security_exception") {
		return err
	}
	if len(names) == 1 {
		return nil // It is forgotten, and whoever asks for it hears why.
	}
	for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
		if err := c.indicesNamed(ctx, s, half); err != nil {
			return err
		}
	}
	return nil
}

// indicesOf asks for the indices of a target. One that is not there is left out. What an
// alias or a data stream leads to has another name, and counts for nothing.
func (c *Client) indicesOf(ctx context.Context, s *sweeping, target, expand string) error {
	query := url.Values{"flat_settings": {"true"}, "expand_wildcards": {expand}, "ignore_unavailable": {"true"}}
	return c.each(ctx, call{method: http.MethodGet, path: "/" + target, query: query}, "", func(name string, index json.RawMessage) error {
		s.Found(name, index)
		return nil
	})
}

// sweepHealth asks for the health of all indices of the cluster: the answer is short,
// and naming indices would have Elasticsearch wait for one that is gone.
func (c *Client) sweepHealth(ctx context.Context, s *sweeping) error {
	query := url.Values{"level": {"indices"}, "filter_path": {"indices.*.status"}, "timeout": {"1s"}, "expand_wildcards": {"all"}}
	err := c.each(ctx, call{method: http.MethodGet, path: "/_cluster/health", query: query}, "indices", func(name string, index json.RawMessage) error {
		var answer struct {
			Status json.RawMessage `json:"status"`
		}
		if err := json.Unmarshal(index, &answer); err != nil {
			return err
		}
		s.Found(name, answer.Status)
		return nil
	})
	if IsUnsupported(err) {
		return nil
	}
	return err
}

func (c *Client) sweepStreams(ctx context.Context, s *sweeping) error {
	k := call{method: http.MethodGet, path: "/_data_stream", query: url.Values{"expand_wildcards": {"all"}}}
	return c.each(ctx, k, "data_streams", func(_ string, stream json.RawMessage) error {
		name, err := nameIn(stream)
		s.Found(name, stream)
		return err
	})
}

// sweepTemplates asks for all templates: the API takes one name and no list.
func (c *Client) sweepTemplates(ctx context.Context, s *sweeping) error {
	k := call{method: http.MethodGet, path: "/_index_template", query: url.Values{"flat_settings": {"true"}}}
	return c.each(ctx, k, "index_templates", func(_ string, template json.RawMessage) error {
		name, err := nameIn(template)
		s.Found(name, template)
		return err
	})
}

// sweepKeys searches for keys, as a cluster may hold far more of others.
func (c *Client) sweepKeys(ctx context.Context, s *sweeping) error {
	for names := range slices.Chunk(s.Wanted(), maxKeys/2) {
		if err := c.keysNamed(ctx, s, names); err != nil {
			return err
		}
	}
	return nil
}

// keysNamed tells of the keys of names. Names are not unique: if there are more keys
// than one answer holds, halves have fewer.
func (c *Client) keysNamed(ctx context.Context, s *sweeping, names []string) error {
	body := map[string]any{"size": maxKeys, "query": map[string]any{"bool": map[string]any{"filter": []any{
		map[string]any{"terms": map[string]any{"name": names}}, map[string]any{"term": map[string]any{"invalidated": false}},
	}}}}
	found, n := map[string][]json.RawMessage{}, 0
	k := call{method: http.MethodPost, path: "/_security/_query/api_key", in: body, reads: true}
	err := c.each(ctx, k, "api_keys", func(_ string, key json.RawMessage) error {
		name, err := nameIn(key)
		found[name], n = append(found[name], key), n+1
		return err
	})
	if err == nil && n == maxKeys && len(names) > 1 {
		for _, half := range [][]string{names[:len(names)/2], names[len(names)/2:]} {
			if err := c.keysNamed(ctx, s, half); err != nil {
				return err
			}
		}
		return nil
	}
	for name, keys := range found {
		list, err := json.Marshal(keys)
		if err != nil {
			return err
		}
		s.Found(name, list)
	}
	return err
}

func nameIn(object json.RawMessage) (string, error) {
	var named struct {
		Name string `json:"name"`
	}
	err := json.Unmarshal(object, &named)
	return named.Name, err
}

// inURLs divides names among URLs.
func inURLs(names []string) [][]string {
	var out [][]string
	size := maxNames
	for _, name := range names {
		if size += len(name) + 1; size > maxNames {
			out, size = append(out, nil), len(name)
		}
		out[len(out)-1] = append(out[len(out)-1], name)
	}
	return out
}
