package provider

import (
	"errors"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestSweep has a Group polled every second that nobody changes, and then somebody does.
func TestSweep(t *testing.T) {
	d := startTenant(t, standin.Options{})
	first := startProvider(t)
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	awaitReady(t, g)
	id := g.Status.AtProvider.ObjectID
	// For some minutes the Group that just changed is asked for, as servers may lag. A
	// provider that starts now knows of no change.
	first.kill()
	startProvider(t)
	swept, asked := 0, 0
	eventually(t, "Sweeps go on while nobody asks for the Group any more.", func() error {
		if now := d.asked(id); now != asked || swept == 0 {
			asked, swept = now, d.asked("/groups/delta")
		}
		if d.asked("/groups/delta")-swept < 4 {
			return errors.New("it was asked for between the last four sweeps")
		}
		return nil
	})
	d.removeMember(t, id, ids("ana@example.com")[0])
	awaitMembers(t, "Drift is put right.", d, g, ids("ana@example.com"))
	remove(t, g)
	awaitGone(t, g)
}
