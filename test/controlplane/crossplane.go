package controlplane

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

const (
	crossplaneNamespace = "crossplane-system"
	// Secrets that `crossplane core init` fills.
	rootCASecret    = "crossplane-root-ca"
	clientTLSSecret = "crossplane-tls-client"
)

// startCrossplane installs Crossplane as its chart would, without the Pods: its
// roles, its own initialization, then core and RBAC manager as processes.
func (c *ControlPlane) startCrossplane(ctx context.Context) error {
	source, err := moduleDir(ctx, filepath.Join(c.opts.Root, "test", "binaries", "controlplane"), "github.com/crossplane/crossplane/v2")
	if err != nil {
		return err
	}
	roles, err := chartRoles(source)
	if err != nil {
		return err
	}
	if err := c.apply(ctx, append([]client.Object{namespace(crossplaneNamespace)}, roles...)...); err != nil {
		return err
	}
	if err := c.initializeCrossplane(ctx, source); err != nil {
		return err
	}
	return c.runCrossplane(ctx)
}

// initializeCrossplane runs `crossplane core init` until it succeeds: its first
// run fails, because it uses the definitions that it has only just created. The
// chart runs it as an init container, which Kubernetes repeats for that reason.
func (c *ControlPlane) initializeCrossplane(ctx context.Context, source string) error {
	return c.supervisor.poll(ctx, func(ctx context.Context) error {
		cmd := exec.CommandContext(ctx, c.bin("crossplane"), "core", "init", "--activation=*") //nolint:gosec // Our own program.
		cmd.Env = append(os.Environ(),
			"KUBECONFIG="+c.Kubeconfig(), "ENABLE_WEBHOOKS=false",
			"POD_NAMESPACE="+crossplaneNamespace, "POD_SERVICE_ACCOUNT=crossplane",
			"TLS_CA_SECRET_NAME="+rootCASecret, "TLS_CLIENT_SECRET_NAME="+clientTLSSecret,
			"TLS_SERVER_SECRET_NAME=crossplane-tls-server",
			"CRDS_PATH="+source+"/cluster/crds",
		)
		out, err := cmd.CombinedOutput()
		return errors.Wrapf(err, "crossplane core init: %s", out)
	})
}

// runCrossplane starts core and RBAC manager under their service accounts.
func (c *ControlPlane) runCrossplane(ctx context.Context) error {
	if err := c.readCrossplaneCertificates(ctx); err != nil {
		return err
	}
	core, err := c.serviceAccountKubeconfig(ctx, crossplaneNamespace, "crossplane")
	if err != nil {
		return err
	}
	manager, err := c.serviceAccountKubeconfig(ctx, crossplaneNamespace, "rbac-manager")
	if err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if err := c.supervisor.start(ctx, Program{
		Name: "crossplane-rbac", Path: c.bin("crossplane-rbac"), Env: []string{"KUBECONFIG=" + manager},
		Args: []string{"--metrics-bind-address=0", "rbac", "start", "--provider-clusterrole=crossplane:allowed-provider-permissions"},
	}); err != nil {
		return err
	}
	recommended, err := recommendedArgs(c.opts.Root)
	if err != nil {
		return err
	}
	return c.supervisor.start(ctx, c.core(core, ports[0], ports[1], recommended))
}

// recommendedArgs are the flags that platform teams are told to give core.
func recommendedArgs(root string) ([]string, error) {
	b, err := os.ReadFile(filepath.Join(root, "package", "crossplane", "values.yaml")) //nolint:gosec // A file of this repository.
	if err != nil {
		return nil, errors.Wrap(err, "cannot read the values of Crossplane's chart")
	}
	values := struct {
		Args []string `json:"args"`
	}{}
	return values.Args, errors.Wrap(yaml.Unmarshal(b, &values), "cannot parse the values of Crossplane's chart")
}

func (c *ControlPlane) core(kubeconfig string, metrics, health int, recommended []string) Program {
	c.metrics["crossplane"] = fmt.Sprintf("http://127.0.0.1:%d/metrics", metrics)
	return Program{
		Name: "crossplane", Path: c.bin("crossplane"), Env: []string{"KUBECONFIG=" + kubeconfig},
		Args: append([]string{
			"core", "start", c.debug(),
			// We start what a kubelet would: see runtime.go.
			"--package-runtime=External",
			// A webhook server would need a Service that reaches this process.
			"--enable-webhooks=false",
			"--namespace=" + crossplaneNamespace, "--service-account=crossplane",
			"--cache-dir=" + c.path("xpkg"), "--xfn-cache-dir=" + c.path("xfn"),
			"--tls-client-certs-dir=" + c.path("certs", "crossplane"),
			fmt.Sprintf("--metrics-port=%d", metrics), fmt.Sprintf("--health-probe-port=%d", health),
		}, recommended...),
		Ready: accepts(fmt.Sprintf("127.0.0.1:%d", health)),
	}
}

// readCrossplaneCertificates writes down the certificate by which core calls
// functions, and keeps the authority that signs those of the functions.
func (c *ControlPlane) readCrossplaneCertificates(ctx context.Context) error {
	var root, caller corev1.Secret
	err1 := c.client.Get(ctx, client.ObjectKey{Namespace: crossplaneNamespace, Name: rootCASecret}, &root)
	err2 := c.client.Get(ctx, client.ObjectKey{Namespace: crossplaneNamespace, Name: clientTLSSecret}, &caller)
	if err := errors.Join(err1, err2); err != nil {
		return errors.Wrap(err, "cannot read certificates of Crossplane")
	}
	ca, err := parseAuthority(keyPair{cert: root.Data["tls.crt"], key: root.Data["tls.key"]})
	if err != nil {
		return err
	}
	c.crossplaneCA = ca
	pair := keyPair{cert: caller.Data["tls.crt"], key: caller.Data["tls.key"]}
	return writeTLS(c.path("certs", "crossplane"), pair, caller.Data["ca.crt"])
}
