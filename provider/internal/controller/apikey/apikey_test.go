package apikey

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

const day = 24 * time.Hour

// A world is a cluster, a Secret and the external client between them, under one
// clock.
type world struct {
	*external

	t       *testing.T
	clock   time.Time
	cluster *standin.Server
	backend *faults.Handler
	kube    client.Client
	cr      *v1alpha1.APIKey
	killed  bool // The provider dies before it writes a key down.
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), kube: fake.NewClientBuilder().Build()}
	now := func() time.Time { return w.clock }
	w.cluster = standin.New(standin.Options{Username: "u", Password: "p", Now: now, Users: []standin.User{{Name: "other", Password: "o", Roles: []string{"superuser"}}}})
	w.backend = faults.New(w.cluster)
	server := httptest.NewServer(w.backend)
	t.Cleanup(server.Close)
	w.external = &external{secrets: w.kube, now: now, installation: "here", endpoint: server.URL, caBundle: []byte("PEM")}
	w.as("u", "p")
	w.cr = &v1alpha1.APIKey{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "checkout-prod.app"}}
	meta.SetExternalName(w.cr, "checkout-prod.app")
	w.cr.SetWriteConnectionSecretToReference(&xpv2.LocalSecretReference{Name: "app"})
	w.cr.Spec.ForProvider = v1alpha1.APIKeyParameters{
		RoleDescriptors: []v1alpha1.RoleDescriptor{descriptor("writer", "checkout-prod.*", "read", "write")},
		Validity:        &metav1.Duration{Duration: 90 * day},
		RotateBefore:    &metav1.Duration{Duration: 15 * day},
		Overlap:         &metav1.Duration{Duration: 3 * day},
	}
	return w
}

func descriptor(name, pattern string, privileges ...string) v1alpha1.RoleDescriptor {
	return v1alpha1.RoleDescriptor{Name: name, Privileges: v1alpha1.Privileges{
		Indices: []v1alpha1.IndexPrivileges{{Names: []string{pattern}, Privileges: privileges}},
	}}
}

// as has the provider sign in as somebody.
func (w *world) as(user, password string) {
	w.t.Helper()
	c, err := elasticsearch.New(elasticsearch.Config{Endpoint: w.endpoint, Username: user, Password: password})
	if err != nil {
		w.t.Fatal(err)
	}
	w.svc = c
}

// reconcile does what the managed reconciler would, until nothing is left to do.
func (w *world) reconcile() {
	w.t.Helper()
	for range 5 {
		o, err := w.Observe(w.t.Context(), w.cr)
		if err != nil {
			w.t.Fatal(err)
		}
		w.publish(o.ConnectionDetails)
		var details managed.ConnectionDetails
		switch {
		case !o.ResourceExists:
			made, failed := w.Create(w.t.Context(), w.cr)
			details, err = made.ConnectionDetails, failed
		case !o.ResourceUpToDate:
			changed, failed := w.Update(w.t.Context(), w.cr)
			details, err = changed.ConnectionDetails, failed
		default:
			return
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if w.killed {
			w.killed = false
			return
		}
		w.publish(details)
	}
	w.t.Fatal("the resource does not come to rest")
}

// publish merges details into the Secret.
func (w *world) publish(details managed.ConnectionDetails) {
	w.t.Helper()
	s, ctx := w.secret(), w.t.Context()
	if s.Data == nil {
		s.Data = map[string][]byte{}
	}
	maps.Copy(s.Data, details)
	err := w.kube.Update(ctx, s)
	if s.ResourceVersion == "" {
		err = w.kube.Create(ctx, s)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) secret() *corev1.Secret {
	w.t.Helper()
	s := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "app"}}
	if err := w.kube.Get(w.t.Context(), client.ObjectKeyFromObject(s), s); client.IgnoreNotFound(err) != nil {
		w.t.Fatal(err)
	}
	return s
}

// key is the key that the Secret holds.
func (w *world) key() string { return string(w.secret().Data[v1alpha1.APIKeySecretKey]) }

// status is what a key gets that counts the documents of an index.
func (w *world) status(key, index string) int {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/"+index+"/_count", nil)
	r.Header.Set("Authorization", "ApiKey "+key)
	rec := httptest.NewRecorder()
	w.cluster.ServeHTTP(rec, r)
	return rec.Code
}

