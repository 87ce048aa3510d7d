package elasticsearch

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
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
	raw, err := c.memory.keys.Get(ctx, name, func() (json.RawMessage, error) {
		var answer struct {
			APIKeys json.RawMessage `json:"api_keys"`
		}
		err := c.do(ctx, http.MethodGet, apiKeys, url.Values{"name": {name}}, nil, &answer)
		return answer.APIKeys, err
	})
	if err != nil {
		return nil, err
	}
	return c.decodeKeys(raw)
}

func (c *Client) decodeKeys(raw json.RawMessage) ([]APIKey, error) {
	var got []struct {
		ID              string         `json:"id"`
		Name            string         `json:"name"`
		Creation        int64          `json:"creation"`
		Expiration      int64          `json:"expiration"`
		Invalidated     bool           `json:"invalidated"`
		Metadata        map[string]any `json:"metadata"`
		RoleDescriptors map[string]any `json:"role_descriptors"`
	}
	if err := c.decode(raw, &got); err != nil {
		return nil, err
	}
	keys := make([]APIKey, 0, len(got))
	for _, k := range got {
		c.showed(time.UnixMilli(k.Creation))
		keys = append(keys, APIKey{
			ID: k.ID, Name: k.Name, Created: time.UnixMilli(k.Creation), Expires: instant(k.Expiration), Invalidated: k.Invalidated,
			Metadata: k.Metadata, RoleDescriptors: k.RoleDescriptors,
		})
	}
	return keys, nil
}

// sameKeys compares lists of keys, but for their order and for keys that have ended.
func (c *Client) sameKeys(a, b json.RawMessage) bool {
	of := func(raw json.RawMessage) map[string]APIKey {
		keys, _ := c.decodeKeys(raw) // A list that does not decode is as good as none.
		out := map[string]APIKey{}
		for _, k := range keys {
			if !k.Invalidated {
				out[k.ID] = k
			}
		}
		return out
	}
	return reflect.DeepEqual(of(a), of(b))
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
	if validity := k.Validity.Truncate(time.Second); validity > 0 && answer.Expiration > 0 {
		c.shows(instant(answer.Expiration).Add(-validity))
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
