package survey

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// found is what is there.
type found struct {
	namespace corev1.Namespace
	quotas    corev1.ResourceQuotaList
	bindings  rbacv1.RoleBindingList
	policies  networkingv1.NetworkPolicyList
	ingresses networkingv1.IngressList
	services  corev1.ServiceList
	search    searchFound
	group     groupFound
}

// look reads what is there, each as far as the caller gave credentials for it.
func look(ctx context.Context, kube client.Reader, q Question, b v1alpha1.Blueprint, n names) (found, error) {
	f := found{}
	if err := kube.Get(ctx, client.ObjectKey{Name: q.Namespace}, &f.namespace); err != nil {
		return f, fmt.Errorf("cannot get namespace %q: %w", q.Namespace, err)
	}
	for _, list := range []client.ObjectList{&f.quotas, &f.bindings, &f.policies, &f.ingresses, &f.services} {
		if err := kube.List(ctx, list, client.InNamespace(q.Namespace)); err != nil {
			return f, fmt.Errorf("cannot list objects in namespace %q: %w", q.Namespace, err)
		}
	}
	var err error
	if f.search, err = lookAtSearch(ctx, kube, q, b.Search.ProviderConfig, n); err != nil {
		return f, err
	}
	f.group, err = lookAtGroup(ctx, kube, q, b.Identity.ProviderConfig, n)
	return f, err
}

// blueprint returns the EnvironmentConfig that the platform team wrote.
func (q *Question) blueprint(ctx context.Context, kube client.Reader) (map[string]any, error) {
	if q.Blueprint != nil {
		return q.Blueprint, nil
	}
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("apiextensions.crossplane.io/v1beta1")
	u.SetKind("EnvironmentConfig")
	const name = "plumbline-blueprint"
	if err := kube.Get(ctx, client.ObjectKey{Name: name}, u); err != nil {
		return nil, fmt.Errorf("cannot get EnvironmentConfig %q: %w", name, err)
	}
	return u.Object, nil
}

func text(o map[string]any, path ...string) string {
	s, _, _ := unstructured.NestedString(o, path...) // Nothing where there is none.
	return s
}

func externalName(o map[string]any) string {
	return text(o, "metadata", "annotations", "crossplane.io/external-name")
}
