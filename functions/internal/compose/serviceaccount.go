package compose

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// serviceAccount is the one that the pods of the service run as. Its part carries its
// name: another name is another account.
func serviceAccount(p environment.Plan, _ World) []Part {
	resource := &corev1.ServiceAccount{
		TypeMeta:                     typeMeta("v1", "ServiceAccount"),
		ObjectMeta:                   meta(p, p.ServiceAccount.Name),
		AutomountServiceAccountToken: &p.ServiceAccount.AutomountToken,
	}
	resource.Annotations = p.ServiceAccount.Annotations
	for _, name := range p.ServiceAccount.ImagePullSecrets {
		resource.ImagePullSecrets = append(resource.ImagePullSecrets, corev1.LocalObjectReference{Name: name})
	}
	return []Part{{
		Name:       "service-account-" + p.ServiceAccount.Name,
		Capability: status.Namespace,
		Needs:      []string{PartNamespace},
		Resource:   resource,
	}}
}
