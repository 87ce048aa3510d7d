package connect

import (
	"context"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Entra connects to tenants of Entra ID.
type Entra = Connector[v1alpha1.ProviderConfigSpec, *graph.Client]

// NewEntra returns a Connector to tenants of Entra ID.
func NewEntra(kube client.Client, sweeps observe.Sweeps) *Entra {
	return newConnector(kube, &v1alpha1.ProviderConfigUsage{}, source[v1alpha1.ProviderConfigSpec, *graph.Client]{
		spec: entraSpec,
		open: func(kind string, s v1alpha1.ProviderConfigSpec, secret secrets) (Connection[*graph.Client], error) {
			return openEntra(kind, s, sweeps, secret)
		},
	})
}

func entraSpec(ctx context.Context, c client.Client, kind string, name types.NamespacedName) (v1alpha1.ProviderConfigSpec, error) {
	if kind == namespacedKind {
		pc := &v1alpha1.ProviderConfig{}
		err := c.Get(ctx, name, pc)
		return pc.Spec, err
	}
	pc := &v1alpha1.ClusterProviderConfig{}
	err := c.Get(ctx, name, pc)
	return pc.Spec, err
}

func openEntra(kind string, s v1alpha1.ProviderConfigSpec, sweeps observe.Sweeps, secret secrets) (Connection[*graph.Client], error) {
	none := Connection[*graph.Client]{}
	// Whoever may write a ProviderConfig would have the provider's own token sent
	// to a host of their choice.
	if kind == namespacedKind && s.Credentials.Source == v1alpha1.SourceWorkloadIdentity {
		return none, errors.New("only a ClusterProviderConfig may use source WorkloadIdentity, the provider's own identity")
	}
	ca, err := secret(s.CABundleSecretRef)
	if err != nil {
		return none, err
	}
	// Without a selector the client secret is empty, and the client signs in
	// with workload identity.
	clientSecret, err := secret(s.Credentials.ClientSecretRef)
	if err != nil {
		return none, err
	}
	c, err := graph.New(graph.Config{
		TenantID: s.TenantID, ClientID: s.ClientID, ClientSecret: trimmed(clientSecret),
		Endpoint: s.Endpoint, AuthorityHost: s.AuthorityHost, CABundle: ca, Sweeps: sweeps,
		Mark: owner.Key + "=" + s.Installation + "/",
	})
	if err != nil {
		return none, err
	}
	return Connection[*graph.Client]{Client: c, Installation: s.Installation, Endpoint: strings.TrimSuffix(s.Endpoint, "/")}, nil
}
