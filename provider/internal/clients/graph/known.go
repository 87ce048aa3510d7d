package graph

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// known remembers for a while which object a name leads to, or that it leads to none.
type known struct {
	now func() time.Time

	mu      sync.Mutex
	ids     map[string]remembered
	told    map[string]time.Time // Names and ids that changed, and until when look-ups of them may lag.
	changes uint64               // Counts what was forgotten, so that no look-up from before is kept.
}

type remembered struct {
	id    string
	until time.Time
	final bool // It is not believed for longer whatever sweeps tell.
}

func newKnown(now func() time.Time) *known {
	return &known{now: now, ids: map[string]remembered{}, told: map[string]time.Time{}}
}

func (k *known) get(name string) (string, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, ok := k.ids[strings.ToLower(name)]
	return r.id, ok && k.now().Before(r.until)
}

// begin returns what put wants to know of when a look-up began.
func (k *known) begin() uint64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.changes
}

func (k *known) put(name, id string, began uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if began != k.changes {
		return
	}
	if len(k.ids) >= maxKnown {
		clear(k.ids)
	}
	name = strings.ToLower(name)
	lags := k.now().Before(k.told[name]) || k.now().Before(k.told[strings.ToLower(id)])
	k.ids[name] = remembered{id, k.now().Add(knownFor), lags}
}

// forget makes the next look-up ask the directory, because the objects of these
// ids are not there.
func (k *known) forget(ids []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	maps.DeleteFunc(k.ids, func(_ string, r remembered) bool { return slices.Contains(ids, r.id) })
}

// changed forgets what objects that changed have, or had, to do with.
func (k *known) changed(all []object) {
	if len(all) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	until := k.now().Add(settlesWithin)
	now := map[string]bool{}
	for _, o := range all {
		for _, name := range []string{o.ID, o.UserPrincipalName, o.Mail} {
			now[strings.ToLower(name)], k.told[strings.ToLower(name)] = true, until
		}
	}
	delete(now, "")
	delete(k.told, "")
	maps.DeleteFunc(k.ids, func(name string, r remembered) bool { return now[name] || now[strings.ToLower(r.id)] })
}

// renew believes everything for longer, as sweeps told of all that changed.
func (k *known) renew() {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	maps.DeleteFunc(k.ids, func(_ string, r remembered) bool { return !now.Before(r.until) })
	maps.DeleteFunc(k.told, func(_ string, until time.Time) bool { return !now.Before(until) })
	for name, r := range k.ids {
		if !r.final {
			k.ids[name] = remembered{id: r.id, until: now.Add(knownFor)}
		}
	}
}

// clear forgets everything.
func (k *known) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changes++
	clear(k.ids)
}
