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

// PartNamespaceLease is the right to a namespace that was taken over.
const PartNamespaceLease = "namespace-lease"

// annotationNamespace tells people which namespace a Lease is for.
const annotationNamespace = "plumbline.dev/namespace"

// namespace is named, not generated, because people type it. One that was taken over
// can be used once its Lease is the environment's.
func namespace(p environment.Plan, w World) []Part {
	desired := NamespaceOf(p)
	if used := InUse(w.Observed); desired.Labels[environment.LabelProtected] == "" && slices.ContainsFunc(p.Namespace.HeldBy, func(u v1alpha1.Use) bool { return slices.Contains(used, u) }) {
		desired.Labels[environment.LabelProtected] = environment.ProtectedInUse
	}
	part := Part{
		Name:       PartNamespace,
		Capability: status.Namespace,
		Resource:   desired,
		Health:     namespaceHealth,
		Usable:     namespaceActive,
		Settle:     func(o Object) { o.set(string(corev1.NamespaceActive), "status", "phase") },
	}
	if w.Adopts {
		part.Needs = []string{PartNamespaceLease}
		part.Usable = func(o Object) bool {
			_, leased := w.Observed[PartNamespaceLease]
			return leased && namespaceActive(o)
		}
	}
	return []Part{part}
}

// NamespaceOf is the namespace as desired.
func NamespaceOf(p environment.Plan) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta: typeMeta("v1", "Namespace"),
		ObjectMeta: metav1.ObjectMeta{
			Name:        p.Namespace.Name,
			Labels:      maps.Clone(p.Namespace.Labels),
			Annotations: maps.Clone(p.Namespace.Annotations),
		},
	}
}

// namespaceLease is the mark on a namespace that was taken over. The namespace itself
// is not written: Crossplane would put its controller on it, and the garbage collector
// would take it with the claim. The Lease has one controller at most, so that of two
// claims which find the namespace fit, one has it.
func namespaceLease(p environment.Plan, w World) []Part {
	if _, leased := w.Observed[PartNamespaceLease]; !leased && !w.Adopts {
		return nil
	}
	if _, composed := w.Observed[PartNamespace]; composed {
		return nil
	}
	return []Part{{
		Name:       PartNamespaceLease,
		Capability: status.Namespace,
		Title:      p.Namespace.Name,
		Resource:   lease(p, p.Namespace.Lease, annotationNamespace, p.Namespace.Name),
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
