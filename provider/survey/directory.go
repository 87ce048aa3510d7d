package survey

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
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
	if !q.Credentials.directory() {
		return groupFound{}, nil
	}
	conn, err := connectDirectory(ctx, kube, q.Credentials, config)
	if err != nil {
		return groupFound{}, err
	}
	directory := conn.Client
	f := groupFound{looked: true, installation: conn.Installation, endpoint: conn.Endpoint}
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

// directory says whether there are any for Entra ID.
func (c Credentials) directory() bool { return c.AzureClientSecret != "" }

// connectDirectory reaches Microsoft Graph where a ClusterProviderConfig says.
func connectDirectory(ctx context.Context, kube client.Reader, c Credentials, config string) (connect.Connection[*graph.Client], error) {
	pc := &v1alpha1.ClusterProviderConfig{}
	if err := kube.Get(ctx, client.ObjectKey{Name: config}, pc); err != nil {
		return connect.Connection[*graph.Client]{}, fmt.Errorf("cannot get ClusterProviderConfig %q of Entra ID: %w", config, err)
	}
	directory, err := graph.New(graph.Config{
		TenantID: pc.Spec.TenantID, ClientID: c.AzureClientID, ClientSecret: c.AzureClientSecret,
		Endpoint: pc.Spec.Endpoint, AuthorityHost: pc.Spec.AuthorityHost, CABundle: c.CABundle,
	})
	if err != nil {
		return connect.Connection[*graph.Client]{}, fmt.Errorf("cannot connect to Entra ID: %w", err)
	}
	return connect.Connection[*graph.Client]{Client: directory, Installation: pc.Spec.Installation, Endpoint: pc.Spec.Endpoint}, nil
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
