package compose

import (
	"fmt"
	"maps"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// ingresses serve the hosts, one Ingress each, named after it. It is an Ingress and
// not an HTTPRoute because Kong's controller takes a certificate of the
// environment's own only from there.
func ingresses(p environment.Plan, _ Observed) []Part {
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
			Name:       "ingress-" + h.Name,
			Capability: status.Route,
			Needs:      []string{PartNamespace},
			Resource:   resource,
			Health:     ingressHealth(p.Ingress.Class),
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

// ingressHealth takes an address as the sign that the gateway serves the Ingress: it
// has no other.
func ingressHealth(class string) func(Object) status.Health {
	return func(o Object) status.Health {
		if len(o.list("status", "loadBalancer", "ingress")) == 0 {
			return status.Progressing(status.ReasonCreating, fmt.Sprintf("The gateway of ingress class %q does not serve it yet", class))
		}
		return status.Available()
	}
}
