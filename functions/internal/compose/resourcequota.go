package compose

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

func resourceQuota(p environment.Plan, _ World) []Part {
	return []Part{{
		Name:       "quota",
		Capability: status.Namespace,
		Needs:      []string{PartNamespace},
		Resource: &corev1.ResourceQuota{
			TypeMeta:   typeMeta("v1", "ResourceQuota"),
			ObjectMeta: meta(p, "environment"),
			Spec:       corev1.ResourceQuotaSpec{Hard: p.Namespace.Quota},
		},
	}}
}
