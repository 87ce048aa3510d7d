package graph

import (
	"slices"
	"strings"
	"time"
)

// A directory is what a tenant holds.
type directory struct {
	options Options
	objects map[string]*object   // By id in lower case.
	keyed   map[string][]*object // Groups by unique name, deleted ones too.
	purged  []*object
	changes uint64 // Counts them.
	told    uint64 // Up to where nobody can tell any more what changed.
}

func newDirectory(o Options) *directory {
	d := &directory{options: o, objects: map[string]*object{}, keyed: map[string][]*object{}}
	for _, u := range o.Users {
		d.put(u.object())
	}
	d.put(ServicePrincipal{AppID: o.ClientID, DisplayName: "plumbline"}.object())
	for _, p := range o.ServicePrincipals {
		d.put(p.object())
	}
	return d
}

func (d *directory) put(o *object) {
	o.changed = d.change()
	d.objects[strings.ToLower(o.id())] = o
}

// change returns when in the order of changes the next one is.
func (d *directory) change() uint64 {
	d.changes++
	return d.changes
}

// get returns an object of a kind, or of any kind if that is empty, that can be
// read now.
func (d *directory) get(of kind, id string) (*object, error) {
	o, found := d.objects[strings.ToLower(id)]
	if !found || of != "" && o.kind != of || !d.readable(o) {
		return nil, notFound(id)
	}
	return o, nil
}

// deletedGroup returns a group out of the deleted items.
func (d *directory) deletedGroup(id string) (*object, error) {
	o, found := d.objects[strings.ToLower(id)]
	if !found || o.deleted == nil {
		return nil, notFound(id)
	}
	return o, nil
}

// key has a group found by its unique name, if it has one.
func (d *directory) key(g *object) {
	name := g.text("uniqueName")
	if name != "" && !slices.Contains(d.keyed[name], g) {
		d.keyed[name] = append(d.keyed[name], g)
	}
}

// purge removes a deleted group for good.
func (d *directory) purge(g *object) {
	delete(d.objects, strings.ToLower(g.id()))
	name := g.text("uniqueName")
	d.keyed[name] = slices.DeleteFunc(d.keyed[name], func(o *object) bool { return o == g })
	g.changed = d.change()
	d.purged = append(d.purged, g)
}

// groupByKey returns the group of a unique name, even if it cannot be read yet:
// the key is unique at every moment.
func (d *directory) groupByKey(uniqueName string) *object {
	for _, o := range d.keyed[uniqueName] {
		if o.deleted == nil {
			return o
		}
	}
	return nil
}

// keyTaken reports whether no new group can have a unique name.
func (d *directory) keyTaken(uniqueName string) bool {
	return slices.ContainsFunc(d.keyed[uniqueName], func(o *object) bool {
		return o.deleted == nil || d.options.DeletedKeepUniqueName
	})
}

// all returns the objects that satisfy, in the order of their ids.
func (d *directory) all(satisfy func(*object) bool) []*object {
	var out []*object
	for _, o := range d.objects {
		if satisfy(o) {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, byID)
	return out
}

func byID(a, b *object) int { return strings.Compare(a.id(), b.id()) }

func (d *directory) readable(o *object) bool {
	return o.deleted == nil && !d.now().Before(o.visible)
}

func (d *directory) now() time.Time { return d.options.Now() }
