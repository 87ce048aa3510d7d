package graph

import (
	"context"
	"net/http"
	"slices"
)

// A Relation of directory objects to a group.
type Relation string

// The relations that are managed.
const (
	Members Relation = "members"
	Owners  Relation = "owners"
)

// maxRelated is the number of objects that Graph relates in one request.
const maxRelated = 20

// Related returns the ids of all objects in a relation to a group, in order.
func (c *Client) Related(ctx context.Context, group string, r Relation) ([]string, error) {
	objects, err := list[struct {
		ID string `json:"id"`
	}](ctx, c, c.at(beta, "/groups/"+segment(group)+"/"+string(r), "$select", "id", "$top", pageSize), nil)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(objects))
	for _, o := range objects {
		ids = append(ids, o.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// Relate adds objects to a relation. Those that are in it already are no
// mistake. It returns the ids that the directory does not know, having added
// the others.
func (c *Client) Relate(ctx context.Context, group string, r Relation, ids []string) (missing []string, err error) {
	for chunk := range slices.Chunk(ids, maxRelated) {
		if r == Members { // Owners can only be added one by one.
			err := c.addMembers(ctx, group, chunk)
			if err == nil {
				continue
			}
			// All or nothing: one object that is related already, or is not there,
			// holds up the rest. One by one, it does not.
			if !isAlreadyRelated(err) && !IsNotFound(err) {
				return missing, err
			}
		}
		unknown, err := c.relateEach(ctx, group, r, chunk)
		missing = append(missing, unknown...)
		if err != nil {
			return missing, err
		}
	}
	c.known.forget(missing)
	return missing, nil
}

func (c *Client) addMembers(ctx context.Context, group string, ids []string) error {
	refs := make([]string, 0, len(ids))
	for _, id := range ids {
		refs = append(refs, c.object(id))
	}
	_, err := c.do(ctx, call{method: http.MethodPatch, url: c.group(group, ""), in: map[string][]string{"members@odata.bind": refs}})
	return err
}

func (c *Client) relateEach(ctx context.Context, group string, r Relation, ids []string) (missing []string, err error) {
	u := c.at(v1, "/groups/"+segment(group)+"/"+string(r)+"/$ref")
	for _, id := range ids {
		_, err := c.do(ctx, call{method: http.MethodPost, url: u, in: map[string]string{"@odata.id": c.object(id)}})
		switch {
		case err == nil, isAlreadyRelated(err):
		case IsNotFound(err) && c.exists(ctx, group):
			missing = append(missing, id)
		default:
			return missing, err
		}
	}
	return missing, nil
}

// exists tells a group that is not there from a member that is not.
func (c *Client) exists(ctx context.Context, group string) bool {
	_, err := c.Group(ctx, group)
	return err == nil
}

// Unrelate removes objects from a relation. Those that are not in it are no
// mistake.
func (c *Client) Unrelate(ctx context.Context, group string, r Relation, ids []string) error {
	for _, id := range ids {
		u := c.at(v1, "/groups/"+segment(group)+"/"+string(r)+"/"+segment(id)+"/$ref")
		if _, err := c.do(ctx, call{method: http.MethodDelete, url: u}); err != nil && !IsNotFound(err) {
			return err
		}
	}
	return nil
}

func (c *Client) object(id string) string { return c.at(v1, "/directoryObjects/"+segment(id)) }
