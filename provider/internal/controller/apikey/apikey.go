// Package apikey manages API keys of Elasticsearch.
//
// Elasticsearch tells a key once, when it makes it. The key in the Secret of the
// resource is therefore the one that counts, and every other key of the resource is
// on its way out: keyring.go tells them apart. That follows from what Elasticsearch
// and the Secret hold alone, so a provider that dies between making a key and
// writing it down leaves a key that is found and invalidated like any other.
package apikey

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Setup adds the controller of kind APIKey to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return kind.Kind[*v1alpha1.APIKey]{
		Of:        v1alpha1.APIKeyGroupVersionKind,
		Object:    &v1alpha1.APIKey{},
		List:      &v1alpha1.APIKeyList{},
		Connector: &connector{mgr.GetClient(), c},
		Options: []managed.ReconcilerOption{
			// Names of keys are not unique, but the marker is what finds them.
			managed.WithDeterministicExternalName(true),
			managed.WithCreationGracePeriod(0),
		},
	}.Setup(mgr, o)
}

type connector struct {
	kube          client.Client
	elasticsearch *connect.Elasticsearch
}

func (c *connector) Connect(ctx context.Context, cr *v1alpha1.APIKey) (managed.TypedExternalClient[*v1alpha1.APIKey], error) {
	conn, err := c.elasticsearch.Connect(ctx, cr)
	if err != nil {
		return nil, err
	}
	return &external{
		svc: conn.Client, secrets: c.kube, now: conn.Client.Now,
		installation: conn.Installation, endpoint: conn.Endpoint, caBundle: conn.CABundle,
	}, nil
}

// A service is what this controller needs of Elasticsearch, and no more.
type service interface {
	APIKeys(ctx context.Context, name string) ([]elasticsearch.APIKey, error)
	CreateAPIKey(ctx context.Context, k elasticsearch.NewAPIKey) (elasticsearch.MadeAPIKey, error)
	UpdateAPIKey(ctx context.Context, id string, descriptors, metadata map[string]any) error
	InvalidateAPIKeys(ctx context.Context, ids ...string) error
}

var _ service = &elasticsearch.Client{}

type external struct {
	svc          service
	secrets      client.Reader
	now          func() time.Time
	installation string
	endpoint     string
	caBundle     []byte
}

var _ managed.TypedExternalClient[*v1alpha1.APIKey] = &external{}

// Observe reads the keys and the Secret. Without a key that works in the Secret the
// resource does not exist, and the reconciler has one made. It writes what is no
// secret to the Secret before: no key is made that could not be kept.
func (e *external) Observe(ctx context.Context, cr *v1alpha1.APIKey) (managed.ExternalObservation, error) {
	keys, err := e.keyring(ctx, cr)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	if meta.WasDeleted(cr) {
		return managed.ExternalObservation{ResourceExists: len(keys.all()) > 0}, nil
	}
	if keys.current == nil {
		return managed.ExternalObservation{ConnectionDetails: e.details()}, nil
	}
	want, err := e.desire(cr)
	if err != nil {
		return managed.ExternalObservation{}, err
	}
	now := e.now()
	observed := keys.observe(cr.Spec.ForProvider, e.endpoint, string(owner.Of(e.installation, cr)))
	observed.Settled = cr.Status.AtProvider.Settled
	cr.Status.AtProvider = observed
	cr.SetConditions(xpv2.Available())
	changed := want.differences(*keys.current)
	if len(changed) > 0 && observed.Settled == want.fingerprint(*keys.current) {
		changed = nil
	}
	kind.Differs(ctx, changed)
	upToDate := len(changed) == 0 && !keys.rotationDue(cr.Spec.ForProvider, now) && len(keys.overdue(cr.Spec.ForProvider, now)) == 0
	details := e.details()
	if upToDate {
		details = e.told(keys.secret)
	}
	return managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: upToDate, ConnectionDetails: details}, nil
}

// Create makes the key that the Secret does not hold.
func (e *external) Create(ctx context.Context, cr *v1alpha1.APIKey) (managed.ExternalCreation, error) {
	details, err := e.make(ctx, cr)
	return managed.ExternalCreation{ConnectionDetails: details}, err
}

