// Package controller lists the controllers of the provider.
package controller

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"

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
	return append(all,
		Controller{Setup: index.Setup, Needs: ofElasticsearch(elasticsearch.IndexGroupVersionKind)},
		Controller{Setup: datastream.Setup, Needs: ofElasticsearch(elasticsearch.DataStreamGroupVersionKind)},
		Controller{Setup: lifecyclepolicy.Setup, Needs: ofElasticsearch(elasticsearch.LifecyclePolicyGroupVersionKind)},
		Controller{Setup: role.Setup, Needs: ofElasticsearch(elasticsearch.RoleGroupVersionKind)},
		Controller{Setup: rolemapping.Setup, Needs: ofElasticsearch(elasticsearch.RoleMappingGroupVersionKind)},
		Controller{Setup: apikey.Setup, Needs: ofElasticsearch(elasticsearch.APIKeyGroupVersionKind)},
		Controller{Setup: group.Setup, Needs: []schema.GroupVersionKind{
			entra.GroupGroupVersionKind,
			entra.ProviderConfigGroupVersionKind,
			entra.ClusterProviderConfigGroupVersionKind,
			entra.ProviderConfigUsageGroupVersionKind,
		}},
	)
}

// ofElasticsearch returns a kind and those of its configuration.
func ofElasticsearch(kind schema.GroupVersionKind) []schema.GroupVersionKind {
	return []schema.GroupVersionKind{
		kind,
		elasticsearch.ProviderConfigGroupVersionKind,
		elasticsearch.ClusterProviderConfigGroupVersionKind,
		elasticsearch.ProviderConfigUsageGroupVersionKind,
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
