package config

import (
	"context"
	"fmt"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
)

const (
	// EngineSupported is the condition that says whether what answers at the endpoint of a
	// configuration is managed.
	EngineSupported xpv2.ConditionType = "EngineSupported"

	// Its reasons.
	reasonSupported   xpv2.ConditionReason = "Supported"
	reasonUnsupported xpv2.ConditionReason = "UnsupportedEngine"
	reasonUnobserved  xpv2.ConditionReason = "Unobserved"

	// askedEvery is how often an engine is asked for its version, which an upgrade changes,
	// and askedAgain is how long after it did not tell.
	askedEvery = 10 * time.Minute
	askedAgain = time.Minute
)

// Engines has the configurations of one kind say what answers at their endpoints.
type Engines struct {
	Config schema.GroupVersionKind

	object client.Object
}

// OfEngines returns the kinds of configuration that say it.
func OfEngines() []Engines {
	return []Engines{
		{v1alpha1.ProviderConfigGroupVersionKind, &v1alpha1.ProviderConfig{}},
		{v1alpha1.ClusterProviderConfigGroupVersionKind, &v1alpha1.ClusterProviderConfig{}},
	}
}

// Setup adds the controller to a manager.
func (e Engines) Setup(mgr ctrl.Manager, o controller.Options, es *connect.Elasticsearch) error {
	name := "engine/" + e.Config.GroupKind().String()
	r := &engineReconciler{kube: frugalClient{mgr.GetClient()}, of: e, ask: func(ctx context.Context, name types.NamespacedName) (elasticsearch.Engine, error) {
		conn, err := es.Configured(ctx, e.Config.Kind, name)
		if err != nil {
			return elasticsearch.Engine{}, err
		}
		return conn.Client.Engine(ctx)
	}}
	return errors.Wrapf(ctrl.NewControllerManagedBy(mgr).
		Named(name).
		WithOptions(o.ForControllerRuntime()).
		For(e.object, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		Complete(ratelimiter.NewReconciler(name, r, o.GlobalRateLimiter)),
		"cannot set up the controller of engines of kind %s", e.Config.GroupKind())
}

// An engineReconciler asks the engine of a configuration what it is, and writes that to the
// status where it changed.
type engineReconciler struct {
	kube client.Client
	of   Engines
	ask  func(ctx context.Context, config types.NamespacedName) (elasticsearch.Engine, error)
}

// Reconcile implements reconcile.Reconciler.
func (r *engineReconciler) Reconcile(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, askedAgain)
	defer cancel()
	config, ok := r.of.object.DeepCopyObject().(resource.ProviderConfig)
	if !ok {
		return reconcile.Result{}, errors.Errorf("kind %s is no configuration", r.of.Config.GroupKind())
	}
	if err := r.kube.Get(ctx, req.NamespacedName, config); err != nil || meta.WasDeleted(config) {
		return reconcile.Result{}, errors.Wrapf(client.IgnoreNotFound(err), "cannot get %s %q", r.of.Config.Kind, req.Name)
	}
	found, err := r.ask(ctx, req.NamespacedName)
	config.SetConditions(condition(found, err))
	after := askedAgain
	if err == nil {
		*engineOf(config) = &v1alpha1.Engine{Distribution: found.Distribution, Version: found.Version}
		after = askedEvery
	}
	return reconcile.Result{RequeueAfter: after},
		errors.Wrapf(r.kube.Status().Update(ctx, config), "cannot update the status of %s %q", r.of.Config.Kind, req.Name)
}

// engineOf returns where a configuration says what its engine is.
func engineOf(config resource.ProviderConfig) **v1alpha1.Engine {
	if c, ok := config.(*v1alpha1.ProviderConfig); ok {
		return &c.Status.Engine
	}
	return &config.(*v1alpha1.ClusterProviderConfig).Status.Engine //nolint:forcetypeassert // It is one of OfEngines.
}

// condition says whether an engine is managed.
func condition(e elasticsearch.Engine, err error) xpv2.Condition {
	c := xpv2.Condition{Type: EngineSupported, LastTransitionTime: metav1.Now()}
	switch {
	case err != nil:
		c.Status, c.Reason, c.Message = corev1.ConditionUnknown, reasonUnobserved, "cannot ask the endpoint what answers there: "+err.Error()
	case !e.Supported():
		c.Status, c.Reason = corev1.ConditionFalse, reasonUnsupported
		c.Message = fmt.Sprintf("%s %s answers at the endpoint, and the kinds of elasticsearch.plumbline.dev need Elasticsearch 8 or 9", e.Distribution, e.Version)
	default:
		c.Status, c.Reason = corev1.ConditionTrue, reasonSupported
	}
	return c
}
