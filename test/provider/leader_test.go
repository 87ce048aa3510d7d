package provider

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"

	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// leaseDuration is how long a leader that died is believed to live.
const leaseDuration = time.Minute

// TestLeaderElection runs two providers, kills the one that leads when Microsoft Graph
// has made a group and it has not heard of it, and stops the other.
func TestLeaderElection(t *testing.T) {
	d := startTenant(t, standin.Options{})
	ns := newNamespace(t)
	entraConfig(t, d, ns)
	first := startProvider(t, "--leader-election", "--namespace="+ns)
	leader := leads(t, patience, ns, "")
	second := startProvider(t, "--leader-election", "--namespace="+ns)

	made := make(chan struct{}, 1)
	d.meddle(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/groups") {
			return false
		}
		d.inner.ServeHTTP(silent{http.Header{}}, r) // It is done, and nobody hears of it.
		select {
		case made <- struct{}{}:
		default:
		}
		<-r.Context().Done()
		return true
	})
	g := newGroup(ns, withMembers("ana@example.com"))
	create(t, g)
	<-made
	first.kill()
	d.meddle(nil)
	leads(t, leaseDuration+patience, ns, leader)
	awaitReady(t, g)
	if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 1 {
		t.Errorf("\nThe one that takes over finds the group that was made.\ngroups: %v", found)
	}
	remove(t, g)
	awaitGone(t, g)

	if err := second.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := second.cmd.Wait(); err != nil {
		t.Errorf("\nA provider that is stopped ends well.\n%v\n%s", err, second.tail())
	}
	if holder := lease(t, ns); holder != "" {
		t.Errorf("\nA provider that is stopped gives up the lead, so that the next one need not wait.\nholder: %s", holder)
	}
}

// silent is an answer that goes nowhere.
type silent struct{ header http.Header }

func (s silent) Header() http.Header       { return s.header }
func (silent) Write(b []byte) (int, error) { return len(b), nil }
func (silent) WriteHeader(int)             {}

// leads waits until some other provider than the one before leads.
func leads(t *testing.T, patience time.Duration, namespace, before string) (holder string) {
	t.Helper()
	within(t, patience, "A provider leads.", func() error {
		if holder = lease(t, namespace); holder == "" || holder == before {
			return fmt.Errorf("the lead is held by %q", holder)
		}
		return nil
	})
	return holder
}

// lease returns who leads.
func lease(t *testing.T, namespace string) string {
	t.Helper()
	all := &coordinationv1.LeaseList{}
	if err := kube.List(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, l := range all.Items {
		if l.Namespace == namespace && l.Spec.HolderIdentity != nil {
			return *l.Spec.HolderIdentity
		}
	}
	return ""
}
