package graph

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

const (
	// knownFor is how long a name is believed to lead to the same object, or to none,
	// unless sweeps tell that nothing changed. Names move from one person to another
	// rarely, and each look-up counts for throttling.
	knownFor = 10 * time.Minute
	// settlesWithin is how long after a change look-ups may show what was before.
	settlesWithin = 2 * time.Minute
	// maxKnown bounds the memory to a few tens of megabytes.
	maxKnown = 200_000
)

// Resolve returns the object id of a user principal name, a mail address of a
// user or group, or an object id of anything. It returns "" if the directory
// knows no such object, or more than one.
func (c *Client) Resolve(ctx context.Context, name string) (string, error) {
	if id, ok := c.known.get(name); ok && (id != "" || observe.MayRemember(ctx)) {
		return id, nil
	}
	began := c.known.begin()
	id, err := c.lookUp(ctx, name)
	if err == nil {
		c.known.put(name, id, began)
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
	err := c.do(ctx, call{method: http.MethodGet, url: c.object(id) + "?$select=id", out: &o})
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
	Mail              string `json:"mail"`
}

func only(found []object, err error) (string, error) {
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].ID, nil
}
