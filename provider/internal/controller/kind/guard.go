package kind

import (
	"context"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/logging"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A dataHolder is an external client of a kind whose objects hold data.
type dataHolder[T Managed] interface {
	// Data tells, in words, what would be lost with the object of a resource that
	// is being deleted. It is "" if nothing would, or if that is what the resource
	// asks for.
	Data(ctx context.Context, mg T) (string, error)
}

const reasonLeftBehind = "LeftBehind"

// guarding is a connector whose external clients delete no data unasked, and
// never hold up a namespace that is being deleted.
//
// A resource that may not delete its object waits for a commit that says what is
// to become of the data. In a namespace that is being deleted there is nobody to
// wait for: the resource goes, and its object stays as it is, with its marker, to
// be found by a resource of the same name. So does the object of a resource whose
// ProviderConfig, or its Secret, went first and cannot be made again there.
// Nothing else in a deletion waits for what such a namespace refuses: the use of a
// provider config is not recorded, and a connection that is open is used even if
// its configuration is gone (package connect).
type guarding[T Managed] struct {
	next   managed.TypedExternalConnector[T]
	kube   client.Client
	events event.Recorder
	log    logging.Logger
}

func (g guarding[T]) Connect(ctx context.Context, mg T) (managed.TypedExternalClient[T], error) {
	c, err := g.next.Connect(ctx, mg)
	lost := kerrors.IsNotFound(errors.Cause(err)) && mg.GetProviderConfigReference() != nil && mg.GetProviderConfigReference().Kind == "ProviderConfig"
	if lost && meta.WasDeleted(mg) && g.ending(ctx, mg) {
		g.leave(mg, "its ProviderConfig is gone")
		return &managed.TypedExternalClientFns[T]{
			ObserveFn: func(context.Context, T) (managed.ExternalObservation, error) {
				return managed.ExternalObservation{}, nil
			},
			DisconnectFn: func(context.Context) error { return nil },
		}, nil
	}
	if err != nil {
		return nil, err
	}
	return &guard[T]{TypedExternalClient: c, guarding: g}, nil
}

// A guard is the external client of one resource in one visit.
type guard[T Managed] struct {
	managed.TypedExternalClient[T]
	guarding[T]

	held string // What a deletion would lose.
}

// holdsData says whether what would be lost with the external object is looked at.
func (g *guard[T]) holdsData() bool {
	_, holds := g.TypedExternalClient.(dataHolder[T])
	return holds
}

func (g *guard[T]) Observe(ctx context.Context, mg T) (managed.ExternalObservation, error) {
	o, err := g.TypedExternalClient.Observe(ctx, mg)
	holder, holds := g.TypedExternalClient.(dataHolder[T])
	if err != nil || !holds || !o.ResourceExists || !meta.WasDeleted(mg) {
		return o, err
	}
	if g.held, err = holder.Data(ctx, mg); err != nil {
		return o, err
	}
	if g.held != "" && g.ending(ctx, mg) {
		g.leave(mg, "it holds "+g.held)
		return managed.ExternalObservation{}, nil
	}
	return o, nil
}

func (g *guard[T]) Delete(ctx context.Context, mg T) (managed.ExternalDelete, error) {
	if g.held != "" {
		return managed.ExternalDelete{}, errors.Errorf("DataLoss: %q holds %s, which would be lost; commit spec.deletion.data: Delete to delete it all the same, "+
			"or spec.managementPolicies without Delete to keep it", meta.GetExternalName(mg), g.held)
	}
	return g.TypedExternalClient.Delete(ctx, mg)
}

// leave tells that an external object stays. The log tells it too: most often the
// namespace takes no event any more.
func (g guarding[T]) leave(mg T, why string) {
	err := errors.Errorf("the external object %q stays, with its marker, because %s and the namespace is being deleted", meta.GetExternalName(mg), why)
	g.log.Info("Left behind", "namespace", mg.GetNamespace(), "name", mg.GetName(), "reason", err.Error())
	g.events.Event(mg, event.Warning(reasonLeftBehind, err))
}

// ending reports whether the namespace of a resource is being deleted. It tries to
// create what it does not create, which needs no right to read namespaces.
func (g guarding[T]) ending(ctx context.Context, mg T) bool {
	err := g.kube.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: mg.GetNamespace(), GenerateName: "ending-"}}, client.DryRunAll)
	return kerrors.HasStatusCause(err, corev1.NamespaceTerminatingCause)
}
