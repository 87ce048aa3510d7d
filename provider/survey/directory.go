package survey

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

// groupFound is what Entra ID holds.
type groupFound struct {
	looked       bool
	installation string
	endpoint     string
	group        *graph.Group
	members      []graph.Principal
	owners       []graph.Principal
}

// lookAtGroup reads the group where the provider has it, with the caller's
// credentials.
func lookAtGroup(ctx context.Context, kube client.Reader, q Question, config string, n names) (groupFound, error) {
	c := q.Credentials
	if c.AzureClientSecret == "" {
		return groupFound{}, nil
	}
	pc := &v1alpha1.ClusterProviderConfig{}
	if err := kube.Get(ctx, client.ObjectKey{Name: config}, pc); err != nil {
		return groupFound{}, fmt.Errorf("cannot get ClusterProviderConfig %q of Entra ID: %w", config, err)
	}
	directory, err := graph.New(graph.Config{
		TenantID: pc.Spec.TenantID, ClientID: c.AzureClientID, ClientSecret: c.AzureClientSecret,
		Endpoint: pc.Spec.Endpoint, AuthorityHost: pc.Spec.AuthorityHost, CABundle: c.CABundle,
	})
	if err != nil {
		return groupFound{}, fmt.Errorf("cannot connect to Entra ID: %w", err)
	}
	f := groupFound{looked: true, installation: pc.Spec.Installation, endpoint: pc.Spec.Endpoint}
	name := q.Group
	if name == "" {
		name = n.group
	}
	if f.group, err = findGroup(ctx, directory, name); err != nil || f.group == nil {
		return f, err
	}
	if f.members, err = directory.Related(ctx, f.group.ID, graph.Members); err != nil {
		return f, fmt.Errorf("cannot list members of group %q: %w", name, err)
	}
	if f.owners, err = directory.Related(ctx, f.group.ID, graph.Owners); err != nil {
		return f, fmt.Errorf("cannot list owners of group %q: %w", name, err)
	}
	return f, nil
}

// findGroup finds a group by its object id, or by its display name, which several may
// have.
func findGroup(ctx context.Context, directory *graph.Client, name string) (*graph.Group, error) {
	if graph.IsObjectID(name) {
		g, err := directory.Group(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("cannot get group %q: %w", name, err)
		}
		return &g, nil
	}
	groups, err := directory.GroupsByDisplayName(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("cannot find group %q: %w", name, err)
	}
	switch len(groups) {
	case 0:
		return nil, nil //nolint:nilnil // That there is none is an answer.
	case 1:
		return &groups[0], nil
	default:
		return nil, fmt.Errorf("cannot tell which group is meant: %d have the display name %q; name its object id", len(groups), name)
	}
}
