package compose

import (
	"cmp"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// httpRoute is what we set of the Gateway API's gateway.networking.k8s.io/v1
// HTTPRoute.
type httpRoute struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec httpRouteSpec `json:"spec"`
}

type httpRouteSpec struct {
	ParentRefs []httpRouteParent `json:"parentRefs"`
	Hostnames  []string          `json:"hostnames"`
	Rules      []httpRouteRule   `json:"rules"`
}

type httpRouteParent struct {
	Group       string `json:"group"`
	Kind        string `json:"kind"`
	Namespace   string `json:"namespace"`
	Name        string `json:"name"`
	SectionName string `json:"sectionName"`
}

type httpRouteRule struct {
	Matches     []httpRouteMatch   `json:"matches"`
	Filters     []httpRouteFilter  `json:"filters,omitempty"`
	BackendRefs []httpRouteBackend `json:"backendRefs"`
	Timeouts    *httpRouteTimeouts `json:"timeouts,omitempty"`
}

type httpRouteMatch struct {
	Path httpRoutePath `json:"path"`
}

type httpRoutePath struct {
	Type  string `json:"type"`
	Value string `json:"value"`
}

type httpRouteFilter struct {
	Type       string           `json:"type"`
	URLRewrite httpRouteRewrite `json:"urlRewrite"`
}

type httpRouteRewrite struct {
	Path httpRoutePrefix `json:"path"`
}

type httpRoutePrefix struct {
	Type               string `json:"type"`
	ReplacePrefixMatch string `json:"replacePrefixMatch"`
}

type httpRouteBackend struct {
	Group string `json:"group"`
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Port  int32  `json:"port"`
}

type httpRouteTimeouts struct {
	Request        string `json:"request"`
	BackendRequest string `json:"backendRequest"`
}

// httpRoutes serve the hosts of zones with a gateway: one HTTPRoute for the paths
// that are handled alike, as Kong reads plugins from an annotation.
func httpRoutes(p environment.Plan, w World) []Part {
	var parts []Part
	for _, h := range p.Hosts {
		if h.Zone.Gateway == nil {
			continue
		}
		for _, e := range h.Entries {
			parts = append(parts, httpRouteOf(p, w, h, e))
		}
	}
	return parts
}

func httpRouteOf(p environment.Plan, w World, h environment.Host, e environment.Entry) Part {
	gateway := *h.Zone.Gateway
	resource := &httpRoute{
		TypeMeta:   typeMeta("gateway.networking.k8s.io/v1", "HTTPRoute"),
		ObjectMeta: meta(p, e.Name),
		Spec: httpRouteSpec{
			ParentRefs: []httpRouteParent{{
				Group: "gateway.networking.k8s.io", Kind: "Gateway",
				Namespace: gateway.Namespace, Name: gateway.Name, SectionName: gateway.SectionName,
			}},
			Hostnames: []string{h.Name},
			Rules:     httpRouteRules(e),
		},
	}
	resource.Annotations = routeAnnotations(gateway.Annotations, e.Plugins)
	return Part{
		Name:       routePart(h, e),
		Capability: status.Route,
		Needs:      []string{PartNamespace, HostPart(h.Lease)},
		Resource:   resource,
		Health: routeHealth(p, e, w.Services, httpRouteServed(gateway), func(o Object) status.Health {
			return httpRouteRefusal(gateway, o)
		}),
		Settle: func(o Object) { settleHTTPRoute(gateway, o) },
	}
}

// httpRouteRules has one rule for each path: a rewritten prefix must be alone.
func httpRouteRules(e environment.Entry) []httpRouteRule {
	var rules []httpRouteRule
	for _, p := range e.Paths {
		rule := httpRouteRule{
			Matches:     []httpRouteMatch{{Path: httpRoutePath{Type: httpRoutePathType(p.Type), Value: p.Path}}},
			BackendRefs: []httpRouteBackend{{Kind: "Service", Name: p.Service, Port: p.Port}},
		}
		if e.Rewrite != "" {
			rule.Filters = []httpRouteFilter{{
				Type:       "URLRewrite",
				URLRewrite: httpRouteRewrite{Path: httpRoutePrefix{Type: "ReplacePrefixMatch", ReplacePrefixMatch: e.Rewrite}},
			}}
		}
		if e.Timeout != "" {
			// Kong's controller reads the second alone.
			rule.Timeouts = &httpRouteTimeouts{Request: e.Timeout, BackendRequest: e.Timeout}
		}
		rules = append(rules, rule)
	}
	return rules
}

func httpRoutePathType(t v1alpha1.PathType) string {
	if t == v1alpha1.PathPrefix {
		return "PathPrefix"
	}
	return string(t)
}

// parentOf returns what the controller of our Gateway says of a route. Other
// Gateways are none of our business.
func parentOf(gateway v1alpha1.ZoneGateway, o Object) Object {
	for _, entry := range o.list("status", "parents") {
		m, _ := entry.(map[string]any)
		parent := Object(m)
		if parent.text("parentRef", "name") == gateway.Name && parent.text("parentRef", "namespace") == gateway.Namespace &&
			parent.text("parentRef", "sectionName") == gateway.SectionName {
			return Object{"status": m}
		}
	}
	return nil
}

// httpRouteConditions are those that a served route has. Programmed is Kong's own:
// its controller sets it once the gateway has the route.
func httpRouteConditions() []string { return []string{"Accepted", "ResolvedRefs", "Programmed"} }

func httpRouteServed(gateway v1alpha1.ZoneGateway) func(Object) bool {
	return func(o Object) bool {
		parent := parentOf(gateway, o)
		for _, kind := range httpRouteConditions() {
			c := parent.condition(kind)
			if c.text("status") != "True" || c.number("observedGeneration") < o.generation() {
				return false
			}
		}
		return true
	}
}

// httpRouteRefusal says why a route is not served: what the Gateway refuses, the
// platform team has set.
func httpRouteRefusal(gateway v1alpha1.ZoneGateway, o Object) status.Health {
	accepted := parentOf(gateway, o).condition("Accepted")
	if accepted.text("status") == "False" && accepted.number("observedGeneration") >= o.generation() && accepted.text("reason") != "Pending" {
		return status.Failed(status.ReasonRouteRefused, fmt.Sprintf("Gateway %q does not accept it: %s",
			gateway.Name, cmp.Or(accepted.text("message"), accepted.text("reason"))), v1alpha1.FixerPlatformTeam)
	}
	return status.Progressing(status.ReasonCreating, fmt.Sprintf("Gateway %q does not serve it yet", gateway.Name))
}

func settleHTTPRoute(gateway v1alpha1.ZoneGateway, o Object) {
	var conditions []any
	for _, kind := range httpRouteConditions() {
		conditions = append(conditions, map[string]any{"type": kind, "status": "True", "observedGeneration": o.generation()})
	}
	o.set([]any{map[string]any{
		"parentRef":  map[string]any{"name": gateway.Name, "namespace": gateway.Namespace, "sectionName": gateway.SectionName},
		"conditions": conditions,
	}}, "status", "parents")
}
