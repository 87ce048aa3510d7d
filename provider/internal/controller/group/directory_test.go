package group

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

// A directory is the part of Microsoft Graph that these tests need, in memory.
type directory struct {
	groups map[string]*record // By object id.
	bin    map[string]*record // Deleted items.
	people map[string]string  // Object ids by name.
	// What else the directory tells of members, by object id.
	principals map[string]graph.Principal
	next       int
	lag        bool  // New groups are not found yet.
	keyLag     bool  // New groups are listed, but not found by their keys yet.
	fail       error // Answer to everything.
	frozen     error // Answer to every write.
	history    []string
}

// A record of a group.
type record struct {
	graph.Group
	related map[graph.Relation][]string
}

func newDirectory(groups ...graph.Group) *directory {
	d := &directory{groups: map[string]*record{}, bin: map[string]*record{}, people: map[string]string{
		"ana@example.com": person(1), "ben@example.com": person(2), "cem@example.com": person(3),
	}}
	for _, g := range groups {
		d.groups[g.ID] = &record{Group: g, related: map[graph.Relation][]string{}}
	}
	return d
}

// person returns the object id of the n-th person.
func person(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) }

func missing() error {
	return &graph.Error{Status: 404, Code: "Request_ResourceNotFound", Message: "x"}
}

func (d *directory) Group(_ context.Context, id string) (graph.Group, error) {
	if g, ok := d.groups[id]; ok && !d.lag && !d.keyLag && d.fail == nil {
		return g.Group, nil
	}
	return graph.Group{}, orElse(d.fail, missing())
}

func (d *directory) GroupByUniqueName(_ context.Context, name string) (graph.Group, error) {
	for _, g := range d.groups {
		if g.UniqueName == name && !d.lag && !d.keyLag && d.fail == nil {
			return g.Group, nil
		}
	}
	return graph.Group{}, orElse(d.fail, missing())
}

func (d *directory) GroupsByDisplayName(_ context.Context, name string) ([]graph.Group, error) {
	var found []graph.Group
	for _, g := range d.groups {
		if g.DisplayName == name && !d.lag {
			found = append(found, g.Group)
		}
	}
	return found, d.fail
}

func (d *directory) CreateGroup(_ context.Context, g graph.Group) (string, bool, error) {
	if d.frozen != nil {
		return "", false, d.frozen
	}
	for _, old := range d.groups {
		if old.UniqueName == g.UniqueName {
			return "", false, nil
		}
	}
	d.next++
	g.ID = fmt.Sprintf("99999999-0000-0000-0000-%012d", d.next)
	d.groups[g.ID] = &record{Group: g, related: map[graph.Relation][]string{}}
	return g.ID, true, nil
}

func (d *directory) UpdateGroup(_ context.Context, id, displayName, description string) error {
	if d.frozen == nil {
		d.groups[id].DisplayName, d.groups[id].Description = displayName, description
	}
	return d.frozen
}

func (d *directory) DeleteGroup(_ context.Context, id string) error {
	if d.frozen == nil {
		d.bin[id] = d.groups[id]
		delete(d.groups, id)
	}
	return d.frozen
}

func (d *directory) DeletedGroup(_ context.Context, id string) (graph.Group, error) {
	if g, ok := d.bin[id]; ok {
		return g.Group, nil
	}
	return graph.Group{}, missing()
}

func (d *directory) DeletedGroups(context.Context) ([]graph.Group, error) {
	var all []graph.Group
	for _, g := range d.bin {
		all = append(all, g.Group)
	}
	return all, nil
}

func (d *directory) DeletedGroupsByDisplayName(_ context.Context, displayName string) ([]graph.Group, error) {
	var found []graph.Group
	for _, g := range d.bin {
		if g.DisplayName == displayName {
			found = append(found, g.Group)
		}
	}
	return found, nil
}

func (d *directory) RestoreGroup(_ context.Context, id string) error {
	d.groups[id] = d.bin[id]
	delete(d.bin, id)
	return nil
}

func (d *directory) Related(_ context.Context, group string, r graph.Relation) ([]graph.Principal, error) {
	ids := slices.Clone(d.groups[group].related[r])
	slices.Sort(ids)
	var all []graph.Principal
	for _, id := range ids {
		all = append(all, d.principals[id])
		all[len(all)-1].ID = id
	}
	return all, nil
}

func (d *directory) Relate(_ context.Context, group string, r graph.Relation, ids []string) ([]string, error) {
	if len(ids) > 0 && d.frozen == nil {
		d.history = append(d.history, "add "+string(r))
		g := d.groups[group]
		g.related[r] = append(g.related[r], ids...)
	}
	return nil, d.frozen
}

func (d *directory) Unrelate(_ context.Context, group string, r graph.Relation, ids []string) error {
	if len(ids) > 0 && d.frozen == nil {
		d.history = append(d.history, "remove "+string(r))
		g := d.groups[group]
		g.related[r] = slices.DeleteFunc(g.related[r], func(id string) bool { return slices.Contains(ids, id) })
	}
	return d.frozen
}

func (d *directory) Resolve(_ context.Context, name string) (string, error) {
	if graph.IsObjectID(name) {
		return strings.ToLower(name), nil
	}
	return d.people[name], nil
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// ids returns who is in a relation to the group of these tests, in order.
func (d *directory) ids(r graph.Relation) []string {
	ids := slices.Clone(d.groups[id].related[r])
	slices.Sort(ids)
	return ids
}
