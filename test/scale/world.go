package scale

import (
	"context"
	"net/http"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	extensions "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis"
)

// A Plane is a running control plane.
type Plane struct {
	Kubeconfig string
	AuditLog   string
	PIDs       map[string]int
	Metrics    map[string]string
}

// A world is a control plane that is being measured.
type world struct {
	plane    Plane
	config   *rest.Config
	k        client.Client
	http     *http.Client // Signs in as the administrator, and trusts the control plane's authority.
	backends map[string]string
	audit    *auditLog
	teams    map[string]bool // Namespaces of teams that are there.
}

// reach connects to a control plane.
func reach(ctx context.Context, p Plane) (*world, error) {
	config, err := clientcmd.BuildConfigFromFlags("", p.Kubeconfig)
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read %q", p.Kubeconfig)
	}
	config.QPS = -1 // What is measured must not wait for who measures.
	config.WarningHandler = rest.NoWarnings{}
	s := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{scheme.AddToScheme, extensions.AddToScheme, pkgv1.AddToScheme, apis.AddToScheme} {
		if err := add(s); err != nil {
			return nil, err
		}
	}
	k, err := client.New(config, client.Options{Scheme: s})
	if err != nil {
		return nil, errors.Wrap(err, "cannot connect")
	}
	clients, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, errors.Wrap(err, "cannot connect")
	}
	backends, err := findBackends(ctx, k)
	return &world{
		plane: p, config: config, k: client.WithFieldOwner(k, "scale"), http: clients, backends: backends,
		audit: &auditLog{file: p.AuditLog, writes: map[string]map[string]int{}},
		teams: map[string]bool{},
	}, err
}

// blueprintOf reads the platform team's Blueprint of the examples.
func blueprintOf(root string) (map[string]any, error) {
	b, err := os.ReadFile(root + "/examples/blueprint.yaml") //nolint:gosec // An example of this repository.
	if err != nil {
		return nil, errors.Wrap(err, "cannot read Blueprint")
	}
	out := map[string]any{}
	return out, errors.Wrap(yaml.Unmarshal(b, &out), "cannot parse Blueprint")
}
