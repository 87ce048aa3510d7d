package role

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

const (
	name   = "checkout-prod.reader"
	marker = "here/payments/checkout-prod.reader"
)

// A world is a cluster and the external client of a role in it.
type world struct {
	managed.TypedExternalClient[*v1alpha1.Role]

	admin   *elasticsearch.Client
	backend *faults.Handler
}

func newWorld(t *testing.T) world {
	t.Helper()
	backend := faults.New(standin.New(standin.Options{Username: "u", Password: "p"}))
	server := httptest.NewServer(backend)
	t.Cleanup(server.Close)
	c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	conn := connect.Connection[*elasticsearch.Client]{Client: c, Installation: "here", Endpoint: "https://es"}
	return world{documents().External(conn), c, backend}
}

func role() *v1alpha1.Role {
	cr := &v1alpha1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name}}
	meta.SetExternalName(cr, name)
	cr.Spec.ForProvider.Indices = []v1alpha1.IndexPrivileges{{Names: []string{"checkout-prod.*"}, Privileges: []string{"read", "view_index_metadata"}}}
	cr.Spec.ForProvider.Metadata = &apiextensionsv1.JSON{Raw: []byte(`{"team":"payments"}`)}
	return cr
}

// reconcile does what the managed reconciler would, and returns what it said.
func (w world) reconcile(t *testing.T, cr *v1alpha1.Role) (managed.ExternalObservation, error) {
	t.Helper()
	o, err := w.Observe(t.Context(), cr)
	switch {
	case err != nil:
	case !o.ResourceExists:
		_, err = w.Create(t.Context(), cr)
	case !o.ResourceUpToDate:
		_, err = w.Update(t.Context(), cr)
	}
	return o, err
}

func (w world) get(t *testing.T) map[string]any {
	t.Helper()
	d, err := w.admin.Document(t.Context(), elasticsearch.Roles, name)
	if err != nil && !elasticsearch.IsMissing(err) {
		t.Fatal(err)
	}
	return d
}

// TestLife takes a role from creation through drift to deletion.
func TestLife(t *testing.T) {
	w, cr := newWorld(t), role()
	for range 2 {
		if _, err := w.reconcile(t, cr); err != nil {
			t.Fatal(err)
		}
	}
	made := w.get(t)
	wanted := map[string]any{"plumbline.dev/owner": marker, "team": "payments"}
	if diff := cmp.Diff(wanted, made["metadata"]); diff != "" {
		t.Errorf("\nA role carries our marker beside the user's metadata.\n-want, +got:\n%s", diff)
	}
	status := v1alpha1.DocumentObservation{Endpoint: "https://es", Owner: marker}
	if diff := cmp.Diff(status, cr.Status.AtProvider.DocumentObservation); diff != "" {
		t.Errorf("\nThe status tells where the role is and whose.\n-want, +got:\n%s", diff)
	}
	if ready := cr.GetCondition(xpv2.TypeReady); ready.Status != corev1.ConditionTrue {
		t.Errorf("\nA role that is there is ready.\nReady: %v", ready)
	}
	w.backend.Forget()
	if o, err := w.reconcile(t, cr); err != nil || !o.ResourceUpToDate || w.backend.Requests().Mutating > 0 {
		t.Errorf("\nA role that nothing happens to is not written to.\nObserve(...): %+v, %v", o, err)
	}

	for _, drift := range []map[string]any{
		{"metadata": wanted, "indices": made["indices"], "cluster": []any{"all"}},
		{"metadata": wanted, "indices": []any{}},
		{"metadata": wanted, "indices": made["indices"], "remote_indices": []any{map[string]any{"names": []any{"*"}, "privileges": []any{"all"}, "clusters": []any{"*"}}}},
		{"metadata": map[string]any{"plumbline.dev/owner": marker}, "indices": made["indices"]},
	} {
		if err := w.admin.PutDocument(t.Context(), elasticsearch.Roles, name, drift); err != nil {
			t.Fatal(err)
		}
		if o, err := w.reconcile(t, cr); err != nil || o.ResourceUpToDate || o.Diff == "" {
			t.Errorf("\nWhat somebody changed is drift.\nObserve(...): %+v, %v", o, err)
		}
		if diff := cmp.Diff(made, w.get(t)); diff != "" {
			t.Errorf("\nDrift is healed.\n-before, +after:\n%s", diff)
		}
	}

	cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	if _, err := w.Delete(t.Context(), cr); err != nil || w.get(t) != nil {
		t.Errorf("\nDeleting the resource deletes the role.\nDelete(...): %v", err)
	}
	if o, err := w.Observe(t.Context(), cr); err != nil || o.ResourceExists {
		t.Errorf("\nA role that is gone does not exist.\nObserve(...): %+v, %v", o, err)
	}
}

