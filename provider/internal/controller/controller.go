// Package controller lists the controllers of the provider.
package controller

import (
	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	ctrl "sigs.k8s.io/controller-runtime"

	custody "github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	dns "github.com/plumbline-dev/plumbline/apis/dns/v1alpha1"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/apikey"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/config"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/datastream"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/group"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/index"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/lifecyclepolicy"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/lookup"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/role"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/rolemapping"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/provider/internal/tombstone"
)

// A Controller of one kind.
type Controller struct {
	// Setup adds the controller to a manager.
	Setup func(ctrl.Manager, controller.Options) error
	// Needs are the kinds that must be served before it can start.
	Needs []schema.GroupVersionKind
}

// Controllers returns every controller of the provider. Those of one system share its
// connections.
func Controllers(es *connect.Elasticsearch, ms *connect.Entra) []Controller {
	// Those of the configurations come first, so that a configuration is held
	// before the first resource uses it.
	var all []Controller
	for _, k := range config.Kinds() {
		all = append(all, Controller{Setup: k.Setup, Needs: []schema.GroupVersionKind{k.Config, k.Usage}})
	}
	for _, e := range config.OfEngines() {
		all = append(all, Controller{Setup: with(e.Setup, es), Needs: []schema.GroupVersionKind{e.Config}})
	}
	var managed []schema.GroupVersionKind
	for _, k := range []struct {
		setup   func(ctrl.Manager, controller.Options) error
		kind    schema.GroupVersionKind
		configs []schema.GroupVersionKind
	}{
		{with(index.Setup, es), elasticsearch.IndexGroupVersionKind, ofElasticsearch()},
		{with(datastream.Setup, es), elasticsearch.DataStreamGroupVersionKind, ofElasticsearch()},
		{with(lifecyclepolicy.Setup, es), elasticsearch.LifecyclePolicyGroupVersionKind, ofElasticsearch()},
		{with(role.Setup, es), elasticsearch.RoleGroupVersionKind, ofElasticsearch()},
		{with(rolemapping.Setup, es), elasticsearch.RoleMappingGroupVersionKind, ofElasticsearch()},
		{with(apikey.Setup, es), elasticsearch.APIKeyGroupVersionKind, ofElasticsearch()},
		{with(group.Setup, ms), entra.GroupGroupVersionKind, ofEntra()},
	} {
		managed = append(managed, k.kind)
		// What a resource leaves behind is written down before it goes.
		all = append(all, Controller{Setup: k.setup, Needs: append(k.configs, k.kind, custody.TombstoneGroupVersionKind)})
	}
	return append(all,
		Controller{Setup: lookup.Setup, Needs: []schema.GroupVersionKind{dns.LookupGroupVersionKind}},
		Controller{Setup: tombstone.Setup(managed), Needs: []schema.GroupVersionKind{custody.TombstoneGroupVersionKind}},
	)
}

// with gives the controller of a kind its connections.
func with[C any](setup func(ctrl.Manager, controller.Options, C) error, connections C) func(ctrl.Manager, controller.Options) error {
	return func(mgr ctrl.Manager, o controller.Options) error { return setup(mgr, o, connections) }
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
// activates a provider's kinds one by one, after it started the provider. Backends are
// swept as often as a resource is polled.
func SetupGated(mgr ctrl.Manager, o controller.Options) error {
	sweeps := observe.Sweeps{Every: o.PollInterval}
	es, ms := connect.NewElasticsearch(mgr.GetClient(), sweeps), connect.NewEntra(mgr.GetClient(), sweeps)
	for _, c := range Controllers(es, ms) {
		o.Gate.Register(func() {
			if err := c.Setup(mgr, o); err != nil {
				// The gate has no way to hand on an error, and a provider that runs
				// without one of its controllers looks well and is not.
				panic(errors.Wrap(err, "cannot set up controllers"))
			}
		}, c.Needs...)
	}
	return errors.Wrap(errors.Join(mgr.Add(es), mgr.Add(ms)), "cannot set up sweeps")
}
