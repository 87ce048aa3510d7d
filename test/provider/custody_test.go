package provider

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestDriftIsTold changes an index by hand and reads what a person would.
func TestDriftIsTold(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	create(t, i)
	awaitReady(t, i)
	if i.Spec.Adoption != custody.AdoptionNever || len(i.Status.Drift) > 0 {
		t.Errorf("\nNothing is adopted unasked, and a creation is no drift.\nadoption: %q, drift: %v", i.Spec.Adoption, i.Status.Drift)
	}

	c.do(t, http.MethodPut, "/"+ns+".orders/_settings", map[string]any{"index.refresh_interval": "5s"})
	eventually(t, "What others changed is told once it was put right.", func() error {
		if get(t, i); len(i.Status.Drift) != 1 {
			return fmt.Errorf("drift: %v", i.Status.Drift)
		}
		return nil
	})
	at := i.Status.Drift[0].At
	want := custody.Drift{Field: "settings.refresh_interval", Found: "5s", Desired: "30s", At: at, Outcome: custody.DriftRestored}
	if diff := cmp.Diff(want, i.Status.Drift[0]); diff != "" || time.Since(at.Time) > time.Minute {
		t.Errorf("\nField, both values and the time are told.\n-want, +got:\n%s", diff)
	}
	eventually(t, "An event tells it.", func() error {
		events := &corev1.EventList{}
		if err := kube.List(t.Context(), events, client.InNamespace(ns)); err != nil {
			return err
		}
		if !slices.ContainsFunc(events.Items, func(e corev1.Event) bool { return e.Reason == "DriftCorrected" }) {
			return fmt.Errorf("there are %d others", len(events.Items))
		}
		return nil
	})
	_, before := c.seen()
	stays(t, "Once it is put right, nothing is written.", i, 3*time.Second)
	if _, after := c.seen(); len(after) != len(before) {
		t.Errorf("\nNor to the backend.\nwrites: %v", after[len(before):])
	}

	change(t, i, func(i *elasticsearch.Index) { i.Spec.Drift = &custody.DriftTerms{Mode: custody.DriftReport} })
	awaitReady(t, i)
	c.do(t, http.MethodPut, "/"+ns+".orders/_settings", map[string]any{"index.refresh_interval": "6s"})
	eventually(t, "Where it is only reported, a condition tells it.", func() error {
		get(t, i)
		if c := i.GetCondition("AsDesired"); c.Status != corev1.ConditionFalse || c.Message != "Others changed settings.refresh_interval" {
			return fmt.Errorf("it says %s: %s", c.Status, c.Message)
		}
		return nil
	})
	stays(t, "It is told once.", i, 3*time.Second)
	if got := c.setting(t, ns+".orders", "refresh_interval"); got != "6s" {
		t.Errorf("\nIt is left as it is.\nrefresh_interval: %s", got)
	}
	remove(t, i)
	awaitGone(t, i)
}

// TestDocumentsHoldDeletion deletes an Index whose index holds documents, until
// its last commit says that they may go.
func TestDocumentsHoldDeletion(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	i := newIndex(ns)
	create(t, i)
	awaitReady(t, i)
	c.do(t, http.MethodPost, "/"+ns+".orders/_doc", map[string]any{"id": "x"})
	remove(t, i)
	awaitRefusal(t, i, `DataLoss: "`+ns+`.orders" holds 1 documents, which would be lost; commit spec.deletion.data: Delete`)
	stays(t, "It is said once.", i, 2*time.Second)
	change(t, i, func(i *elasticsearch.Index) { i.Spec.Deletion = &custody.DeletionTerms{Data: custody.DataDelete} })
	awaitGone(t, i)
	if got := c.index(t, ns+".orders"); got != nil {
		t.Errorf("\nWith the commit it goes.\nindex: %v", got)
	}
}

// TestNamespaceEnds ends a namespace that holds everything: resources, their
// ProviderConfig, and its Secret. No namespace controller runs here, so the test
// deletes what is in it, the worst first.
func TestNamespaceEnds(t *testing.T) {
	c := startCluster(t)
	p := startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	full, empty := newIndex(ns), newIndex(ns)
	empty.Name = "empty"
	empty.Annotations = map[string]string{"crossplane.io/external-name": ns + ".empty"}
	for _, i := range []*elasticsearch.Index{full, empty} {
		create(t, i)
		awaitReady(t, i)
	}
	c.do(t, http.MethodPost, "/"+ns+".orders/_doc", map[string]any{"id": "x"})

	remove(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})
	eventually(t, "The namespace takes nothing new.", func() error {
		err := kube.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "x"}}, client.DryRunAll)
		if !kerrors.HasStatusCause(err, corev1.NamespaceTerminatingCause) {
			return fmt.Errorf("it says: %w", err)
		}
		return nil
	})
	remove(t, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "backend"}})
	remove(t, empty)
	awaitGone(t, empty)
	if c.index(t, ns+".empty") != nil {
		t.Error("\nA connection that is open outlives its Secret, and deletes what may be deleted.")
	}
	p.kill()
	startProvider(t)
	remove(t, full)
	awaitGone(t, full)
	if got := c.index(t, ns+".orders"); got == nil {
		t.Error("\nDocuments are not lost with a namespace.")
	}
}

// TestControlPlaneLost loses all that the API server knows of an Index and a
// Group, and applies the same manifests again.
func TestControlPlaneLost(t *testing.T) {
	c, d := startCluster(t), startTenant(t, standin.Options{})
	p := startProvider(t)
	search, identity := newNamespace(t), newNamespace(t)
	elasticsearchConfig(t, c, search)
	entraConfig(t, d, identity)
	i, g := newIndex(search), newGroup(identity, withMembers("ana@example.com"))
	create(t, i)
	create(t, g)
	awaitReady(t, i)
	awaitReady(t, g)
	uuid, id := i.Status.AtProvider.UUID, meta.GetExternalName(g)
	p.kill()
	for _, o := range []client.Object{i, g} {
		remove(t, o)
		change(t, o, func(o client.Object) { o.SetFinalizers(nil) })
		awaitGone(t, o)
	}
	_, indices := c.seen()
	_, groups := d.seen()

	startProvider(t)
	i, g = newIndex(search), newGroup(identity, withMembers("ana@example.com"))
	create(t, i)
	create(t, g)
	awaitReady(t, i)
	awaitReady(t, g)
	if i.Status.AtProvider.UUID != uuid || meta.GetExternalName(g) != id {
		t.Errorf("\nThe same are found.\nindex %s, was %s; group %s, was %s", i.Status.AtProvider.UUID, uuid, meta.GetExternalName(g), id)
	}
	_, indicesNow := c.seen()
	_, groupsNow := d.seen()
	if wrote := slices.Concat(indicesNow[len(indices):], groupsNow[len(groups):]); len(wrote) > 0 {
		t.Errorf("\nNothing is written on the way.\nwrites: %s", strings.Join(wrote, ", "))
	}
	remove(t, i)
	remove(t, g)
	awaitGone(t, i)
	awaitGone(t, g)
}
