package tombstone

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/claim"
)

var (
	deleted = metav1.NewTime(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	week    = &metav1.Duration{Duration: 7 * 24 * time.Hour}
	keeping = xpv2.ManagementPolicies{xpv2.ManagementActionObserve, xpv2.ManagementActionCreate, xpv2.ManagementActionUpdate, xpv2.ManagementActionLateInitialize}
)

// index is one of a claim, whose index was found.
func index(mods ...func(*elasticsearch.Index)) *elasticsearch.Index {
	i := &elasticsearch.Index{ObjectMeta: metav1.ObjectMeta{
		Namespace: "payments", Name: "checkout.orders", UID: "index-uid", Finalizers: []string{managed.FinalizerName},
		Labels:      map[string]string{"crossplane.io/claim-name": "checkout", "crossplane.io/claim-namespace": "payments", "plumbline.dev/protected": "true"},
		Annotations: map[string]string{meta.AnnotationKeyExternalName: "checkout-dev.orders", "other": "x"},
	}}
	i.Spec.ManagementPolicies = keeping
	i.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: "default"}
	i.Status.AtProvider = elasticsearch.IndexObservation{UUID: "u1", Owner: "local/payments/checkout.orders"}
	for _, mod := range mods {
		mod(i)
	}
	return i
}

func going(i *elasticsearch.Index)     { i.DeletionTimestamp = &deleted }
func gracious(i *elasticsearch.Index)  { i.Spec.Grace = week }
func deleting(i *elasticsearch.Index)  { i.Spec.ManagementPolicies = xpv2.ManagementPolicies{"*"} }
func unseen(i *elasticsearch.Index)    { i.Status.AtProvider = elasticsearch.IndexObservation{} }
func claimless(i *elasticsearch.Index) { i.Labels = nil }

// A scene is an API server, and what was told.
type scene struct {
	client.Client
	told []string
}

func newScene(t *testing.T, funcs interceptor.Funcs, objects ...client.Object) *scene {
	t.Helper()
	s := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(s), elasticsearch.AddToScheme(s), entra.AddToScheme(s), v1alpha1.AddToScheme(s)); err != nil {
		t.Fatal(err)
	}
	return &scene{Client: fake.NewClientBuilder().WithScheme(s).WithObjects(objects...).WithInterceptorFuncs(funcs).Build()}
}

func (s *scene) Event(o runtime.Object, e event.Event) {
	on := "itself"
	if ref, ok := o.(*corev1.ObjectReference); ok {
		on = ref.Kind + " " + ref.Name
	}
	s.told = append(s.told, string(e.Reason)+" on "+on+": "+e.Message)
}
func (s *scene) WithAnnotations(...string) event.Recorder { return s }

func (s *scene) finalizer() Finalizer {
	return Finalizer{
		Finalizer: resource.FinalizerFns{
			AddFinalizerFn:    func(context.Context, resource.Object) error { return nil },
			RemoveFinalizerFn: func(context.Context, resource.Object) error { return nil },
		},
		Kind: elasticsearch.IndexGroupVersionKind, Policies: true, Client: s, Claims: claim.Teller{Reader: s, Events: s}, Log: logging.NewNopLogger(),
	}
}

// stone returns the one Tombstone there is, or nil.
func (s *scene) stone(t *testing.T) *v1alpha1.Tombstone {
	t.Helper()
	list := &v1alpha1.TombstoneList{}
	if err := s.List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		return nil
	}
	return &list.Items[0]
}

// left is a Tombstone of the index, as the provider left it.
func left(t *testing.T, mods ...func(*v1alpha1.Tombstone)) *v1alpha1.Tombstone {
	t.Helper()
	stone, err := of(index(going, gracious), elasticsearch.IndexGroupVersionKind)
	if err != nil {
		t.Fatal(err)
	}
	stone.UID = "stone-uid"
	for _, mod := range mods {
		mod(stone)
	}
	return stone
}

