package compose

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// Annotations that Kong's controller reads, of an Ingress as of an HTTPRoute.
const (
	kongProtocols = "konghq.com/protocols"
	kongRedirect  = "konghq.com/https-redirect-status-code"
	kongStripPath = "konghq.com/strip-path"
	kongPlugins   = "konghq.com/plugins"
)

// routeAnnotations make Kong serve over HTTPS alone and redirect what comes over
// HTTP. Those of the zone go over them, but its plugins stand before the route's.
func routeAnnotations(zone map[string]string, plugins []string) map[string]string {
	out := map[string]string{kongProtocols: "https", kongRedirect: "308"}
	maps.Copy(out, zone)
	if len(plugins) > 0 {
		if first := zone[kongPlugins]; first != "" {
			plugins = append([]string{first}, plugins...)
		}
		out[kongPlugins] = strings.Join(plugins, ",")
	}
	return out
}

// routePart is the part that serves an entry: an Ingress or an HTTPRoute, as the
// host's zone says.
func routePart(h environment.Host, e environment.Entry) string {
	if h.Zone.Gateway != nil {
		return "httproute-" + e.Name
	}
	return "ingress-" + e.Name
}

// routeHealth asks the gateway first. Kong's controller serves no route whose Service
// does not exist. The environment comes before what is deployed into it, so that
// holds up nothing.
func routeHealth(p environment.Plan, e environment.Entry, services map[string]bool, served func(Object) bool, otherwise func(Object) status.Health) func(Object) status.Health {
	return func(o Object) status.Health {
		if served(o) {
			return status.Available()
		}
		for _, path := range e.Paths {
			if exists, known := services[path.Service]; known && !exists {
				return status.Noted(status.ReasonServiceMissing, fmt.Sprintf(
					"It is served as soon as Service %q exists in namespace %q", path.Service, p.Namespace.Name), v1alpha1.FixerDeveloper)
			}
		}
		return otherwise(o)
	}
}

// ServicesToLookUp names the Services whose absence would explain why the gateway
// does not serve a host. Once it does, nobody has to look.
func ServicesToLookUp(p environment.Plan, o Observed) []string {
	var names []string
	for _, h := range p.Hosts {
		served := ingressServed
		if h.Zone.Gateway != nil {
			served = httpRouteServed(*h.Zone.Gateway)
		}
		for _, e := range h.Entries {
			route, exists := o[routePart(h, e)]
			if !exists || served(route) {
				continue
			}
			for _, path := range e.Paths {
				names = append(names, path.Service)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