// Update ends keys whose time has come, changes what the current one may do, and
// makes the next one ahead of its end.
func (e *external) Update(ctx context.Context, cr *v1alpha1.APIKey) (managed.ExternalUpdate, error) {
	keys, err := e.keyring(ctx, cr)
	if err != nil || keys.current == nil {
		return managed.ExternalUpdate{}, err
	}
	kind.Soon(ctx)
	if overdue := keys.overdue(cr.Spec.ForProvider, e.now()); len(overdue) > 0 {
		if err := e.svc.InvalidateAPIKeys(ctx, overdue...); err != nil {
			return managed.ExternalUpdate{}, errors.Wrap(err, "cannot invalidate former API keys")
		}
	}
	due := keys.rotationDue(cr.Spec.ForProvider, e.now())
	if !due {
		err := e.adjust(ctx, cr, *keys.current)
		// Only the user that made a key can change it. What another left is replaced.
		if due = elasticsearch.IsMissing(err); !due {
			return managed.ExternalUpdate{}, err
		}
	}
	details, err := e.make(ctx, cr)
	return managed.ExternalUpdate{ConnectionDetails: details}, err
}

// Delete invalidates all keys of the resource.
func (e *external) Delete(ctx context.Context, cr *v1alpha1.APIKey) (managed.ExternalDelete, error) {
	keys, err := e.keyring(ctx, cr)
	if err != nil {
		return managed.ExternalDelete{}, err
	}
	if ids := keys.all(); len(ids) > 0 {
		err = e.svc.InvalidateAPIKeys(ctx, ids...)
	}
	return managed.ExternalDelete{}, errors.Wrapf(err, "cannot invalidate API key %q", meta.GetExternalName(cr))
}

// Disconnect does nothing: the connection is shared.
func (e *external) Disconnect(context.Context) error { return nil }

// keyring returns the keys of a resource that work.
func (e *external) keyring(ctx context.Context, cr *v1alpha1.APIKey) (keyring, error) {
	name := meta.GetExternalName(cr)
	found, err := e.svc.APIKeys(ctx, name)
	if err != nil && !elasticsearch.IsMissing(err) {
		return keyring{}, errors.Wrapf(err, "cannot get API keys %q", name)
	}
	held, err := e.held(ctx, cr)
	if err != nil {
		return keyring{}, err
	}
	keys := sorted(found, owner.Of(e.installation, cr), idOf(held), cr.Status.AtProvider.Previous, e.now())
	keys.secret = held
	return keys, nil
}

// make makes a key, and returns what the Secret is to hold.
func (e *external) make(ctx context.Context, cr *v1alpha1.APIKey) (managed.ConnectionDetails, error) {
	want, err := e.desire(cr)
	if err != nil {
		return nil, err
	}
	k := elasticsearch.NewAPIKey{
		Name: meta.GetExternalName(cr), Metadata: want.metadata, RoleDescriptors: document.WithoutNulls(want.descriptors),
	}
	if v := cr.Spec.ForProvider.Validity; v != nil {
		k.Validity = v.Duration
	}
	made, err := e.svc.CreateAPIKey(ctx, k)
	if err != nil {
		return nil, errors.Wrapf(err, "cannot create API key %q", k.Name)
	}
	details := e.details()
	details[v1alpha1.APIKeySecretID] = []byte(made.ID)
	details[v1alpha1.APIKeySecretKey] = []byte(made.Encoded)
	return details, nil
}

// adjust changes what a key may do, and notes what Elasticsearch made of it, as for
// documents.
func (e *external) adjust(ctx context.Context, cr *v1alpha1.APIKey, current elasticsearch.APIKey) error {
	want, err := e.desire(cr)
	if err != nil || !want.differs(current) {
		return err
	}
	if err := e.svc.UpdateAPIKey(ctx, current.ID, document.WithoutNulls(want.descriptors), want.metadata); err != nil {
		return errors.Wrapf(err, "cannot change API key %q", current.Name)
	}
	keys, err := e.keyring(ctx, cr)
	if err != nil || keys.current == nil {
		return err
	}
	cr.Status.AtProvider.Settled = ""
	if want.differs(*keys.current) {
		cr.Status.AtProvider.Settled = want.fingerprint(*keys.current)
	}
	return nil
}
