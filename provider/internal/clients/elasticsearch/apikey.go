package elasticsearch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const apiKeys = "/_security/api_key"

// An APIKey as Elasticsearch reports it: without its secret, which it tells once.
type APIKey struct {
	ID              string
	Name            string
	Created         time.Time
	Expires         time.Time // Zero: never.
	Invalidated     bool
	Metadata        map[string]any
	RoleDescriptors map[string]any
}

// A NewAPIKey is asked for.
type NewAPIKey struct {
	Name            string
	Validity        time.Duration // 0: for ever.
	Metadata        map[string]any
	RoleDescriptors map[string]any
}

// A MadeAPIKey has its secret.
type MadeAPIKey struct {
	ID string
	// Encoded is the key as the header takes it.
	Encoded string
	Expires time.Time // Zero: never.
}

// APIKeys returns all keys of a name. Names are not unique.
func (c *Client) APIKeys(ctx context.Context, name string) ([]APIKey, error) {
	if err := ValidDocumentName(name); err != nil {
		return nil, err
	}
	var answer struct {
		APIKeys []struct {
			ID              string         `json:"id"`
			Name            string         `json:"name"`
			Creation        int64          `json:"creation"`
			Expiration      int64          `json:"expiration"`
			Invalidated     bool           `json:"invalidated"`
			Metadata        map[string]any `json:"metadata"`
			RoleDescriptors map[string]any `json:"role_descriptors"`
		} `json:"api_keys"`
	}
	if err := c.do(ctx, http.MethodGet, apiKeys, url.Values{"name": {name}}, nil, &answer); err != nil {
		return nil, err
	}
	keys := make([]APIKey, 0, len(answer.APIKeys))
	for _, k := range answer.APIKeys {
		keys = append(keys, APIKey{
			ID: k.ID, Name: k.Name, Created: time.UnixMilli(k.Creation), Expires: instant(k.Expiration), Invalidated: k.Invalidated,
			Metadata: k.Metadata, RoleDescriptors: k.RoleDescriptors,
		})
	}
	return keys, nil
}

// CreateAPIKey makes a key.
func (c *Client) CreateAPIKey(ctx context.Context, k NewAPIKey) (MadeAPIKey, error) {
	body := map[string]any{"name": k.Name, "metadata": k.Metadata, "role_descriptors": k.RoleDescriptors}
	if k.Validity > 0 {
		body["expiration"] = fmt.Sprintf("%ds", int64(k.Validity.Seconds()))
	}
	var answer struct {
		ID         string `json:"id"`
		Encoded    string `json:"encoded"`
		Expiration int64  `json:"expiration"`
	}
	if err := c.do(ctx, http.MethodPost, apiKeys, nil, body, &answer); err != nil {
		return MadeAPIKey{}, err
	}
	if answer.ID == "" || answer.Encoded == "" {
		return MadeAPIKey{}, fmt.Errorf("the answer of %s holds no key", c.host)
	}
	return MadeAPIKey{ID: answer.ID, Encoded: answer.Encoded, Expires: instant(answer.Expiration)}, nil
}

// UpdateAPIKey changes what a key may do, and its metadata. Only the user that
// made the key can.
func (c *Client) UpdateAPIKey(ctx context.Context, id string, descriptors, metadata map[string]any) error {
	body := map[string]any{"role_descriptors": descriptors, "metadata": metadata}
	return c.do(ctx, http.MethodPut, apiKeys+"/"+url.PathEscape(id), nil, body, nil)
}

// InvalidateAPIKeys ends keys. One that has ended already is no error.
func (c *Client) InvalidateAPIKeys(ctx context.Context, ids ...string) error {
	var answer struct {
		ErrorCount int `json:"error_count"`
	}
	if err := c.do(ctx, http.MethodDelete, apiKeys, nil, map[string]any{"ids": ids}, &answer); err != nil {
		return err
	}
	if answer.ErrorCount > 0 {
		return fmt.Errorf("Elasticsearch could not invalidate %d of %d keys", answer.ErrorCount, len(ids)) //nolint:staticcheck // Its name is spelt so.
	}
	return nil
}

// instant is a time in milliseconds; 0 is none.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}
