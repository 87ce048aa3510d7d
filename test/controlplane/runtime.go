package controlplane

import (
	"context"
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	pkgv1 "github.com/crossplane/crossplane/apis/v2/pkg/v1"
	appsv1 "k8s.io/api/apps/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What follows plays the package runtime. Under --package-runtime=External
// Crossplane installs packages and leaves their programs to somebody else, who
// must give each revision the Secret of its certificate, the endpoint of a
// function, and the condition RuntimeHealthy.

// runFunction runs the function of the active revision and tells Crossplane
// where it listens.
func (c *ControlPlane) runFunction(ctx context.Context) error {
	revision := &pkgv1.FunctionRevision{}
	if err := c.awaitRevision(ctx, functionPackage, &pkgv1.FunctionRevisionList{}, revision); err != nil {
		return err
	}
	pair, err := c.crossplaneCA.server(functionPackage)
	if err != nil {
		return err
	}
	if err := writeTLS(c.path("certs", functionPackage), pair, c.crossplaneCA.pem); err != nil {
		return err
	}
	secret, err := c.serverSecret(ctx, functionPackage, pair)
	if err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	endpoint := fmt.Sprintf("127.0.0.1:%d", ports[0])
	if err := c.supervisor.start(ctx, c.Function(endpoint, ports[1])); err != nil {
		return err
	}
	return c.updateStatus(ctx, revision, func() {
		revision.Status.Endpoint = endpoint
		revision.Status.TLSServerSecretName = &secret
		revision.SetConditions(pkgv1.RuntimeHealthy())
	})
}

// Function is the shipped program of the function.
func (c *ControlPlane) Function(endpoint string, metrics int) Program {
	c.metrics[functionPackage] = fmt.Sprintf("http://127.0.0.1:%d/metrics", metrics)
	c.function = Program{
		Name: functionPackage, Path: c.bin("function-service-environment"),
		Args: []string{
			"--address=" + endpoint,
			"--tls-certs-dir=" + c.path("certs", functionPackage),
			fmt.Sprintf("--metrics-address=127.0.0.1:%d", metrics),
		},
		Ready: accepts(endpoint),
	}
	return c.function
}

// KillFunction ends the function as a power failure would.
func (c *ControlPlane) KillFunction() error { return c.supervisor.kill(functionPackage) }

// RestartFunction starts the function again after it was killed.
func (c *ControlPlane) RestartFunction(ctx context.Context) error {
	return c.supervisor.start(ctx, c.function)
}

// runProvider runs the provider of the active revision under a service account
// of its own. Crossplane's RBAC manager grants its role to the service account
// that the provider's Deployment names, so there is a Deployment, of no Pods.
func (c *ControlPlane) runProvider(ctx context.Context) error {
	revision := &pkgv1.ProviderRevision{}
	if err := c.awaitRevision(ctx, providerPackage, &pkgv1.ProviderRevisionList{}, revision); err != nil {
		return err
	}
	pair, err := c.crossplaneCA.server(providerPackage)
	if err != nil {
		return err
	}
	secret, err := c.serverSecret(ctx, providerPackage, pair)
	if err != nil {
		return err
	}
	if err := c.apply(ctx, providerDeployment(revision)); err != nil {
		return err
	}
	// Crossplane establishes the kinds of the provider once it has this secret,
	// and its RBAC manager then grants the provider access to them.
	if err := c.updateStatus(ctx, revision, func() { revision.Status.TLSServerSecretName = &secret }); err != nil {
		return err
	}
	kubeconfig, err := c.serviceAccountKubeconfig(ctx, crossplaneNamespace, providerPackage)
	if err != nil {
		return err
	}
	if err := c.supervisor.poll(ctx, c.providerMayWork); err != nil {
		return errors.Wrap(err, "the provider has no access to its kinds")
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	if err := c.supervisor.start(ctx, c.providerProgram(kubeconfig, ports[0], ports[1],
		c.debug(), "--poll-interval="+c.paced("1m", "10s"))); err != nil {
		return err
	}
	return c.updateStatus(ctx, revision, func() { revision.SetConditions(pkgv1.RuntimeHealthy()) })
}

// providerProgram is the shipped program of the provider.
func (c *ControlPlane) providerProgram(kubeconfig string, metrics, health int, args ...string) Program {
	c.metrics[providerPackage] = fmt.Sprintf("http://127.0.0.1:%d/metrics", metrics)
	c.provider = Program{
		Name: providerPackage, Path: c.bin("provider-plumbline"), Env: []string{"KUBECONFIG=" + kubeconfig},
		Args: append([]string{
			fmt.Sprintf("--metrics-address=127.0.0.1:%d", metrics),
			fmt.Sprintf("--health-address=127.0.0.1:%d", health),
		}, args...),
		Ready: accepts(fmt.Sprintf("127.0.0.1:%d", health)),
	}
	return c.provider
}

func (c *ControlPlane) debug() string { return fmt.Sprintf("--debug=%t", !c.opts.AsShipped) }

// paced is what a program has by its own default, or for those who wait.
func (c *ControlPlane) paced(itself, hurried string) string {
	if c.opts.AsShipped {
		return itself
	}
	return hurried
}

// KillProvider ends the provider as a power failure would.
func (c *ControlPlane) KillProvider() error { return c.supervisor.kill(providerPackage) }

// RestartProvider starts the provider again after it was killed.
func (c *ControlPlane) RestartProvider(ctx context.Context) error {
	return c.supervisor.start(ctx, c.provider)
}

func providerDeployment(owner *pkgv1.ProviderRevision) *appsv1.Deployment {
	labels := map[string]string{"pkg.crossplane.io/revision": owner.GetName()}
	none := int32(0)
	controls := true
	return &appsv1.Deployment{
		TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: crossplaneNamespace, Name: owner.GetName(),
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: pkgv1.SchemeGroupVersion.String(), Kind: pkgv1.ProviderRevisionKind,
				Name: owner.GetName(), UID: owner.GetUID(), Controller: &controls,
			}},
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &none,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					ServiceAccountName: providerPackage,
					Containers:         []corev1.Container{{Name: "package-runtime", Image: owner.Spec.Package}},
				},
			},
		},
	}
}

// serverSecret creates the Secret that the runtime keeps a package's certificate in.
func (c *ControlPlane) serverSecret(ctx context.Context, pkg string, pair keyPair) (string, error) {
	name := pkg + "-tls-server"
	return name, c.apply(ctx, &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: crossplaneNamespace, Name: name},
		Data:       map[string][]byte{"tls.crt": pair.cert, "tls.key": pair.key, "ca.crt": c.crossplaneCA.pem},
	})
}

// providerMayWork returns nil once the provider may see what it must: starting
// it earlier would cost it its informers' backoff.
func (c *ControlPlane) providerMayWork(ctx context.Context) error {
	for _, resource := range []authorizationv1.ResourceAttributes{
		{Group: "apiextensions.k8s.io", Resource: "customresourcedefinitions", Verb: "list"},
		{Group: "elasticsearch.plumbline.dev", Resource: "indices", Verb: "update"},
		{Group: "entra.plumbline.dev", Resource: "groups", Verb: "update"},
		{Group: "custody.plumbline.dev", Resource: "tombstones", Verb: "update"},
	} {
		review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:" + crossplaneNamespace + ":" + providerPackage,
			ResourceAttributes: &resource,
		}}
		if err := c.client.Create(ctx, review); err != nil {
			return err
		}
		if !review.Status.Allowed {
			return errors.Errorf("it may not %s %s", resource.Verb, resource.Resource)
		}
	}
	return nil
}
