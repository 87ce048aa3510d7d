// Package connect finds the configuration and the credentials of a managed
// resource, and makes the client that it is reconciled with.
//
// A ProviderConfig serves the resources of its own namespace and reads Secrets
// of that namespace only, so that whoever may write ProviderConfigs cannot read
// the Secrets of others through them. A ClusterProviderConfig serves all.
package connect

import (
	"context"
	"sync"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Kinds of configuration.
const (
	namespacedKind = "ProviderConfig"
	clusterKind    = "ClusterProviderConfig"
)

// A Connection to a backend.
type Connection[C any] struct {
	// Client of the backend, shared by all resources of one configuration.
	Client C
	// Installation names this control plane in owner markers.
	Installation string
	// Endpoint is where the backend answers.
	Endpoint string
	// CABundle are the authorities that the backend's certificate is checked by, as
	// PEM; none where those of the system are.
	CABundle []byte
}

// A source is the part of a Connector that knows one backend.
type source[S any, C sweeper] struct {
	// spec returns the specification of the configuration of a kind and name.
	spec func(ctx context.Context, c client.Client, kind string, name types.NamespacedName) (S, error)
	// open makes a connection for a kind of configuration. It calls secret for
	// each Secret it needs.
	open func(kind string, spec S, secret secrets) (Connection[C], error)
}

// secrets returns the value that a selector leads to.
type secrets func(*xpv2.SecretKeySelector) ([]byte, error)

// A sweeper is a client that remembers what it read.
type sweeper interface {
	// Sweep brings what is remembered up to date, as far as that is due.
	Sweep(ctx context.Context)
}

// A Connector connects managed resources to their backend. Make one per kind of
// backend: it keeps the clients, and with them tokens, connections and what they
// remember.
type Connector[S any, C sweeper] struct {
	kube    client.Client
	tracker resource.ModernTracker
	source  source[S, C]
	opened  *opened[Connection[C]]
}

func newConnector[S any, C sweeper](kube client.Client, usage resource.TypedProviderConfigUsage, s source[S, C]) *Connector[S, C] {
	return &Connector[S, C]{
		kube:    kube,
		tracker: resource.NewProviderConfigUsageTracker(kube, usage),
		source:  s,
		opened:  newOpened[Connection[C]](time.Now),
	}
}

// Connect returns the connection that a managed resource asks for.
//
// A resource that is being deleted is not tracked, because in a namespace that
// is being deleted nothing can be created, and the resource would wait for ever.
// If its configuration or Secret went first, the connection last opened is used.
func (c *Connector[S, C]) Connect(ctx context.Context, mg resource.ModernManaged) (Connection[C], error) {
	if !meta.WasDeleted(mg) {
		if err := c.tracker.Track(ctx, mg); err != nil {
			return Connection[C]{}, errors.Wrap(err, "cannot track the use of the provider config")
		}
	}
	k, err := keyOf(mg)
	if err != nil {
		return Connection[C]{}, err
	}
	conn, err := c.open(ctx, k)
	if last, ok := c.opened.last(k); ok && meta.WasDeleted(mg) && gone(err) {
		return last, nil
	}
	return conn, err
}

// Configured returns the connection of a configuration by its kind and name, on behalf of
// no resource.
func (c *Connector[S, C]) Configured(ctx context.Context, kind string, name types.NamespacedName) (Connection[C], error) {
	return c.open(ctx, key{kind: kind, namespace: name.Namespace, name: name.Name})
}

// sweepsEvery is how often each backend is asked whether a sweep of it is due.
const sweepsEvery = time.Second

// Start has the backends of all connections in use swept, each on its own, until ctx
// ends.
func (c *Connector[S, C]) Start(ctx context.Context) error {
	tick := time.NewTicker(sweepsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		go c.Sweep(ctx) // A backend that is being swept is left out.
	}
}

// Sweep sweeps the backends of all connections in use at once, as far as that is due.
func (c *Connector[S, C]) Sweep(ctx context.Context) {
	var all sync.WaitGroup
	for _, conn := range c.opened.valid() {
		all.Go(func() { conn.Client.Sweep(ctx) })
	}
	all.Wait()
}

// keyOf returns which configuration a managed resource refers to.
func keyOf(mg resource.ModernManaged) (key, error) {
	ref := mg.GetProviderConfigReference()
	if ref == nil {
		return key{}, errors.New("spec.providerConfigRef is not set")
	}
	switch ref.Kind {
	case namespacedKind:
		return key{kind: ref.Kind, namespace: mg.GetNamespace(), name: ref.Name}, nil
	case clusterKind:
		return key{kind: ref.Kind, name: ref.Name}, nil
	}
	return key{}, errors.Errorf("spec.providerConfigRef.kind %q is unknown: want %s or %s", ref.Kind, namespacedKind, clusterKind)
}

func (c *Connector[S, C]) open(ctx context.Context, k key) (Connection[C], error) {
	spec, err := c.source.spec(ctx, c.kube, k.kind, types.NamespacedName{Namespace: k.namespace, Name: k.name})
	if err != nil {
		return Connection[C]{}, errors.Wrapf(err, "cannot get %s %q", k.kind, k.name)
	}
	return c.opened.get(k, spec, func(secrets *fingerprint) (Connection[C], error) {
		conn, err := c.source.open(k.kind, spec, func(s *xpv2.SecretKeySelector) ([]byte, error) {
			value, err := c.secret(ctx, k, s)
			secrets.add(value)
			return value, err
		})
		return conn, errors.Wrapf(err, "cannot use %s %q", k.kind, k.name)
	})
}

// secret returns one value of a Secret; nil for no selector.
func (c *Connector[S, C]) secret(ctx context.Context, k key, s *xpv2.SecretKeySelector) ([]byte, error) {
	if s == nil {
		return nil, nil
	}
	if k.kind == namespacedKind && s.Namespace != k.namespace {
		return nil, errors.Errorf("a ProviderConfig reads Secrets of its own namespace only: Secret %q is to be in namespace %q, not %q",
			s.Name, k.namespace, s.Namespace)
	}
	found := &corev1.Secret{}
	if err := c.kube.Get(ctx, types.NamespacedName{Namespace: s.Namespace, Name: s.Name}, found); err != nil {
		return nil, errors.Wrapf(err, "cannot get Secret %q in namespace %q", s.Name, s.Namespace)
	}
	value, ok := found.Data[s.Key]
	if !ok || len(value) == 0 {
		return nil, errors.Errorf("Secret %q in namespace %q has no key %q", s.Name, s.Namespace, s.Key)
	}
	return value, nil
}

func gone(err error) bool { return kerrors.IsNotFound(errors.Cause(err)) }
