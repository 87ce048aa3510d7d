package compose

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// limitRange fills in requests and limits that a container leaves out: with a quota
// on them, Kubernetes refuses a container that has none.
func limitRange(p environment.Plan, _ World) []Part {
	c := p.Namespace.Container
	if len(c.DefaultRequest)+len(c.DefaultLimit)+len(c.Max) == 0 {
		return nil
	}
	return []Part{{
		Name:       "limits",
		Capability: status.Namespace,
		Needs:      []string{PartNamespace},
		Resource: &corev1.LimitRange{
			TypeMeta:   typeMeta("v1", "LimitRange"),
			ObjectMeta: meta(p, "environment"),
			Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
				Type:           corev1.LimitTypeContainer,
				DefaultRequest: c.DefaultRequest,
				Default:        c.DefaultLimit,
				Max:            c.Max,
			}}},
		},
	}}
}
