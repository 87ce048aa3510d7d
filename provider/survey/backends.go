package survey

import (
	"context"
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	elasticsearchapi "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entraapi "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/datastream"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/group"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/index"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/lifecyclepolicy"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/role"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/rolemapping"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Backends are Elasticsearch and Entra ID, as the provider's own controllers would see
// them. They are read where the control plane's ClusterProviderConfigs say, and with the
// caller's credentials, so no Secret is read.
type Backends struct {
	kube        client.Reader
	credentials Credentials
	searches    map[string]connect.Connection[*elasticsearch.Client]
	directories map[string]connect.Connection[*graph.Client]
}

// Behind returns the backends of a control plane. Those without credentials are not
// looked at.
func Behind(kube client.Reader, c Credentials) *Backends {
	return &Backends{
		kube: kube, credentials: c,
		searches: map[string]connect.Connection[*elasticsearch.Client]{}, directories: map[string]connect.Connection[*graph.Client]{},
	}
}

// A Sighting is what has the name of a managed resource that is not made yet.
type Sighting struct {
	Exists  bool
	Adopted bool   // It was there before, and the resource takes it over.
	Refusal string // Why the resource may not have it.
}

// Look asks what a managed resource would find, by the very observation that the
// controller of its kind begins with. It only reads. Of API keys there may be many of a
// name, so nothing is asked.
func (b *Backends) Look(ctx context.Context, object map[string]any) (Sighting, error) {
	switch text(object, "kind") {
	case elasticsearchapi.IndexGroupVersionKind.Kind:
		return lookInSearch(ctx, b, object, &elasticsearchapi.Index{}, index.External)
	case elasticsearchapi.DataStreamGroupVersionKind.Kind:
		return lookInSearch(ctx, b, object, &elasticsearchapi.DataStream{}, datastream.External)
	case elasticsearchapi.RoleGroupVersionKind.Kind:
		return lookInSearch(ctx, b, object, &elasticsearchapi.Role{}, role.External)
	case elasticsearchapi.RoleMappingGroupVersionKind.Kind:
		return lookInSearch(ctx, b, object, &elasticsearchapi.RoleMapping{}, rolemapping.External)
	case elasticsearchapi.LifecyclePolicyGroupVersionKind.Kind:
		return lookInSearch(ctx, b, object, &elasticsearchapi.LifecyclePolicy{}, lifecyclepolicy.External)
	case entraapi.GroupGroupVersionKind.Kind:
		return lookInDirectory(ctx, b, object, &entraapi.Group{}, group.External)
	default:
		return Sighting{}, nil
	}
}

func lookInSearch[T kind.Managed](ctx context.Context, b *Backends, object map[string]any, mr T,
	external func(connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[T],
) (Sighting, error) {
	if !b.credentials.search() {
		return Sighting{}, nil
	}
	config := text(object, "spec", "providerConfigRef", "name")
	conn, known := b.searches[config]
	if !known {
		var err error
		if conn, err = connectSearch(ctx, b.kube, b.credentials, config); err != nil {
			return Sighting{}, err
		}
		b.searches[config] = conn
	}
	return sight(ctx, object, mr, external(conn))
}

func lookInDirectory[T kind.Managed](ctx context.Context, b *Backends, object map[string]any, mr T,
	external func(connect.Connection[*graph.Client]) managed.TypedExternalClient[T],
) (Sighting, error) {
	if !b.credentials.directory() {
		return Sighting{}, nil
	}
	config := text(object, "spec", "providerConfigRef", "name")
	conn, known := b.directories[config]
	if !known {
		var err error
		if conn, err = connectDirectory(ctx, b.kube, b.credentials, config); err != nil {
			return Sighting{}, err
		}
		b.directories[config] = conn
	}
	return sight(ctx, object, mr, external(conn))
}

// sight is what an external client finds of a resource.
func sight[T kind.Managed](ctx context.Context, object map[string]any, mr T, external managed.TypedExternalClient[T]) (Sighting, error) {
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object, mr); err != nil {
		return Sighting{}, fmt.Errorf("cannot read %s %q: %w", text(object, "kind"), text(object, "metadata", "name"), err)
	}
	seen, err := external.Observe(ctx, mr)
	switch {
	case owner.IsRefusal(err):
		return Sighting{Exists: true, Refusal: err.Error()}, nil
	case err != nil:
		return Sighting{}, fmt.Errorf("cannot look for %s %q: %w", text(object, "kind"), mr.GetName(), err)
	default:
		return Sighting{Exists: seen.ResourceExists, Adopted: mr.Custody().Object.Adopted}, nil
	}
}
