package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const blueprintPath = "/apis/apiextensions.crossplane.io/v1beta1/environmentconfigs/plumbline-blueprint"

// A ControlPlane is read, and never written.
type ControlPlane struct{ api rest.Interface }

// Connect returns the control plane of a client's configuration.
func Connect(config *rest.Config) (ControlPlane, error) {
	config = rest.CopyConfig(config)
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	api, err := rest.UnversionedRESTClientFor(config)
	if err != nil {
		return ControlPlane{}, fmt.Errorf("cannot connect: %w", err)
	}
	return ControlPlane{api: api}, nil
}

// Claims returns the claims of a team, or of all teams where none is named, by a
// single request, however many there are.
func (p ControlPlane) Claims(ctx context.Context, team string) ([]Claim, error) {
	path := "/apis/" + v1alpha1.GroupVersion.String()
	if team != "" {
		path += "/namespaces/" + team
	}
	raw, err := p.api.Get().AbsPath(path + "/serviceenvironments").Do(ctx).Raw()
	if kerrors.IsNotFound(err) {
		return nil, errors.New("cannot find the kind ServiceEnvironment; is Plumbline installed on this control plane?")
	}
	if err != nil {
		return nil, fmt.Errorf("cannot list claims: %w", err)
	}
	var list struct {
		Items []Claim `json:"items"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("cannot read claims: %w", err)
	}
	return list.Items, nil
}

// Blueprint returns the EnvironmentConfig that holds the Blueprint.
func (p ControlPlane) Blueprint(ctx context.Context) (map[string]any, error) {
	raw, err := p.api.Get().AbsPath(blueprintPath).Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("cannot get the Blueprint: %w", err)
	}
	var config map[string]any
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, fmt.Errorf("cannot read the Blueprint: %w", err)
	}
	return config, nil
}

// list reads all objects of a kind that Plumbline composed.
func list[T any](ctx context.Context, p ControlPlane, path string) ([]T, error) {
	raw, err := p.api.Get().AbsPath(path).Param("labelSelector", "app.kubernetes.io/managed-by=plumbline").Do(ctx).Raw()
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", path, err)
	}
	var out struct {
		Items []T `json:"items"`
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	}
	return out.Items, nil
}