// working returns the ids of all keys that work.
func (w *world) working() []string {
	w.t.Helper()
	keys, err := w.svc.APIKeys(w.t.Context(), "checkout-prod.app")
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, k := range keys {
		if !k.Invalidated && (k.Expires.IsZero() || w.clock.Before(k.Expires)) {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (w *world) indices(names ...string) {
	w.t.Helper()
	for _, name := range names {
		if err := w.svc.(*elasticsearch.Client).CreateIndex(w.t.Context(), name, nil, nil); err != nil {
			w.t.Fatal(err)
		}
	}
}

// TestLife takes a key from creation through rotation to deletion.
func TestLife(t *testing.T) {
	w := newWorld(t)
	w.indices("checkout-prod.orders", "billing-prod.orders")
	w.reconcile()
	first, data := w.key(), w.secret().Data
	if diff := cmp.Diff([]int{200, 403}, []int{w.status(first, "checkout-prod.orders"), w.status(first, "billing-prod.orders")}); diff != "" {
		t.Errorf("\nA key opens what its descriptors say, and nothing else.\n-want, +got:\n%s", diff)
	}
	want := map[string]string{"endpoint": w.endpoint, "ca.crt": "PEM", "id": w.working()[0], "api_key": first}
	if diff := cmp.Diff(want, texts(data)); diff != "" {
		t.Errorf("\nThe Secret holds what a program needs to get in.\n-want, +got:\n%s", diff)
	}
	at := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: w.clock.Add(d)} }
	status := v1alpha1.APIKeyObservation{
		ID: want["id"], Created: at(0), Expiration: at(90 * day), RotationTime: at(75 * day), Endpoint: w.endpoint, Owner: "here/payments/checkout-prod.app",
	}
	if diff := cmp.Diff(status, w.cr.Status.AtProvider); diff != "" {
		t.Errorf("\nThe status tells all about the key but the key.\n-want, +got:\n%s", diff)
	}

	w.backend.Forget()
	w.clock = w.clock.Add(75*day - time.Second)
	w.reconcile()
	if w.key() != first || w.backend.Requests().Mutating > 0 {
		t.Error("\nNothing happens before its time.")
	}
	w.clock = w.clock.Add(time.Second)
	rotated := w.clock
	w.reconcile()
	second := w.key()
	if second == first || w.status(first, "checkout-prod.orders") != 200 || w.status(second, "checkout-prod.orders") != 200 {
		t.Error("\nThe next key is made ahead of the end of the first, and both work for a while.")
	}
	previous := []v1alpha1.PreviousAPIKey{{ID: want["id"], InvalidAfter: metav1.Time{Time: rotated.Add(3 * day)}}}
	if diff := cmp.Diff(previous, w.cr.Status.AtProvider.Previous); diff != "" {
		t.Errorf("\nThe status tells the previous key and its end.\n-want, +got:\n%s", diff)
	}
	w.clock = rotated.Add(3*day - time.Second)
	if w.reconcile(); w.status(first, "checkout-prod.orders") != 200 {
		t.Error("\nThe previous key works during the overlap.")
	}
	w.clock = rotated.Add(3 * day)
	if w.reconcile(); w.status(first, "checkout-prod.orders") != 401 || w.status(second, "checkout-prod.orders") != 200 || len(w.cr.Status.AtProvider.Previous) > 0 {
		t.Error("\nThe previous key ends with the overlap.")
	}

	w.cr.DeletionTimestamp = &metav1.Time{Time: w.clock}
	if o, err := w.Observe(t.Context(), w.cr); err != nil || !o.ResourceExists {
		t.Errorf("\nA key of a deleted resource is there until it is invalidated.\nObserve(...): %+v, %v", o, err)
	}
	if _, err := w.Delete(t.Context(), w.cr); err != nil {
		t.Fatal(err)
	}
	if o, err := w.Observe(t.Context(), w.cr); err != nil || o.ResourceExists || len(w.working()) > 0 {
		t.Errorf("\nDeleting the resource invalidates all of its keys.\nObserve(...): %+v, %v; working: %v", o, err, w.working())
	}
	told, err := json.Marshal(w.cr)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{first, second} {
		if strings.Contains(string(told), key) {
			t.Error("\nNo key is told in the resource.")
		}
	}
}

// TestNewKey lists what has a new key made, and what does not.
func TestNewKey(t *testing.T) {
	cases := map[string]struct {
		reason string
		do     func(*world)
		anew   bool
	}{
		"SecretGone": {"A Secret that is gone took the key with it.", func(w *world) { w.must(w.kube.Delete(w.t.Context(), w.secret())) }, true},
		"KeyGone":    {"So did one that lost the key.", func(w *world) { w.edit(func(d map[string][]byte) { delete(d, "api_key") }) }, true},
		"KeyBroken":  {"Or holds something else.", func(w *world) { w.edit(func(d map[string][]byte) { d["api_key"] = []byte("eA==") }) }, true},
		"IDGone":     {"Or the id of another.", func(w *world) { w.edit(func(d map[string][]byte) { d["id"] = []byte("x") }) }, true},
		"Expired":    {"A key that has expired while nobody looked is replaced.", func(w *world) { w.clock = w.clock.Add(91 * day) }, true},
		"Ended":      {"So is one that somebody invalidated.", func(w *world) { w.must(w.svc.InvalidateAPIKeys(w.t.Context(), w.working()...)) }, true},
		"Descriptors": {"What a key may do changes in place.", func(w *world) {
			w.cr.Spec.ForProvider.RoleDescriptors = []v1alpha1.RoleDescriptor{descriptor("reader", "checkout-prod.*", "read")}
		}, false},
		"Validity": {"Another validity is for the next key.", func(w *world) { w.cr.Spec.ForProvider.Validity.Duration = 30 * day }, false},
		"OtherUser": {"Only who made a key can change it, so another user makes another.", func(w *world) {
			w.as("other", "o")
			w.cr.Spec.ForProvider.RoleDescriptors = []v1alpha1.RoleDescriptor{descriptor("reader", "checkout-prod.*", "read")}
		}, true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.indices("checkout-prod.orders")
			w.reconcile()
			before := w.key()
			tc.do(w)
			w.reconcile()
			if anew := w.key() != before; anew != tc.anew || w.status(w.key(), "checkout-prod.orders") != 200 {
				t.Errorf("\n%s\nanew: want %t, got %t", tc.reason, tc.anew, anew)
			}
			w.clock = w.clock.Add(4 * day)
			w.reconcile()
			if got := w.working(); len(got) != 1 {
				t.Errorf("\nAfter the overlap one key is left.\nworking: %v", got)
			}
			if got := w.cr.Status.AtProvider.Settled; got != "" {
				t.Errorf("\nElasticsearch keeps keys as they are asked for.\nsettled: %q", got)
			}
		})
	}
}