// TestNothing writes down that there is nothing, in all ways that there are.
func TestNothing(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(*v1alpha1.RoleParameters)
		others string // What somebody writes down of the same role.
	}{
		"Role": {"A role may grant nothing.", func(p *v1alpha1.RoleParameters) {
			p.Privileges = v1alpha1.Privileges{Cluster: []string{}, Indices: []v1alpha1.IndexPrivileges{}}
		}, `{"cluster":[],"indices":[],"applications":[],"run_as":[],"remote_indices":[],"global":{}}`},
		"Query": {"A query that is empty is none.", func(p *v1alpha1.RoleParameters) { p.Indices[0].Query = new("") },
			`{"indices":[{"names":["checkout-prod.*"],"privileges":["read","view_index_metadata"],"query":null}]}`},
		"Except": {"To except no fields is to say nothing.", func(p *v1alpha1.RoleParameters) {
			p.Indices[0].FieldSecurity = &v1alpha1.FieldSecurity{Grant: []string{"*"}, Except: []string{}}
		}, `{"indices":[{"names":["checkout-prod.*"],"privileges":["read","view_index_metadata"],"field_security":{"grant":["*"],"except":[]}}]}`},
		"Metadata": {"Metadata may hold what is empty.", func(p *v1alpha1.RoleParameters) {
			p.Metadata = &apiextensionsv1.JSON{Raw: []byte(`{"team":"payments","none":[],"nothing":{}}`)}
		}, `{"indices":[{"names":"checkout-prod.*","privileges":["read","view_index_metadata"]}]}`},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			w, cr := newWorld(t), role()
			tc.edit(&cr.Spec.ForProvider)
			if _, err := w.reconcile(t, cr); err != nil {
				t.Fatal(err)
			}
			w.backend.Forget()
			if o, err := w.reconcile(t, cr); err != nil || !o.ResourceUpToDate || cr.Status.AtProvider.Settled != "" || w.backend.Requests().Mutating > 0 {
				t.Errorf("\n%s\nObserve(...): %+v, %v", tc.reason, o, err)
			}
			theirs := map[string]any{}
			if err := json.Unmarshal([]byte(tc.others), &theirs); err != nil {
				t.Fatal(err)
			}
			theirs["metadata"] = w.get(t)["metadata"]
			if err := w.admin.PutDocument(t.Context(), elasticsearch.Roles, name, theirs); err != nil {
				t.Fatal(err)
			}
			if o, err := w.reconcile(t, cr); err != nil || !o.ResourceUpToDate {
				t.Errorf("\n%s\nIt is no drift that somebody says so in another way.\nObserve(...): %+v, %v", tc.reason, o, err)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	cases := map[string]struct {
		reason   string
		name     string
		metadata map[string]any
		says     string
	}{
		"NoMarker": {
			"A role without a marker is refused, and how to hand it over is said.", name, map[string]any{"team": "x"},
			`ExistsNotOwned: role "checkout-prod.reader" exists and carries no owner marker; choose another name, remove it, ` +
				`or take it over: set spec.adoption to Adopt, and set plumbline.dev/owner in its metadata to "here/payments/checkout-prod.reader;offered"`,
		},
		"OtherMarker": {
			"A role with another marker is refused, and its holder named.", name, map[string]any{"plumbline.dev/owner": "there/a/b"},
			`OwnedElsewhere: role "checkout-prod.reader" belongs to "there/a/b", not to "here/payments/checkout-prod.reader"; choose another name, or delete it there first`,
		},
		"Reserved": {
			"A role of Elasticsearch's own is refused.", "superuser", nil,
			`ExistsNotOwned: role "superuser" is built into Elasticsearch; choose another name`,
		},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			w := newWorld(t)
			if tc.metadata != nil {
				if err := w.admin.PutDocument(t.Context(), elasticsearch.Roles, tc.name, map[string]any{"metadata": tc.metadata}); err != nil {
					t.Fatal(err)
				}
			}
			before := w.get(t)
			cr := role()
			meta.SetExternalName(cr, tc.name)
			w.backend.Forget()
			_, observed := w.Observe(t.Context(), cr)
			_, created := w.Create(t.Context(), cr)
			_, updated := w.Update(t.Context(), cr)
			for _, err := range []error{observed, created, updated} {
				if diff := cmp.Diff(tc.says, text(err)); diff != "" {
					t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
				}
			}
			cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
			o, err := w.Observe(t.Context(), cr)
			if _, deleted := w.Delete(t.Context(), cr); err != nil || o.ResourceExists || deleted != nil {
				t.Errorf("\nA resource whose name is another's can go.\nObserve(...): %+v, %v; Delete(...): %v", o, err, deleted)
			}
			if diff := cmp.Diff(before, w.get(t)); diff != "" || w.backend.Requests().Mutating > 0 {
				t.Errorf("\nWhat is another's is not touched.\n-before, +after:\n%s", diff)
			}
		})
	}
}

