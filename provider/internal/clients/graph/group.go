package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
)

const fields = "id,uniqueName,displayName,description"

// A Group as Graph reports it.
type Group struct {
	ID          string `json:"id,omitempty"`
	UniqueName  string `json:"uniqueName,omitempty"`
	DisplayName string `json:"displayName,omitempty"`
	Description string `json:"description,omitempty"`
}

// Group returns the group of an object id.
func (c *Client) Group(ctx context.Context, id string) (Group, error) {
	k, err := c.memory.Get(ctx, keyOf("group", id), func() (k kept, err error) {
		err = c.do(ctx, call{method: http.MethodGet, url: c.group(id, fields), out: &k.group})
		return k, err
	})
	return k.group, err
}

// GroupByUniqueName returns the group of an alternate key.
func (c *Client) GroupByUniqueName(ctx context.Context, name string) (Group, error) {
	var g Group
	u := c.at(v1, "/groups(uniqueName="+quoted(name)+")", "$select", fields)
	err := c.do(ctx, call{method: http.MethodGet, url: u, out: &g})
	return g, err
}

// GroupsByDisplayName returns all groups of a display name, which Graph does not
// keep unique.
func (c *Client) GroupsByDisplayName(ctx context.Context, name string) ([]Group, error) {
	return list[Group](ctx, c, c.at(v1, "/groups", "$filter", "displayName eq "+literal(name), "$select", fields), nil)
}

// CreateGroup creates a security group under an alternate key. If a group has that key
// already, Graph refuses, and created is false: whoever comes second changes nothing of
// what the first made. The upsert by the key would change it, mark included.
func (c *Client) CreateGroup(ctx context.Context, g Group) (id string, created bool, err error) {
	body := struct {
		UniqueName      string `json:"uniqueName"`
		DisplayName     string `json:"displayName"`
		Description     string `json:"description"`
		MailNickname    string `json:"mailNickname"`
		MailEnabled     bool   `json:"mailEnabled"`
		SecurityEnabled bool   `json:"securityEnabled"`
	}{g.UniqueName, g.DisplayName, g.Description, mailNickname(g.UniqueName), false, true}
	var answer Group
	err = c.do(ctx, call{method: http.MethodPost, url: c.at(v1, "/groups"), in: body, out: &answer})
	if isTaken(err) {
		return "", false, nil
	}
	return answer.ID, err == nil, err
}

// UpdateGroup changes the display name and the description of a group.
func (c *Client) UpdateGroup(ctx context.Context, id, displayName, description string) error {
	body := map[string]string{"displayName": displayName, "description": description}
	err := c.do(ctx, call{method: http.MethodPatch, url: c.group(id, ""), in: body})
	return err
}

// DeleteGroup moves a group to the deleted items, where Graph keeps it for 30
// days.
func (c *Client) DeleteGroup(ctx context.Context, id string) error {
	err := c.do(ctx, call{method: http.MethodDelete, url: c.group(id, "")})
	return err
}

// DeletedGroup returns a group from the deleted items.
func (c *Client) DeletedGroup(ctx context.Context, id string) (Group, error) {
	var g Group
	err := c.do(ctx, call{method: http.MethodGet, url: c.at(v1, "/directory/deletedItems/"+segment(id)), out: &g})
	return g, err
}

// DeletedGroups returns all groups in the deleted items.
func (c *Client) DeletedGroups(ctx context.Context) ([]Group, error) {
	return list[Group](ctx, c, c.at(v1, "/directory/deletedItems/microsoft.graph.group", "$select", fields, "$top", pageSize), nil)
}

// DeletedGroupsByDisplayName returns the deleted groups of a display name; none
// where the directory refuses to look by name, which Microsoft does not document.
func (c *Client) DeletedGroupsByDisplayName(ctx context.Context, displayName string) ([]Group, error) {
	u := c.at(v1, "/directory/deletedItems/microsoft.graph.group",
		"$filter", "displayName eq "+literal(displayName), "$select", fields, "$count", "true")
	found, err := list[Group](ctx, c, u, map[string]string{"ConsistencyLevel": "eventual"})
	if isBadRequest(err) {
		return nil, nil
	}
	return found, err
}

// RestoreGroup takes a group out of the deleted items. It keeps its object id,
// so that every role bound to it holds again.
func (c *Client) RestoreGroup(ctx context.Context, id string) error {
	err := c.do(ctx, call{method: http.MethodPost, url: c.at(v1, "/directory/deletedItems/"+segment(id)+"/restore"),
		in: struct{}{}})
	return err
}

func (c *Client) group(id, sel string) string {
	if sel == "" {
		return c.at(v1, "/groups/"+segment(id))
	}
	return c.at(v1, "/groups/"+segment(id), "$select", sel)
}

var objectID = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// IsObjectID reports whether s has the form of an object id.
func IsObjectID(s string) bool { return objectID.MatchString(s) }

// segment returns an object id for a path. What has not the form of one becomes
// an id that no object has, so that it can lead to no other path.
func segment(id string) string {
	if IsObjectID(id) {
		return id
	}
	return "00000000-0000-0000-0000-000000000000"
}

var notNickname = regexp.MustCompile(`[^A-Za-z0-9-]`)

// mailNickname returns a nickname that Graph demands even of a group without
// mail: at most 64 letters, digits and hyphens, different for different names.
func mailNickname(uniqueName string) string {
	sum := sha256.Sum256([]byte(uniqueName))
	base := notNickname.ReplaceAllString(uniqueName, "-")
	return base[:min(len(base), 50)] + "-" + hex.EncodeToString(sum[:5])
}