func TestRemoveFinalizer(t *testing.T) {
	until := metav1.NewTime(deleted.Add(week.Duration))
	earlier := func(s *v1alpha1.Tombstone) {
		s.Spec.Since = metav1.NewTime(deleted.Add(-time.Hour))
		s.Spec.Until = nil
	}
	const kept = "Index checkout-dev.orders is kept; add ServiceEnvironment checkout again to pick it up, " +
		"or set spec.until of Tombstone index.checkout.orders to a time that has passed to delete it"
	const keptUntil = "Index checkout-dev.orders is kept until 2026-01-09T03:04:05Z, and then deleted; add ServiceEnvironment checkout again before that to pick it up, " +
		"or set spec.until of Tombstone index.checkout.orders to a time that has passed to delete it now"
	terminating := kerrors.NewForbidden(schema.GroupResource{}, "x", errors.New("terminating"))
	terminating.ErrStatus.Details.Causes = []metav1.StatusCause{{Type: corev1.NamespaceTerminatingCause}}
	cases := map[string]struct {
		reason string
		mg     *elasticsearch.Index
		there  *v1alpha1.Tombstone
		fails  error // Of a creation.
		want   *v1alpha1.TombstoneSpec
		told   []string
		err    bool
	}{
		"Kept": {
			reason: "What is kept has a Tombstone, and the claim says so.", mg: index(going),
			want: &v1alpha1.TombstoneSpec{Claim: "checkout", Since: deleted}, told: []string{"Kept on ServiceEnvironment checkout: " + kept},
		},
		"Grace": {
			reason: "Its time begins with the deletion, whenever it is written.", mg: index(going, gracious),
			want: &v1alpha1.TombstoneSpec{Claim: "checkout", Since: deleted, Until: &until}, told: []string{"Kept on ServiceEnvironment checkout: " + keptUntil},
		},
		"Twice": {
			reason: "A provider that died before the resource was gone writes nothing anew, and tells nothing twice.", mg: index(going, gracious), there: left(t),
			want: &v1alpha1.TombstoneSpec{Claim: "checkout", Since: deleted, Until: &until},
		},
		"Older": {
			reason: "One of an earlier deletion is brought up to date.", mg: index(going, gracious), there: left(t, earlier),
			want: &v1alpha1.TombstoneSpec{Claim: "checkout", Since: deleted, Until: &until}, told: []string{"Kept on ServiceEnvironment checkout: " + keptUntil},
		},
		"Claimless": {
			reason: "A resource of its own has nobody else to tell.", mg: index(going, claimless),
			want: &v1alpha1.TombstoneSpec{Since: deleted}, told: []string{"Kept on itself: " + strings.Replace(kept, "add ServiceEnvironment checkout again", "apply the resource again", 1)},
		},
		"Never":  {reason: "Nothing is kept of what never was.", mg: index(going, unseen)},
		"Gone":   {reason: "What was deleted leaves nothing.", mg: index(going, deleting)},
		"Ended":  {reason: "What was kept and is deleted now is forgotten.", mg: index(going, deleting), there: left(t)},
		"Ending": {reason: "A namespace that is being deleted is not held up.", mg: index(going), fails: terminating},
		"Fails":  {reason: "Without its Tombstone nothing goes.", mg: index(going), fails: errors.New("boom"), err: true},
		"Adopted": {
			reason: "What was adopted stays, and the claim says so.", mg: index(going, deleting, func(i *elasticsearch.Index) { i.Status.AtProvider.Adopted = true }),
			told: []string{"Released on ServiceEnvironment checkout: Index checkout-dev.orders was there before and stays, without an owner marker: it is nobody's now"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var objects []client.Object
			if tc.there != nil {
				objects = append(objects, tc.there)
			}
			s := newScene(t, interceptor.Funcs{Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
				if tc.fails != nil {
					return tc.fails
				}
				return c.Create(ctx, o, opts...)
			}}, objects...)
			if err := s.finalizer().RemoveFinalizer(t.Context(), tc.mg); (err != nil) != tc.err {
				t.Errorf("\n%s\nRemoveFinalizer(...): %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.told, s.told); diff != "" {
				t.Errorf("\n%s\ntold: -want, +got:\n%s", tc.reason, diff)
			}
			got := s.stone(t)
			if got == nil || tc.want == nil {
				if (got != nil) != (tc.want != nil) {
					t.Errorf("\n%s\nTombstone: want %v, got %v", tc.reason, tc.want, got)
				}
				return
			}
			tc.want.Object = v1alpha1.KeptObject{Kind: "Index", Name: "checkout-dev.orders", ID: "u1"}
			tc.want.Resource = got.Spec.Resource
			if diff := cmp.Diff(tc.want, &got.Spec); diff != "" {
				t.Errorf("\n%s\nTombstone: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestAddFinalizer(t *testing.T) {
	cases := map[string]struct {
		reason string
		mg     *elasticsearch.Index
		stays  bool
		told   []string
	}{
		"PickedUp": {
			reason: "Who finds the object again picks it up.", mg: index(),
			told: []string{"PickedUp on ServiceEnvironment checkout: Index checkout-dev.orders, kept since 2026-01-02T03:04:05Z, is in use again"},
		},
		"Replaced": {
			reason: "An object that is another is not taken for the one that was kept.", mg: index(func(i *elasticsearch.Index) { i.Status.AtProvider.UUID = "u2" }),
			told: []string{"Replaced on ServiceEnvironment checkout: Index checkout-dev.orders was kept and is gone; the one of its name is new"},
		},
		"NotYet":   {reason: "Until it is found, it counts as kept.", mg: index(unseen), stays: true},
		"Other":    {reason: "An object of another name is another.", mg: index(func(i *elasticsearch.Index) { meta.SetExternalName(i, "checkout-dev.baskets") }), stays: true},
		"Executor": {reason: "The resource that deletes it picks nothing up.", mg: index(func(i *elasticsearch.Index) { i.OwnerReferences = controlledBy(left(t)) }), stays: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, interceptor.Funcs{}, left(t))
			if err := s.finalizer().AddFinalizer(t.Context(), tc.mg); err != nil {
				t.Fatal(err)
			}
			if got := s.stone(t) != nil; got != tc.stays {
				t.Errorf("\n%s\nTombstone: want %t, got %t", tc.reason, tc.stays, got)
			}
			if diff := cmp.Diff(tc.told, s.told); diff != "" {
				t.Errorf("\n%s\ntold: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func controlledBy(t *v1alpha1.Tombstone) []metav1.OwnerReference {
	return []metav1.OwnerReference{meta.AsController(meta.TypedReferenceTo(t, v1alpha1.TombstoneGroupVersionKind))}
}

// TestReconcile moves the clock over the time of a Tombstone.
func TestReconcile(t *testing.T) {
	until := deleted.Add(week.Duration)
	forGood := func(s *v1alpha1.Tombstone) { s.Spec.Until = nil }
	forged := func(kind string) func(*v1alpha1.Tombstone) {
		return func(s *v1alpha1.Tombstone) {
			s.Spec.Resource.Raw = []byte(`{"apiVersion":"v1","kind":"` + kind + `","metadata":{"name":"checkout.orders"},"spec":{}}`)
		}
	}
	another := func(s *v1alpha1.Tombstone) {
		s.Spec.Resource.Raw = []byte(strings.Replace(string(s.Spec.Resource.Raw), `"name":"checkout.orders"`, `"name":"shop.orders"`, 1))
	}
	cases := map[string]struct {
		reason string
		stone  *v1alpha1.Tombstone
		living *elasticsearch.Index
		now    time.Time
		want   reconcile.Result
		ends   bool // The resource was made, and is being deleted.
		told   int
	}{
		"Early":   {reason: "It waits until its time is over, and no longer.", stone: left(t), now: until.Add(-time.Minute), want: reconcile.Result{RequeueAfter: time.Minute}},
		"ForGood": {reason: "What is kept for good is left alone.", stone: left(t, forGood), now: until.Add(time.Hour)},
		"Over":    {reason: "Then the resource is made once more, and deleted.", stone: left(t), now: until, want: reconcile.Result{RequeueAfter: lookAgain}, ends: true},
		"Again": {
			reason: "A provider that died in between goes on.", stone: left(t), now: until, want: reconcile.Result{RequeueAfter: lookAgain}, ends: true,
			living: index(func(i *elasticsearch.Index) { i.OwnerReferences = controlledBy(left(t)) }),
		},
		"Taken":   {reason: "What a claim has taken is left to it.", stone: left(t), now: until, living: index(), want: reconcile.Result{RequeueAfter: occupied}},
		"Secret":  {reason: "Nothing but managed resources is made.", stone: left(t, forged("Secret")), now: until, told: 1},
		"Another": {reason: "Nor one that the Tombstone does not stand for.", stone: left(t, another), now: until, told: 1},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			objects := []client.Object{tc.stone}
			if tc.living != nil {
				objects = append(objects, tc.living)
			}
			s := newScene(t, interceptor.Funcs{}, objects...)
			r := &Reconciler{kube: s, fresh: s, kinds: []schema.GroupVersionKind{elasticsearch.IndexGroupVersionKind}, now: func() time.Time { return tc.now }, events: s}
			got, err := r.Reconcile(t.Context(), reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "payments", Name: "index.checkout.orders"}})
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Errorf("\n%s\nReconcile(...): %v, -want, +got:\n%s", tc.reason, err, diff)
			}
			if len(s.told) != tc.told {
				t.Errorf("\n%s\ntold: %v", tc.reason, s.told)
			}
			i := &elasticsearch.Index{}
			err = s.Get(t.Context(), client.ObjectKey{Namespace: "payments", Name: "checkout.orders"}, i)
			if ended := err == nil && meta.WasDeleted(i); ended != tc.ends {
				t.Errorf("\n%s\nresource: want it to be deleted %t, got %t: %+v", tc.reason, tc.ends, ended, i)
			}
			if tc.living == nil && tc.ends {
				isExecutor(t, i)
			}
		})
	}
}

// isExecutor checks the resource that is made to delete an object.
func isExecutor(t *testing.T, i *elasticsearch.Index) {
	t.Helper()
	want := index()
	want.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionObserve, xpv2.ManagementActionDelete}
	want.Spec.Deletion = &custody.DeletionTerms{Data: custody.DataDelete}
	want.Spec.Grace = week
	if diff := cmp.Diff(want.Spec, i.Spec); diff != "" {
		t.Errorf("\nIt is the resource that was, with the right to observe and to delete alone.\nspec: -want, +got:\n%s", diff)
	}
	if meta.GetExternalName(i) != "checkout-dev.orders" || len(i.Labels) > 0 || !meta.FinalizerExists(i, managed.FinalizerName) {
		t.Errorf("\nIt has the object's name, belongs to no claim, and does not go before its controller looked.\nmetadata: %+v", i.ObjectMeta)
	}
}

func TestNames(t *testing.T) {
	long := strings.Repeat("a", 253)
	for name, want := range map[string]int{"checkout": len("index.checkout"), long: len("index.") + 64} {
		if got := nameOf("Index", name); len(got) != want {
			t.Errorf("\nA name that the API server takes is found for each resource.\nnameOf(%q): %q", name, got)
		}
	}
	if nameOf("Index", long) == nameOf("Index", long[1:]+"b") {
		t.Error("\nTwo long names are two.")
	}
}

// TestManifest holds a manifest to what somebody would apply.
func TestManifest(t *testing.T) {
	b, err := manifest(index(going), elasticsearch.IndexGroupVersionKind)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"apiVersion": "elasticsearch.plumbline.dev/v1alpha1", "kind": "Index",
		"metadata": map[string]any{
			"namespace": "payments", "name": "checkout.orders", "annotations": map[string]any{meta.AnnotationKeyExternalName: "checkout-dev.orders"},
		},
		"spec": map[string]any{
			"managementPolicies": []any{"Observe", "Create", "Update", "LateInitialize"},
			"providerConfigRef":  map[string]any{"kind": "ClusterProviderConfig", "name": "default"},
			"forProvider":        map[string]any{},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nA manifest says what a person would: no status, no labels of Crossplane.\n-want, +got:\n%s", diff)
	}
}
