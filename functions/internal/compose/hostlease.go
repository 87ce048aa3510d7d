package compose

import (
	"maps"

	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// annotationHost tells people which host a Lease is for: its name is a hash.
const annotationHost = "plumbline.dev/host"

// hostLeases give the environment its hosts. A Lease has one controller at most, so
// whoever creates it first has the host, and what serves the host waits for it. It
// waits for the namespace itself, so that an environment that may not have its name
// takes no host either. It lies in the platform's namespace, where no team may write.
func hostLeases(p environment.Plan, w World) []Part {
	var parts []Part
	for _, l := range p.Leases {
		part := Part{
			Hold:       w.Holds[HostPart(l)],
			Name:       HostPart(l),
			Capability: status.Route,
			Title:      l.Host,
			Needs:      []string{PartNamespace},
			Resource:   lease(p, l.Lease, annotationHost, l.Host),
		}
		parts = append(parts, part)
	}
	return parts
}

// lease is the right to a name, which an annotation tells to people.
func lease(p environment.Plan, l environment.Lease, annotation, name string) *coordinationv1.Lease {
	return &coordinationv1.Lease{
		TypeMeta: typeMeta(coordinationv1.SchemeGroupVersion.String(), "Lease"),
		ObjectMeta: metav1.ObjectMeta{
			Name: l.Name, Namespace: l.Namespace,
			Labels: maps.Clone(p.Labels), Annotations: map[string]string{annotation: name},
		},
		Spec: coordinationv1.LeaseSpec{HolderIdentity: &p.Holder},
	}
}

// HostPart is the part that all which serves a host needs.
func HostPart(l environment.HostLease) string { return "host-" + l.Host }

// Holder returns the claim that an observed Lease names.
func Holder(o Object) string { return o.text("spec", "holderIdentity") }
