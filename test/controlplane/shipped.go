package controlplane

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	pkgv1beta1 "github.com/crossplane/crossplane/apis/v2/pkg/v1beta1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ProviderProgram is the name under which the provider runs.
const ProviderProgram = providerPackage

// StartProvider starts Kubernetes, the backends' stand-ins, and the provider as
// package/runtime has Crossplane run it, with nothing else around it: neither
// Crossplane nor its RBAC manager, so that it may do everything.
func StartProvider(ctx context.Context, o Options) (*ControlPlane, error) {
	return start(ctx, o, slices.Concat(stages()[:3], []stage{{"start the provider", (*ControlPlane).startShippedProvider}}))
}

func (c *ControlPlane) startShippedProvider(ctx context.Context) error {
	crds, err := filepath.Glob(filepath.Join(c.opts.Root, "package", "provider", "crds", "*.yaml"))
	if err != nil || len(crds) == 0 {
		return errors.Errorf("cannot find the definitions of the provider: %v", err)
	}
	if err := c.ApplyFiles(ctx, crds...); err != nil {
		return err
	}
	if err := c.apply(ctx, namespace(crossplaneNamespace), namespace(systemNamespace), mayDoEverything(),
		c.backendSecret(), c.elasticsearchConfig(), c.entraConfig()); err != nil {
		return err
	}
	kubeconfig, err := c.serviceAccountKubeconfig(ctx, crossplaneNamespace, providerPackage)
	if err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	shipped, err := shippedProvider(c.opts.Root)
	if err != nil {
		return err
	}
	p := c.providerProgram(kubeconfig, ports[0], ports[1], shipped.Args...)
	p.Env = append(p.Env, "POD_NAMESPACE="+crossplaneNamespace)
	for _, e := range shipped.Env {
		if e.Value != "" {
			p.Env = append(p.Env, e.Name+"="+e.Value)
		}
	}
	c.provider = p
	return c.supervisor.start(ctx, p)
}

// shippedProvider is the container of the provider that package/runtime describes.
func shippedProvider(root string) (corev1.Container, error) {
	b, err := os.ReadFile(filepath.Join(root, "package", "runtime", "provider.yaml")) //nolint:gosec // A manifest of this repository.
	if err != nil {
		return corev1.Container{}, errors.Wrap(err, "cannot read manifest")
	}
	objects, err := decodeYAML(b)
	if err != nil {
		return corev1.Container{}, err
	}
	for _, o := range objects {
		u, err := toUnstructured(o)
		if err != nil || u.GetKind() != pkgv1beta1.DeploymentRuntimeConfigKind {
			continue
		}
		config := &pkgv1beta1.DeploymentRuntimeConfig{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, config); err != nil {
			return corev1.Container{}, errors.Wrap(err, "cannot parse the runtime of the provider")
		}
		if t := config.Spec.DeploymentTemplate; t != nil && t.Spec != nil && len(t.Spec.Template.Spec.Containers) == 1 {
			return t.Spec.Template.Spec.Containers[0], nil
		}
	}
	return corev1.Container{}, errors.New("cannot find the container of the provider in package/runtime/provider.yaml")
}

// mayDoEverything stands in for the role that Crossplane's RBAC manager makes.
func mayDoEverything() client.Object {
	return &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: providerPackage},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
		Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: crossplaneNamespace, Name: providerPackage}},
	}
}
