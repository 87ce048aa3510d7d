package graph

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
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

// A Principal is an object in a relation to a group: a user, a group, or a
// service principal.
type Principal struct {
	ID string
	// Name that people know, of a user or a group; it may be empty.
	Name string
	// Disabled is whether a user or service principal may not sign in.
	Disabled bool
	// Guest is whether a user is a guest of the tenant.
	Guest bool
}

// String returns the name that people know, or the object id.
func (p Principal) String() string { return cmp.Or(p.Name, p.ID) }

// Compare orders principals by their ids.
func (p Principal) Compare(id string) int { return strings.Compare(p.ID, id) }

// Related returns all objects in a relation to a group, in the order of their ids.
// Where the application may not read a kind of object, its id is all there is.
// The caller does not change what is returned.
func (c *Client) Related(ctx context.Context, group string, r Relation) ([]Principal, error) {
	k, err := c.memory.Get(ctx, keyOf(string(r), group), func() (k kept, err error) {
		k.related, err = c.related(ctx, group, r)
		return k, err
	})
	return k.related, err
}

func (c *Client) related(ctx context.Context, group string, r Relation) ([]Principal, error) {
	found, err := list[related](ctx, c, c.at(beta, "")+relatedPath(group, r), nil)
	if err != nil {
		return nil, err
	}
	return principals(found), nil
}

// relatedPath leads to the first page of those in a relation to a group.
func relatedPath(group string, r Relation) string {
	return "/groups/" + segment(group) + "/" + string(r) +
		"?$select=id,userPrincipalName,displayName,accountEnabled,userType&$top=" + pageSize
}

// related is an object in a relation to a group, as Graph reports it.
type related struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	DisplayName       string `json:"displayName"`
	AccountEnabled    *bool  `json:"accountEnabled"`
	UserType          string `json:"userType"`
}

// principals returns objects in the order of their ids, each once.
func principals(found []related) []Principal {
	all := make([]Principal, 0, len(found))
	for _, o := range found {
		all = append(all, Principal{
			ID: strings.ToLower(o.ID), Name: cmp.Or(o.UserPrincipalName, o.DisplayName),
			Disabled: o.AccountEnabled != nil && !*o.AccountEnabled, Guest: o.UserType == "Guest",
		})
	}
	slices.SortFunc(all, func(a, b Principal) int { return a.Compare(b.ID) })
	return slices.CompactFunc(all, func(a, b Principal) bool { return a.ID == b.ID })
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
	err := c.do(ctx, call{method: http.MethodPatch, url: c.group(group, ""), in: map[string][]string{"members@odata.bind": refs}})
	return err
}

func (c *Client) relateEach(ctx context.Context, group string, r Relation, ids []string) (missing []string, err error) {
	u := c.at(v1, "/groups/"+segment(group)+"/"+string(r)+"/$ref")
	for _, id := range ids {
		err := c.do(ctx, call{method: http.MethodPost, url: u, in: map[string]string{"@odata.id": c.object(id)}})
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
	for chunk := range slices.Chunk(ids, maxBatch) {
		paths := make([]string, 0, len(chunk))
		for _, id := range chunk {
			paths = append(paths, "/groups/"+segment(group)+"/"+string(r)+"/"+segment(id)+"/$ref")
		}
		if err := c.deleteEach(ctx, paths); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) object(id string) string { return c.at(v1, "/directoryObjects/"+segment(id)) }