// TestKilled kills the provider between making a key and writing it down.
func TestKilled(t *testing.T) {
	for name, rotating := range map[string]bool{"First": false, "Next": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if rotating {
				w.reconcile()
				w.clock = w.clock.Add(75 * day)
			}
			before := len(w.working())
			w.killed = true
			w.reconcile()
			if got := len(w.working()); got != before+1 {
				t.Fatalf("the killed provider left %d keys, not %d", got, before+1)
			}
			w.clock = w.clock.Add(time.Minute)
			w.reconcile()
			if got := len(w.working()); got != before+2 {
				t.Errorf("\nThe next provider makes a key of its own.\nworking: %d", got)
			}
			w.clock = w.clock.Add(3*day + time.Second)
			w.reconcile()
			if got := w.working(); !slices.Equal(got, []string{w.cr.Status.AtProvider.ID}) {
				t.Errorf("\nNo key outlives the overlap but the one in the Secret.\nworking: %v", got)
			}
		})
	}
}

// TestOftenReplaced checks that a key ends though others are made all the time.
func TestOftenReplaced(t *testing.T) {
	w := newWorld(t)
	w.indices("checkout-prod.orders")
	w.reconcile()
	first := w.key()
	for range 4 {
		w.edit(func(d map[string][]byte) { delete(d, "api_key") })
		w.reconcile()
		w.clock = w.clock.Add(day)
	}
	if w.reconcile(); w.status(first, "checkout-prod.orders") != 401 {
		t.Error("\nA further key does not put off the end of the first.")
	}
	if got := len(w.working()); got > 4 {
		t.Errorf("\nKeys do not pile up.\nworking: %d", got)
	}
}

