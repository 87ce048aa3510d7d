package graph

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/provider/internal/observe"
)

// kept is what is remembered under one key: a group, or those in a relation to it.
type kept struct {
	group   Group
	related []Principal // Shared, and never changed.
}

// The key of a group, and of those related to it.
func keyOf(what, id string) string { return what + " " + strings.ToLower(id) }

// newMemory returns what is remembered of a tenant. Delta queries say what is to be read
// again: the group that changed, and every group in whose lists an object stands that
// changed, such as a user who may not sign in any more.
func (c *Client) newMemory(o *observe.Observer) *observe.View[kept] {
	return observe.Add(o, "groups", observe.Kind[kept]{
		Sweep: c.follow, Feed: true,
		About: func(key string, k kept) []string {
			_, id, _ := strings.Cut(key, " ")
			ids := []string{id}
			for _, p := range k.related {
				ids = append(ids, p.ID)
			}
			return ids
		},
		Same: func(a, b kept) bool { return a.group == b.group && slices.Equal(a.related, b.related) },
		Size: func(k kept) int {
			size := 200 + len(k.group.DisplayName) + len(k.group.Description) + len(k.group.UniqueName)
			for _, p := range k.related {
				size += 100 + len(p.Name)
			}
			return size
		},
	})
}

// Sweep brings what is remembered of the tenant up to date, as far as that is due.
func (c *Client) Sweep(ctx context.Context) { c.observer.Sweep(ctx) }

// A feed is a delta query that is followed.
type feed struct {
	path     string // Of the collection.
	selected string // Properties whose changes matter.
	optional bool   // What it tells cannot be read anyway, if the application may not follow it.
	link     string // That leads to what changes from now on; "": it does not yet.
}

func feeds() []*feed {
	return []*feed{
		{path: "/groups", selected: "displayName,description,uniqueName,mail,members,owners"},
		{path: "/users", selected: "userPrincipalName,displayName,mail,accountEnabled,userType", optional: true},
		{path: "/servicePrincipals", selected: "displayName,accountEnabled", optional: true},
	}
}

// follow tells a sweep of all that changed since the one before. What a feed told before
// another failed counts already.
func (c *Client) follow(ctx context.Context, s *observe.Sweep[kept]) error {
	names := true
	for _, f := range c.feeds {
		changed, err := c.changes(ctx, f)
		if f.optional && isForbidden(err) {
			f.link, names = "", false
			continue
		}
		if err != nil {
			return err
		}
		ids := map[string]bool{}
		for _, o := range changed {
			ids[strings.ToLower(o.ID)] = true
		}
		s.Changed(ids)
		c.known.changed(changed)
	}
	if c.anew {
		c.known.clear()
		s.Begin()
		c.fill(ctx, s)
	} else {
		s.Rest()
	}
	if names {
		c.known.renew()
	}
	c.anew = false
	return nil
}

// changes returns the objects that changed since the call before. If that cannot be
// told, the feed begins anew from now.
func (c *Client) changes(ctx context.Context, f *feed) ([]object, error) {
	if f.link != "" {
		changed, link, err := c.delta(ctx, f.link)
		if err == nil {
			f.link = link
		}
		if !isOutOfStep(err) {
			return changed, err
		}
	}
	first := c.at(v1, f.path+"/delta", "$select", f.selected, "$deltatoken", "latest")
	changed, link, err := c.delta(ctx, first)
	if err == nil {
		f.link, c.anew = link, true
	}
	return changed, err
}

// delta follows a delta query to its end, and returns where the next begins.
func (c *Client) delta(ctx context.Context, next string) (all []object, link string, err error) {
	for range maxPages {
		if err := c.sameHost(next); err != nil {
			return nil, "", err
		}
		var page struct {
			Value []object `json:"value"`
			Next  string   `json:"@odata.nextLink"`
			Delta string   `json:"@odata.deltaLink"`
		}
		if err := c.do(ctx, call{method: http.MethodGet, url: next, out: &page}); err != nil {
			return nil, "", err
		}
		all = append(all, page.Value...)
		if next = cmp.Or(page.Next, page.Delta); page.Next == "" {
			return all, page.Delta, c.leads(page.Delta)
		}
	}
	return nil, "", &Error{Status: http.StatusGone, Code: resyncRequired} // So much changed that it is as good as all.
}

func (c *Client) leads(link string) error {
	if link == "" {
		return errors.New("the answer to a delta query does not say where the next begins")
	}
	return c.sameHost(link)
}
