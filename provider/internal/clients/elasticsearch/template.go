package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// A Template is a composable index template for data streams.
type Template struct {
	// Patterns that names of data streams fit.
	Patterns []string
	// Priority over other templates that match.
	Priority int64
	// Meta is its own _meta, which data streams take over when they are created.
	Meta map[string]any
	// Settings of backing indices by their flat name without "index.".
	Settings map[string]string
	// Mappings of backing indices, as JSON decodes them.
	Mappings map[string]any
	// Lifecycle that data streams take over when they are created. Nil: none.
	Lifecycle *Lifecycle
	// Plain says that it makes indices, not data streams.
	Plain bool
}

// A Lifecycle is the data stream lifecycle.
type Lifecycle struct {
	// DataRetention is empty where documents are kept for ever.
	DataRetention string `json:"data_retention,omitempty"`
	// EffectiveRetention is what Elasticsearch makes of it. It is not written.
	EffectiveRetention string `json:"effective_retention,omitempty"`
}

// written is the lifecycle as it is put.
func (l Lifecycle) written() Lifecycle { return Lifecycle{DataRetention: l.DataRetention} }

// templateBody is a template on the wire.
type templateBody struct {
	Patterns   []string          `json:"index_patterns"`
	Priority   int64             `json:"priority"`
	DataStream *struct{}         `json:"data_stream,omitempty"`
	Meta       map[string]any    `json:"_meta,omitempty"`
	Template   *templateContents `json:"template,omitempty"`
}

type templateContents struct {
	Settings  map[string]any `json:"settings,omitempty"`
	Mappings  map[string]any `json:"mappings,omitempty"`
	Lifecycle *Lifecycle     `json:"lifecycle,omitempty"`
}

// Template returns the index template of exactly this name.
func (c *Client) Template(ctx context.Context, name string) (Template, error) {
	if err := ValidName(name); err != nil {
		return Template{}, err
	}
	raw, err := c.memory.templates.Get(ctx, name, func() (json.RawMessage, error) {
		var answer struct {
			Templates []json.RawMessage `json:"index_templates"`
		}
		if err := c.do(ctx, http.MethodGet, "/_index_template/"+name, url.Values{"flat_settings": {"true"}}, nil, &answer); err != nil {
			return nil, err
		}
		if len(answer.Templates) != 1 {
			return nil, fmt.Errorf("the answer for index template %q tells %d templates", name, len(answer.Templates))
		}
		return answer.Templates[0], nil
	})
	if err != nil {
		return Template{}, err
	}
	var got struct {
		Body templateBody `json:"index_template"`
	}
	if err := c.decode(raw, &got); err != nil {
		return Template{}, err
	}
	body := got.Body
	t := Template{Patterns: body.Patterns, Priority: body.Priority, Meta: body.Meta, Plain: body.DataStream == nil, Settings: map[string]string{}}
	if in := body.Template; in != nil {
		t.Settings, t.Mappings, t.Lifecycle = flat(in.Settings), in.Mappings, in.Lifecycle
	}
	return t, nil
}

// CreateTemplate creates a template for data streams. Elasticsearch refuses that as
// invalid if there is one of the name.
func (c *Client) CreateTemplate(ctx context.Context, name string, t Template) error {
	return c.putTemplate(ctx, name, url.Values{"create": {"true"}}, t)
}

// PutTemplate creates a template for data streams, or replaces all of it.
func (c *Client) PutTemplate(ctx context.Context, name string, t Template) error {
	return c.putTemplate(ctx, name, nil, t)
}

func (c *Client) putTemplate(ctx context.Context, name string, query url.Values, t Template) error {
	if err := ValidName(name); err != nil {
		return err
	}
	body := templateBody{Patterns: t.Patterns, Priority: t.Priority, DataStream: &struct{}{}, Meta: t.Meta, Template: &templateContents{
		Settings: map[string]any{}, Mappings: t.Mappings,
	}}
	for k, v := range prefixed(t.Settings) {
		body.Template.Settings[k] = v
	}
	if t.Lifecycle != nil {
		written := t.Lifecycle.written()
		body.Template.Lifecycle = &written
	}
	return c.do(ctx, http.MethodPut, "/_index_template/"+name, query, body, nil)
}

// DeleteTemplate deletes the index template of exactly this name. Elasticsearch
// refuses that while a data stream has no other.
func (c *Client) DeleteTemplate(ctx context.Context, name string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodDelete, "/_index_template/"+name, nil, nil, nil)
}

// A Rival is an index template that matches a name too.
type Rival struct {
	Name     string
	Priority int64
}

// Rivals returns the index templates, but for the one of this name, that match this
// name and have at least a priority.
func (c *Client) Rivals(ctx context.Context, name string, priority int64) ([]Rival, error) {
	var answer struct {
		Templates []struct {
			Name string       `json:"name"`
			Body templateBody `json:"index_template"`
		} `json:"index_templates"`
	}
	query := url.Values{"filter_path": {"index_templates.name,index_templates.index_template.index_patterns,index_templates.index_template.priority"}}
	if err := c.do(ctx, http.MethodGet, "/_index_template", query, nil, &answer); err != nil {
		return nil, err
	}
	var rivals []Rival
	for _, t := range answer.Templates {
		if t.Name == name || t.Body.Priority < priority {
			continue
		}
		for _, pattern := range t.Body.Patterns {
			if fits(pattern, name) {
				rivals = append(rivals, Rival{Name: t.Name, Priority: t.Body.Priority})
				break
			}
		}
	}
	return rivals, nil
}

// fits reports whether a name fits a pattern, in which only * has a meaning.
func fits(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	last := parts[len(parts)-1]
	if len(parts) == 1 {
		return pattern == name
	}
	rest, ok := strings.CutPrefix(name, parts[0])
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(rest, part)
		rest, ok = after, ok && found
	}
	return ok && strings.HasSuffix(rest, last)
}
