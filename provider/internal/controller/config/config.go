// Package config counts who uses a ProviderConfig or ClusterProviderConfig, and
// keeps one that is in use from being deleted.
package config

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	"github.com/crossplane/crossplane-runtime/v2/pkg/ratelimiter"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/providerconfig"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

// A Kind of configuration. Both kinds of a backend share one kind of usage, in
// which the reference names the kind.
type Kind struct {
	Config    schema.GroupVersionKind
	Usage     schema.GroupVersionKind
	UsageList schema.GroupVersionKind

	object client.Object
	usage  client.Object
}

// Kinds returns every kind of configuration.
func Kinds() []Kind {
	return []Kind{
		{
			Config:    elasticsearch.ProviderConfigGroupVersionKind,
			Usage:     elasticsearch.ProviderConfigUsageGroupVersionKind,
			UsageList: elasticsearch.ProviderConfigUsageListGroupVersionKind,
			object:    &elasticsearch.ProviderConfig{}, usage: &elasticsearch.ProviderConfigUsage{},
		},
		{
			Config:    elasticsearch.ClusterProviderConfigGroupVersionKind,
			Usage:     elasticsearch.ProviderConfigUsageGroupVersionKind,
			UsageList: elasticsearch.ProviderConfigUsageListGroupVersionKind,
			object:    &elasticsearch.ClusterProviderConfig{}, usage: &elasticsearch.ProviderConfigUsage{},
		},
		{
			Config:    entra.ProviderConfigGroupVersionKind,
			Usage:     entra.ProviderConfigUsageGroupVersionKind,
			UsageList: entra.ProviderConfigUsageListGroupVersionKind,
			object:    &entra.ProviderConfig{}, usage: &entra.ProviderConfigUsage{},
		},
		{
			Config:    entra.ClusterProviderConfigGroupVersionKind,
			Usage:     entra.ProviderConfigUsageGroupVersionKind,
			UsageList: entra.ProviderConfigUsageListGroupVersionKind,
			object:    &entra.ClusterProviderConfig{}, usage: &entra.ProviderConfigUsage{},
		},
	}
}

// Setup adds the controller of one kind of configuration to a manager.
func (k Kind) Setup(mgr ctrl.Manager, o controller.Options) error {
	name := providerconfig.ControllerName(k.Config.GroupKind().String())
	of := resource.ProviderConfigKinds{Config: k.Config, Usage: k.Usage, UsageList: k.UsageList}
	r := providerconfig.NewReconciler(frugalManager{mgr}, of,
		providerconfig.WithLogger(o.Logger.WithValues("controller", name)),
		providerconfig.WithRecorder(event.NewAPIRecorder(mgr.GetEventRecorderFor(name))))

	return errors.Wrapf(ctrl.NewControllerManagedBy(mgr).
		Named(name).
		WithOptions(o.ForControllerRuntime()).
		For(k.object).
		Watches(k.usage, gathering{&resource.EnqueueRequestForProviderConfig{Kind: k.Config.Kind}}).
		Complete(ratelimiter.NewReconciler(name, r, o.GlobalRateLimiter)),
		"cannot set up the controller of kind %s", k.Config.GroupKind())
}
