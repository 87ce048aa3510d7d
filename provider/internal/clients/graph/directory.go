package graph

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// knownFor is how long a name is believed to lead to the same object. Names move
// from one person to another rarely, and each look-up counts for throttling.
const knownFor = 10 * time.Minute

// maxKnown bounds the memory to a few megabytes.
const maxKnown = 20000

// Resolve returns the object id of a user principal name, a mail address of a
// user or group, or an object id of anything. It returns "" if the directory
// knows no such object, or more than one.
func (c *Client) Resolve(ctx context.Context, name string) (string, error) {
	if id, ok := c.known.get(name); ok {
		return id, nil
	}
	id, err := c.lookUp(ctx, name)
	if err == nil && id != "" {
		c.known.put(name, id)
	}
	return id, err
}

func (c *Client) lookUp(ctx context.Context, name string) (string, error) {
	if IsObjectID(name) {
		return c.lookUpObject(ctx, name)
	}
	id, err := c.lookUpUser(ctx, name)
	if err != nil || id != "" {
		return id, err
	}
	u := c.at(v1, "/groups", "$filter", "mail eq "+literal(name), "$select", "id")
	return only(list[object](ctx, c, u, nil))
}

func (c *Client) lookUpObject(ctx context.Context, id string) (string, error) {
	var o object
	_, err := c.do(ctx, call{method: http.MethodGet, url: c.object(id) + "?$select=id", out: &o})
	if IsNotFound(err) {
		return "", nil
	}
	return o.ID, err
}

func (c *Client) lookUpUser(ctx context.Context, name string) (string, error) {
	filter := "userPrincipalName eq " + literal(name) + " or mail eq " + literal(name)
	users, err := list[object](ctx, c, c.at(v1, "/users", "$filter", filter, "$select", "id,userPrincipalName"), nil)
	for _, u := range users {
		// A mail address can be another user's principal name; that one signs in
		// with it.
		if strings.EqualFold(u.UserPrincipalName, name) {
			return u.ID, err
		}
	}
	return only(users, err)
}

// An object of the directory, as far as it is looked at.
type object struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
}

func only(found []object, err error) (string, error) {
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].ID, nil
}

// known remembers for a while which object a name leads to.
type known struct {
	now func() time.Time

	mu  sync.Mutex
	ids map[string]remembered
}

type remembered struct {
	id    string
	until time.Time
}

func newKnown(now func() time.Time) *known {
	return &known{now: now, ids: map[string]remembered{}}
}

func (k *known) get(name string) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.ids[strings.ToLower(name)]
	return r.id, ok && k.now().Before(r.until)
}

func (k *known) put(name, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.ids) == maxKnown {
		clear(k.ids)
	}
	k.ids[strings.ToLower(name)] = remembered{id, k.now().Add(knownFor)}
}

// forget makes the next look-up ask the directory, because the objects of these
// ids are not there.
func (k *known) forget(ids []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.ids, func(_ string, r remembered) bool { return slices.Contains(ids, r.id) })
}
