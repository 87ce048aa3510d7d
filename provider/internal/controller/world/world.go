// Package world is a control plane in memory, in which tests drive the reconciler
// of one kind against the stand-in for its backend: the managed reconciler, the
// connection and the client are the real ones.
//
// What it does not do: there is no watch, so a test says when a resource is
// reconciled; the API server neither checks nor defaults by CRDs, and counts no
// generations. The tests of test/provider have a real one.
package world

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/feature"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/tools/record"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
)

// A World is one control plane, with the provider's controller of one kind.
type World[T kind.Managed] struct {
	client.Client

	// Events that were sent, as type, reason and message; those on a claim name it.
	Events []string
	// Tick is called before each reconcile, to move clocks.
	Tick func()
	// Conflicts is how many writes of a status fail from now on, because somebody else
	// wrote the resource first.
	Conflicts int
	// Woken are the resources that sweeps woke.
	Woken []types.NamespacedName
	// Ending has every namespace refuse new objects, as one does that is being
	// deleted.
	Ending bool

	t        testing.TB
	backend  *Backend
	of       func(client.Client) kind.Kind[T]
	provider reconcile.Reconciler
}

// New returns a control plane that holds objects, such as a provider config.
func New[T kind.Managed](t testing.TB, b *Backend, of func(client.Client) kind.Kind[T], objects ...client.Object) *World[T] {
	t.Helper()
	s := runtime.NewScheme()
	if err := errors.Join(corev1.AddToScheme(s), elasticsearch.AddToScheme(s), entra.AddToScheme(s), custody.AddToScheme(s)); err != nil {
		t.Fatal(err)
	}
	w := &World[T]{t: t, backend: b, of: of, Tick: func() {}}
	w.Client = fake.NewClientBuilder().WithScheme(s).WithObjects(objects...).
		WithStatusSubresource(of(nil).Object).Build()
	w.Restart()
	return w
}

// Restart ends the provider and starts it again: what it had in memory is lost.
func (w *World[T]) Restart() {
	w.backend.revive()
	k := w.of(w.mortal())
	flags := &feature.Flags{}
	flags.Enable(feature.EnableBetaManagementPolicies)
	w.provider = k.Reconciler(manager{client: w.mortal(), events: &w.Events},
		controller.Options{Logger: logging.NewNopLogger(), PollInterval: time.Minute, Features: flags}, w)
}

// Wake notes that a sweep woke a resource.
func (w *World[T]) Wake(name types.NamespacedName) { w.Woken = append(w.Woken, name) }

// mortal returns a client that works while the provider lives.
func (w *World[T]) mortal() client.Client {
	alive := func() error {
		if w.backend.isDead() {
			return errors.New("the provider is dead")
		}
		return nil
	}
	inner, ok := w.Client.(client.WithWatch)
	if !ok {
		w.t.Fatalf("the client %T cannot be intercepted", w.Client)
	}
	return interceptor.NewClient(inner, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if w.Ending && o.GetNamespace() != "" {
				return terminating(o)
			}
			return unless(alive(), func() error { return c.Create(ctx, o, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return unless(alive(), func() error { return c.Update(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return unless(alive(), func() error { return c.Delete(ctx, o, opts...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			if w.Conflicts > 0 {
				w.Conflicts--
				return kerrors.NewConflict(schema.GroupResource{}, o.GetName(), errors.New("it was written first by somebody else"))
			}
			return unless(alive(), func() error { return c.SubResource(sub).Update(ctx, o, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return unless(alive(), func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// terminating is what the API server says in a namespace that is being deleted.
func terminating(o client.Object) error {
	err := kerrors.NewForbidden(schema.GroupResource{}, o.GetName(), errors.New("because it is being terminated"))
	err.ErrStatus.Details.Causes = append(err.ErrStatus.Details.Causes, metav1.StatusCause{Type: corev1.NamespaceTerminatingCause})
	return err
}

func unless(err error, do func() error) error {
	if err != nil {
		return err
	}
	return do()
}

// Reconcile reconciles a resource once, and reads it back. It reports false once
// the resource is gone. A provider that dies on the way is started again.
func (w *World[T]) Reconcile(mg T) bool {
	w.t.Helper()
	w.Tick()
	ctx, end := context.WithCancel(w.t.Context())
	defer end()
	w.backend.visited(end)
	_, err := w.provider.Reconcile(ctx, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(mg)})
	if w.backend.isDead() {
		w.Restart()
	} else if err != nil {
		w.t.Fatalf("cannot reconcile: %v", err)
	}
	err = w.Get(w.t.Context(), client.ObjectKeyFromObject(mg), mg)
	if kerrors.IsNotFound(err) {
		return false
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return true
}

// quiet is in how many reconciles in a row nothing happens in a world at rest.
const quiet = 4

// Settle reconciles a resource until nothing happens any more, and reports whether
// it still exists.
func (w *World[T]) Settle(mg T) bool {
	w.t.Helper()
	for still, rounds := 0, 0; still < quiet; rounds++ {
		if rounds == 100 {
			w.t.Fatalf("the world does not come to rest: %+v", mg)
		}
		version, writes := mg.GetResourceVersion(), len(w.backend.Writes())
		if !w.Reconcile(mg) {
			return false
		}
		still++
		if mg.GetResourceVersion() != version || len(w.backend.Writes()) != writes {
			still = 0
		}
	}
	return true
}

// Make creates a resource and lets the world settle.
func (w *World[T]) Make(mg T) {
	w.t.Helper()
	mg.SetUID(uuid.NewUUID())
	if err := w.Create(w.t.Context(), mg); err != nil {
		w.t.Fatal(err)
	}
	w.Settle(mg)
}

// Remove deletes a resource and lets the world settle. It reports whether the
// resource still exists.
func (w *World[T]) Remove(mg T) bool {
	w.t.Helper()
	if err := w.Delete(w.t.Context(), mg); err != nil {
		w.t.Fatal(err)
	}
	return w.Settle(mg)
}

// Change edits a resource and lets the world settle.
func (w *World[T]) Change(mg T, edit func(T)) bool {
	w.t.Helper()
	edit(mg)
	if err := w.Update(w.t.Context(), mg); err != nil {
		w.t.Fatal(err)
	}
	return w.Settle(mg)
}

// A manager that runs nothing.
type manager struct {
	ctrl.Manager

	client client.Client
	events *[]string
}

func (m manager) GetClient() client.Client                        { return m.client }
func (m manager) GetAPIReader() client.Reader                     { return m.client }
func (m manager) GetScheme() *runtime.Scheme                      { return m.client.Scheme() }
func (m manager) GetEventRecorderFor(string) record.EventRecorder { return recorder(m) }

type recorder manager

func (r recorder) Event(o runtime.Object, kind, reason, message string) {
	if ref, ok := o.(*corev1.ObjectReference); ok {
		reason += " on " + ref.Kind + " " + ref.Name
	}
	*r.events = append(*r.events, kind+" "+reason+": "+message)
}

func (r recorder) Eventf(o runtime.Object, kind, reason, message string, args ...any) {
	r.Event(o, kind, reason, fmt.Sprintf(message, args...))
}

func (r recorder) AnnotatedEventf(o runtime.Object, _ map[string]string, kind, reason, message string, args ...any) {
	r.Event(o, kind, reason, fmt.Sprintf(message, args...))
}
