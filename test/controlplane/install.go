package controlplane

import (
	"context"
	"path/filepath"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/package/build"
)

// Names that Crossplane gives the packages that the Configuration depends on:
// the path of their repository as a DNS label.
const (
	functionPackage = "plumbline-function-service-environment"
	providerPackage = "plumbline-provider-plumbline"
)

// installPackages installs the Configuration, as a platform team does, and what
// no package may hold. Crossplane brings in function and provider; what a
// kubelet would do for them we do, as the External package runtime.
func (c *ControlPlane) installPackages(ctx context.Context) error {
	for _, dir := range []string{"rbac", "admission"} {
		files, err := filepath.Glob(filepath.Join(c.opts.Root, "package", dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			return errors.Errorf("cannot find the manifests of package/%s", dir)
		}
		if err := c.ApplyFiles(ctx, files...); err != nil {
			return err
		}
	}
	configuration := &pkgv1.Configuration{
		TypeMeta:   metav1.TypeMeta{APIVersion: pkgv1.SchemeGroupVersion.String(), Kind: "Configuration"},
		ObjectMeta: metav1.ObjectMeta{Name: "plumbline-configuration-service-environment"},
		Spec: pkgv1.ConfigurationSpec{PackageSpec: pkgv1.PackageSpec{
			Package: build.Repository + "/configuration-service-environment:" + packageVersion,
		}},
	}
	if err := c.apply(ctx, configuration); err != nil {
		return err
	}
	if err := c.runFunction(ctx); err != nil {
		return err
	}
	if err := c.runProvider(ctx); err != nil {
		return err
	}
	return c.supervisor.poll(ctx, c.packagesHealthy)
}

// awaitRevision waits for the active revision of a package and reads it into out.
func (c *ControlPlane) awaitRevision(ctx context.Context, pkg string, list pkgv1.PackageRevisionList, out client.Object) error {
	return c.supervisor.poll(ctx, func(ctx context.Context) error {
		if err := c.client.List(ctx, list, client.MatchingLabels{pkgv1.LabelParentPackage: pkg}); err != nil {
			return err
		}
		for _, r := range list.GetRevisions() {
			if r.GetDesiredState() == pkgv1.PackageRevisionActive {
				return c.client.Get(ctx, client.ObjectKeyFromObject(r), out)
			}
		}
		return errors.Errorf("package %s has no active revision", pkg)
	})
}

// updateStatus changes the status of an object, on its newest version.
func (c *ControlPlane) updateStatus(ctx context.Context, o client.Object, change func()) error {
	return c.supervisor.poll(ctx, func(ctx context.Context) error {
		if err := c.client.Get(ctx, client.ObjectKeyFromObject(o), o); err != nil {
			return err
		}
		change()
		return c.client.Status().Update(ctx, o)
	})
}

// packagesHealthy returns nil once every package is installed and healthy.
func (c *ControlPlane) packagesHealthy(ctx context.Context) error {
	for _, l := range []pkgv1.PackageList{&pkgv1.ConfigurationList{}, &pkgv1.FunctionList{}, &pkgv1.ProviderList{}} {
		if err := c.client.List(ctx, l); err != nil {
			return err
		}
		for _, p := range l.GetPackages() {
			for _, t := range []xpv2.ConditionType{pkgv1.TypeInstalled, pkgv1.TypeHealthy} {
				if got := p.GetCondition(t); got.Status != corev1.ConditionTrue {
					return errors.Errorf("package %s is not %s: %s", p.GetName(), t, got.Message)
				}
			}
		}
	}
	return nil
}
