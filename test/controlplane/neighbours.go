package controlplane

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// gatewayAddress is where Kong's gateway would be reached: an address kept for
// documentation, to which nobody can connect. manifests/neighbours.yaml publishes
// it as gateway.example.com, the target of the Blueprint of examples/.
const gatewayAddress = "192.0.2.80"

// The neighbours, by the names that Options.Without knows.
const (
	CertManager = "cert-manager"
	DNS         = "dns" // ExternalDNS, and the name server that it publishes to.
	Kong        = "kong"
)

// startNeighbours starts the real programs that make what Plumbline composes
// true: cert-manager issues certificates, ExternalDNS publishes records, Kong's
// controller configures its gateway. Each has a service account of its own, with
// the roles that its own manifests give it.
func (c *ControlPlane) startNeighbours(ctx context.Context) error {
	files, err := NeighbourFiles(ctx, c.opts.Root)
	if err != nil {
		return err
	}
	if err := c.ApplyFiles(ctx, files...); err != nil {
		return err
	}
	if err := c.applyManifest(ctx, "neighbours.yaml"); err != nil {
		return err
	}
	for _, neighbour := range []struct {
		name     string
		programs func(context.Context) ([]Program, error)
	}{{CertManager, c.certManager}, {DNS, c.dns}, {Kong, c.kongController}} {
		if slices.Contains(c.opts.Without, neighbour.name) {
			continue
		}
		programs, err := neighbour.programs(ctx)
		if err != nil {
			return err
		}
		for _, p := range programs {
			if err := c.supervisor.start(ctx, p); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"issuers.yaml", "gateway.yaml"} {
		if err := c.applyManifest(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// NeighbourFiles returns the definitions of the neighbours' kinds, and Kong's
// roles, from the modules that test/binaries pins.
func NeighbourFiles(ctx context.Context, root string) ([]string, error) {
	var out []string
	for _, source := range []struct{ binary, module, pattern string }{
		{"certmanager", "github.com/cert-manager/cert-manager", "deploy/crds/cert-manager.io_*.yaml"},
		{"externaldns", "sigs.k8s.io/external-dns", "config/crd/standard/dnsendpoints.externaldns.k8s.io.yaml"},
		{"kong", "github.com/kong/kubernetes-configuration", "config/crd/ingress-controller/configuration.konghq.com_*.yaml"},
		{"kong", "sigs.k8s.io/gateway-api", "config/crd/standard/gateway.networking.k8s.io_*.yaml"},
		{"kong", "github.com/kong/kubernetes-ingress-controller/v3", "config/rbac/role.yaml"},
		{"kong", "github.com/kong/kubernetes-ingress-controller/v3", "config/rbac/gateway/role.yaml"},
		{"kong", "github.com/kong/kubernetes-ingress-controller/v3", "config/rbac/crds/role.yaml"},
	} {
		dir, err := moduleDir(ctx, filepath.Join(root, "test", "binaries", source.binary), source.module)
		if err != nil {
			return nil, err
		}
		files, err := filepath.Glob(filepath.Join(dir, source.pattern))
		if err != nil || len(files) == 0 {
			return nil, errors.Errorf("cannot find %q in module %s", source.pattern, source.module)
		}
		out = append(out, files...)
	}
	return out, nil
}

func (c *ControlPlane) certManager(ctx context.Context) ([]Program, error) {
	kubeconfig, err := c.serviceAccountKubeconfig(ctx, "cert-manager", "cert-manager")
	return []Program{{
		Name: "cert-manager", Path: c.bin("cert-manager"),
		Args: []string{"--kubeconfig", kubeconfig},
	}}, err
}

func (c *ControlPlane) kongController(ctx context.Context) ([]Program, error) {
	kubeconfig, err := c.serviceAccountKubeconfig(ctx, "kong", "kong")
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	address := func(i int) string { return fmt.Sprintf("127.0.0.1:%d", ports[i]) }
	c.metrics["kong-ingress-controller"] = "http://" + address(0) + "/metrics"
	return []Program{{
		Name: "kong-ingress-controller", Path: c.bin("kong-ingress-controller"),
		Env: []string{"POD_NAME=kong", "POD_NAMESPACE=kong"},
		Args: []string{
			"--kubeconfig=" + kubeconfig, "--kong-admin-url=" + c.standIns.kong,
			"--publish-service=kong/kong-proxy", "--publish-status-address=" + gatewayAddress,
			"--force-leader-election=disabled", "--anonymous-reports=false",
			// No GRPCRoutes, which nobody composes, and no facades: their kind is not
			// installed.
			"--enable-controller-gwapi-grpcroute=false", "--enable-controller-kong-service-facade=false",
			"--proxy-sync-seconds=" + c.paced("3", "0.5"), "--init-cache-sync-duration=1s",
			// With this gate it looks first whether anything changed. Without, it
			// translates every Ingress at each interval, for the same outcome.
			"--feature-gates=FallbackConfiguration=true",
			"--metrics-bind-address=" + address(0), "--health-probe-bind-address=" + address(1),
			"--diagnostic-server-port=" + fmt.Sprint(ports[2]),
		},
		Ready: func(ctx context.Context) error {
			return answersOK(ctx, http.DefaultClient, "http://"+address(1)+"/readyz")
		},
	}}, nil
}
