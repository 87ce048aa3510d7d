package compose

import (
	"fmt"

	networkingv1 "k8s.io/api/networking/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// ingresses serve the hosts of zones with an ingress: one Ingress for the paths that
// are handled alike, as annotations are about all of them.
func ingresses(p environment.Plan, w World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		if h.Zone.Ingress == nil {
			continue
		}
		for _, e := range h.Entries {
			parts = append(parts, ingressOf(p, w, h, e))
		}
	}
	return parts
}

func ingressOf(p environment.Plan, w World, h environment.Host, e environment.Entry) Part {
	class := h.Zone.Ingress.Class
	resource := &networkingv1.Ingress{
		TypeMeta:   typeMeta("networking.k8s.io/v1", "Ingress"),
		ObjectMeta: meta(p, e.Name),
		Spec: networkingv1.IngressSpec{
			IngressClassName: &class,
			TLS:              []networkingv1.IngressTLS{{Hosts: []string{h.Name}, SecretName: h.SecretName}},
			Rules: []networkingv1.IngressRule{{
				Host:             h.Name,
				IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: ingressPaths(e)}},
			}},
		},
	}
	resource.Annotations = routeAnnotations(h.Zone.Ingress.Annotations, e.Plugins)
	if e.Rewrite != "" {
		resource.Annotations[kongStripPath] = "true" // Parse allows no other prefix than / here.
	}
	return Part{
		Name:       routePart(h, e),
		Capability: status.Route,
		Needs:      []string{PartNamespace, HostPart(h.Lease)},
		Resource:   resource,
		Health: routeHealth(p, e, w.Services, ingressServed, func(Object) status.Health {
			return status.Progressing(status.ReasonCreating, fmt.Sprintf("The gateway of ingress class %q does not serve it yet", class))
		}),
		Settle: func(o Object) {
			o.set([]any{map[string]any{"hostname": h.Zone.DNS.Target}}, "status", "loadBalancer", "ingress")
		},
	}
}

func ingressPaths(e environment.Entry) []networkingv1.HTTPIngressPath {
	var paths []networkingv1.HTTPIngressPath
	for _, p := range e.Paths {
		path, kind := ingressPath(p)
		paths = append(paths, networkingv1.HTTPIngressPath{
			Path:     path,
			PathType: &kind,
			Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{
				Name: p.Service,
				Port: networkingv1.ServiceBackendPort{Number: p.Port},
			}},
		})
	}
	return paths
}

// ingressPath writes a regular expression as Kong's controller reads it: an Ingress
// knows none.
func ingressPath(p environment.Path) (string, networkingv1.PathType) {
	switch p.Type {
	case v1alpha1.PathExact:
		return p.Path, networkingv1.PathTypeExact
	case v1alpha1.PathRegularExpression:
		return "/~" + p.Path, networkingv1.PathTypeImplementationSpecific
	default:
		return p.Path, networkingv1.PathTypePrefix
	}
}

// ingressServed takes an address as the sign that the gateway serves the Ingress: it
// has no other.
func ingressServed(o Object) bool { return len(o.list("status", "loadBalancer", "ingress")) > 0 }
