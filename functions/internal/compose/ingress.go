package compose

import (
	"fmt"
	"maps"
	"slices"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// ingresses serve the hosts, one Ingress each, named after it. It is an Ingress and
// not an HTTPRoute because Kong's controller takes a certificate of the
// environment's own only from there.
func ingresses(p environment.Plan, w World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		resource := &networkingv1.Ingress{
			TypeMeta:   typeMeta("networking.k8s.io/v1", "Ingress"),
			ObjectMeta: meta(p, h.Name),
			Spec: networkingv1.IngressSpec{
				IngressClassName: &p.Ingress.Class,
				TLS:              []networkingv1.IngressTLS{{Hosts: []string{h.Name}, SecretName: h.SecretName}},
				Rules: []networkingv1.IngressRule{{
					Host:             h.Name,
					IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: paths(h)}},
				}},
			},
		}
		resource.Annotations = maps.Clone(p.Ingress.Annotations)
		parts = append(parts, Part{
			Name:       ingressPart(h),
			Capability: status.Route,
			Needs:      []string{PartNamespace, HostPart(h.Lease)},
			Resource:   resource,
			Health:     ingressHealth(p, h, w.Services),
			Settle: func(o Object) {
				o.set([]any{map[string]any{"hostname": p.Ingress.Target}}, "status", "loadBalancer", "ingress")
			},
		})
	}
	return parts
}

func paths(h environment.Host) []networkingv1.HTTPIngressPath {
	prefix := networkingv1.PathTypePrefix
	var paths []networkingv1.HTTPIngressPath
	for _, p := range h.Paths {
		paths = append(paths, networkingv1.HTTPIngressPath{
			Path:     p.Prefix,
			PathType: &prefix,
			Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
				Name: p.Service,
				Port: networkingv1.ServiceBackendPort{Number: p.Port},
			}},
		})
	}
	return paths
}

func ingressPart(h environment.Host) string { return "ingress-" + h.Name }

// ingressHealth takes an address as the sign that the gateway serves the Ingress: it
// has no other. Kong's controller serves none whose Service does not exist. The
// environment comes before what is deployed into it, so that holds up nothing.
func ingressHealth(p environment.Plan, h environment.Host, services map[string]bool) func(Object) status.Health {
	return func(o Object) status.Health {
		if served(o) {
			return status.Available()
		}
		for _, path := range h.Paths {
			if exists, known := services[path.Service]; known && !exists {
				return status.Noted(status.ReasonServiceMissing, fmt.Sprintf(
					"It is served as soon as Service %q exists in namespace %q", path.Service, p.Namespace.Name), v1alpha1.FixerDeveloper)
			}
		}
		return status.Progressing(status.ReasonCreating, fmt.Sprintf("The gateway of ingress class %q does not serve it yet", p.Ingress.Class))
	}
}

func served(o Object) bool { return len(o.list("status", "loadBalancer", "ingress")) > 0 }

// ServicesToLookUp names the Services whose absence would explain why the gateway
// does not serve a host. Once it does, nobody has to look.
func ServicesToLookUp(p environment.Plan, o Observed) []string {
	var names []string
	for _, h := range p.Hosts {
		ingress, exists := o[ingressPart(h)]
		if !exists || served(ingress) {
			continue
		}
		for _, path := range h.Paths {
			names = append(names, path.Service)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