// TestNotFoundOfAProxy checks that a 404 that is not Elasticsearch's does not make
// the provider write.
func TestNotFoundOfAProxy(t *testing.T) {
	for test, body := range map[string]string{"Page": "<html>", "Empty": "", "Object": "{}"} {
		t.Run(test, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte(body))
			}))
			defer server.Close()
			c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL})
			if err != nil {
				t.Fatal(err)
			}
			e := documents().External(connect.Connection[*elasticsearch.Client]{Client: c, Installation: "here"})
			if o, err := e.Observe(t.Context(), role()); err == nil {
				t.Errorf("\nA 404 of a proxy says nothing about the role.\nObserve(...): %+v", o)
			}
		})
	}
}

// text returns the words of an error, which must fit on one line.
func text(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "⏎")
}

// TestAdopted takes over a role that its owner offers, and leaves it behind.
func TestAdopted(t *testing.T) {
	w := newWorld(t)
	offered := map[string]any{"cluster": []string{"all"}, "metadata": map[string]any{"plumbline.dev/owner": "here/payments/checkout-prod.reader;offered", "team": "old"}}
	if err := w.admin.PutDocument(t.Context(), elasticsearch.Roles, name, offered); err != nil {
		t.Fatal(err)
	}
	cr := role()
	meta.SetExternalName(cr, name)
	cr.Spec.Adoption = custody.AdoptionAdopt
	if o, err := w.Observe(t.Context(), cr); err != nil || !o.ResourceExists || o.ResourceUpToDate {
		t.Fatalf("\nWhat is offered is there, and not yet as desired.\nObserve(...): %+v, %v", o, err)
	}
	if _, err := w.Update(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	if o, err := w.Observe(t.Context(), cr); err != nil || !o.ResourceUpToDate || !cr.Status.AtProvider.Adopted {
		t.Errorf("\nIt is as desired, and known to be adopted.\nObserve(...): %+v, %v", o, err)
	}
	if got := w.get(t)["metadata"].(map[string]any)["plumbline.dev/owner"]; got != "here/payments/checkout-prod.reader;adopted" {
		t.Errorf("it says itself that it was adopted, got %v", got)
	}
	cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	if _, err := w.Delete(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	if left := w.get(t); left == nil || left["metadata"].(map[string]any)["plumbline.dev/owner"] != nil {
		t.Errorf("what was adopted stays, without a mark, got %v", left)
	}
	if o, err := w.Observe(t.Context(), cr); err != nil || o.ResourceExists {
		t.Errorf("\nThe resource may go.\nObserve(...): %+v, %v", o, err)
	}
}
