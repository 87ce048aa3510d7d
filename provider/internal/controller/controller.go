// Package controller lists the controllers of the provider.
package controller

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/apikey"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/config"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/datastream"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/group"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/index"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/lifecyclepolicy"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/role"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/rolemapping"
	"github.com/plumbline-dev/plumbline/provider/internal/tombstone"
)

// A Controller of one kind.
type Controller struct {
	// Setup adds the controller to a manager.
	Setup func(ctrl.Manager, controller.Options) error
	// Needs are the kinds that must be served before it can start.
	Needs []schema.GroupVersionKind
}

// Controllers returns every controller of the provider.
func Controllers() []Controller {
	// Those of the configurations come first, so that a configuration is held
	// before the first resource uses it.
	var all []Controller
	for _, k := range config.Kinds() {
		all = append(all, Controller{Setup: k.Setup, Needs: []schema.GroupVersionKind{k.Config, k.Usage}})
	}
	var managed []schema.GroupVersionKind
	for _, k := range []struct {
		setup   func(ctrl.Manager, controller.Options) error
		kind    schema.GroupVersionKind
		configs []schema.GroupVersionKind
	}{
		{index.Setup, elasticsearch.IndexGroupVersionKind, ofElasticsearch()},
		{datastream.Setup, elasticsearch.DataStreamGroupVersionKind, ofElasticsearch()},
		{lifecyclepolicy.Setup, elasticsearch.LifecyclePolicyGroupVersionKind, ofElasticsearch()},
		{role.Setup, elasticsearch.RoleGroupVersionKind, ofElasticsearch()},
		{rolemapping.Setup, elasticsearch.RoleMappingGroupVersionKind, ofElasticsearch()},
		{apikey.Setup, elasticsearch.APIKeyGroupVersionKind, ofElasticsearch()},
		{group.Setup, entra.GroupGroupVersionKind, ofEntra()},
	} {
		managed = append(managed, k.kind)
		// What a resource leaves behind is written down before it goes.
		all = append(all, Controller{Setup: k.setup, Needs: append(k.configs, k.kind, custody.TombstoneGroupVersionKind)})
	}
	return append(all, Controller{Setup: tombstone.Setup(managed), Needs: []schema.GroupVersionKind{custody.TombstoneGroupVersionKind}})
}

// ofElasticsearch returns the kinds of the configuration of Elasticsearch.
func ofElasticsearch() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		elasticsearch.ProviderConfigGroupVersionKind,
		elasticsearch.ClusterProviderConfigGroupVersionKind,
		elasticsearch.ProviderConfigUsageGroupVersionKind,
	}
}

// ofEntra returns those of Entra ID.
func ofEntra() []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		entra.ProviderConfigGroupVersionKind,
		entra.ClusterProviderConfigGroupVersionKind,
		entra.ProviderConfigUsageGroupVersionKind,
	}
}

// SetupGated has every controller start once its kinds are served: Crossplane
// activates a provider's kinds one by one, after it started the provider.
func SetupGated(mgr ctrl.Manager, o controller.Options) {
	for _, c := range Controllers() {
		o.Gate.Register(func() {
			if err := c.Setup(mgr, o); err != nil {
				// The gate has no way to hand on an error, and a provider that runs
				// without one of its controllers looks well and is not.
				panic(errors.Wrap(err, "cannot set up controllers"))
			}
		}, c.Needs...)
	}
}
