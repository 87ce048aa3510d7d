package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A DataStream as Elasticsearch reports it.
type DataStream struct {
	// Generation counts its rollovers, from 1.
	Generation int64
	// Indices that back it. The last is written to.
	Indices []string
	// Health is green, yellow or red: that of its worst index.
	Health string
	// Template makes its next index.
	Template string
	// Meta is the _meta that its template had when the stream was created.
	Meta map[string]any
	// Lifecycle of its own. Nil: none.
	Lifecycle *Lifecycle
	// Policy is the ILM policy that its template names.
	Policy string
	// ManagedBy says what rolls it over.
	ManagedBy string
}

// WriteIndex is the index that documents go to.
func (d *DataStream) WriteIndex() string { return d.Indices[len(d.Indices)-1] }

// DataStream returns the data stream of exactly this name.
func (c *Client) DataStream(ctx context.Context, name string) (DataStream, error) {
	if err := ValidName(name); err != nil {
		return DataStream{}, err
	}
	raw, err := c.memory.streams.Get(ctx, name, func() (json.RawMessage, error) {
		var answer struct {
			DataStreams []json.RawMessage `json:"data_streams"`
		}
		if err := c.do(ctx, http.MethodGet, "/_data_stream/"+name, nil, nil, &answer); err != nil {
			return nil, err
		}
		if len(answer.DataStreams) != 1 {
			return nil, fmt.Errorf("the answer for data stream %q tells %d data streams", name, len(answer.DataStreams))
		}
		return answer.DataStreams[0], nil
	})
	if err != nil {
		return DataStream{}, err
	}
	return c.decodeStream(name, raw)
}

func (c *Client) decodeStream(name string, raw json.RawMessage) (DataStream, error) {
	var got struct {
		Generation int64          `json:"generation"`
		Status     string         `json:"status"`
		Template   string         `json:"template"`
		Meta       map[string]any `json:"_meta"`
		Lifecycle  *Lifecycle     `json:"lifecycle"`
		Policy     string         `json:"ilm_policy"`
		ManagedBy  string         `json:"next_generation_managed_by"`
		Indices    []struct {
			Name string `json:"index_name"`
		} `json:"indices"`
	}
	if err := c.decode(raw, &got); err != nil {
		return DataStream{}, err
	}
	if len(got.Indices) == 0 {
		return DataStream{}, fmt.Errorf("the answer for data stream %q tells no index", name)
	}
	d := DataStream{Generation: got.Generation, Health: strings.ToLower(got.Status), Template: got.Template, Meta: got.Meta,
		Lifecycle: got.Lifecycle, Policy: got.Policy, ManagedBy: got.ManagedBy}
	for _, i := range got.Indices {
		d.Indices = append(d.Indices, i.Name)
	}
	return d, nil
}

// BackingIndex returns a backing index, by the name that its data stream tells.
func (c *Client) BackingIndex(ctx context.Context, name string) (Index, error) {
	return c.index(ctx, name)
}

// CreateDataStream creates a data stream by the template that matches its name.
func (c *Client) CreateDataStream(ctx context.Context, name string) error {
	return c.stream(ctx, http.MethodPut, name, "", nil)
}

// DeleteDataStream deletes the data stream of exactly this name with all its indices.
func (c *Client) DeleteDataStream(ctx context.Context, name string) error {
	return c.stream(ctx, http.MethodDelete, name, "", nil)
}

// PutLifecycle gives a data stream another lifecycle.
func (c *Client) PutLifecycle(ctx context.Context, name string, l Lifecycle) error {
	return c.stream(ctx, http.MethodPut, name, "/_lifecycle", l.written())
}

// DeleteLifecycle takes a data stream its lifecycle.
func (c *Client) DeleteLifecycle(ctx context.Context, name string) error {
	return c.stream(ctx, http.MethodDelete, name, "/_lifecycle", nil)
}

func (c *Client) stream(ctx context.Context, method, name, part string, body any) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return c.do(ctx, method, "/_data_stream/"+name+part, nil, body, nil)
}

// Rollover has the template of a data stream make another index to write to.
func (c *Client) Rollover(ctx context.Context, name string) error {
	if err := ValidName(name); err != nil {
		return err
	}
	return c.do(ctx, http.MethodPost, "/"+name+"/_rollover", nil, nil, nil)
}