// TestWidened checks that a key is brought back to what it may do.
func TestWidened(t *testing.T) {
	w := newWorld(t)
	w.reconcile()
	id, metadata := w.cr.Status.AtProvider.ID, map[string]any{"plumbline.dev/owner": "here/payments/checkout-prod.app"}
	all := map[string]any{"cluster": []any{"all"}}
	own := map[string]any{"indices": []any{map[string]any{"names": []any{"checkout-prod.*"}, "privileges": []any{"read", "write"}}}}
	for _, descriptors := range []map[string]any{{"writer": own, "more": all}, {"writer": all}} {
		w.must(w.svc.UpdateAPIKey(t.Context(), id, descriptors, metadata))
		if o, err := w.Observe(t.Context(), w.cr); err != nil || o.ResourceUpToDate {
			t.Errorf("\nA key that may do more is drift.\nObserve(...): %+v, %v", o, err)
		}
		w.reconcile()
		got := w.cluster.State().APIKeys[id]["role_descriptors"].(map[string]any)
		if _, more := got["more"]; more || w.cr.Status.AtProvider.ID != id {
			t.Errorf("\nIt is brought back in place.\nrole_descriptors: %v", got)
		}
	}
}

// TestOthers checks that keys of the same name and another marker are left alone.
func TestOthers(t *testing.T) {
	w := newWorld(t)
	for _, metadata := range []map[string]any{nil, {"plumbline.dev/owner": "there/payments/checkout-prod.app"}} {
		if _, err := w.svc.CreateAPIKey(t.Context(), elasticsearch.NewAPIKey{Name: "checkout-prod.app", Metadata: metadata}); err != nil {
			t.Fatal(err)
		}
	}
	w.reconcile()
	w.clock = w.clock.Add(30 * day)
	w.reconcile()
	w.cr.DeletionTimestamp = &metav1.Time{Time: w.clock}
	if _, err := w.Delete(t.Context(), w.cr); err != nil {
		t.Fatal(err)
	}
	if got := w.working(); len(got) != 2 {
		t.Errorf("\nNames of keys are not unique: only the marker makes a key ours.\nworking: %v", got)
	}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) edit(mod func(map[string][]byte)) {
	w.t.Helper()
	s := w.secret()
	mod(s.Data)
	w.must(w.kube.Update(w.t.Context(), s))
}

func texts(in map[string][]byte) map[string]string {
	out := map[string]string{}
	for k, v := range in {
		out[k] = string(v)
	}
	return out
}

// TestNothingToWrite holds that the reconciler, which compares a Secret as a whole with
// what it is told, finds nothing to write for a key that is well.
func TestNothingToWrite(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(data map[string][]byte)
		want   bool
	}{
		"Well":     {"A Secret that lacks nothing is not written.", func(map[string][]byte) {}, true},
		"More":     {"What others put into it is theirs.", func(d map[string][]byte) { d["theirs"] = []byte("x") }, true},
		"Endpoint": {"Where the cluster is, is put right.", func(d map[string][]byte) { d[v1alpha1.APIKeySecretEndpoint] = []byte("elsewhere") }, false},
		"CA":       {"So is whom to trust.", func(d map[string][]byte) { delete(d, v1alpha1.APIKeySecretCA) }, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.reconcile()
			s := w.secret()
			tc.change(s.Data)
			if err := w.kube.Update(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			o, err := w.Observe(t.Context(), w.cr)
			if err != nil {
				t.Fatal(err)
			}
			if got := cmp.Equal(s.Data, map[string][]byte(o.ConnectionDetails)); got != tc.want {
				t.Errorf("\n%s\nnothing to write: want %t, got %t", tc.reason, tc.want, got)
			}
			w.reconcile()
			if diff := cmp.Diff(w.endpoint, string(w.secret().Data[v1alpha1.APIKeySecretEndpoint])); diff != "" {
				t.Errorf("\n%s\nendpoint: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
