package compose

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// PartNamespace is the part that all inside the namespace need.
const PartNamespace = "namespace"

// namespace is named, not generated, because people type it.
func namespace(p environment.Plan, w World) []Part {
	labels := maps.Clone(p.Namespace.Labels)
	if used := InUse(w.Observed); labels[environment.LabelProtected] == "" && slices.ContainsFunc(p.Namespace.HeldBy, func(u v1alpha1.Use) bool { return slices.Contains(used, u) }) {
		labels[environment.LabelProtected] = environment.ProtectedInUse
	}
	return []Part{{
		Name:       PartNamespace,
		Capability: status.Namespace,
		Resource: &corev1.Namespace{
			TypeMeta: typeMeta("v1", "Namespace"),
			ObjectMeta: metav1.ObjectMeta{
				Name:        p.Namespace.Name,
				Labels:      labels,
				Annotations: maps.Clone(p.Namespace.Annotations),
			},
		},
		Health: namespaceHealth,
		Usable: namespaceActive,
		Settle: func(o Object) { o.set(string(corev1.NamespaceActive), "status", "phase") },
	}}
}

// namespaceActive also holds for what is created inside: a namespace that is not
// active refuses it, and the refusal would end Crossplane's whole pass.
func namespaceActive(o Object) bool {
	return o.text("status", "phase") == string(corev1.NamespaceActive) && !o.deleting()
}

func namespaceHealth(o Object) status.Health {
	if !namespaceActive(o) {
		return status.Progressing(status.ReasonCreating, "Not active yet")
	}
	return status.Available()
}
