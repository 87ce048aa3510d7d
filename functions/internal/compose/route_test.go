package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

func TestRouteAnnotations(t *testing.T) {
	cases := map[string]struct {
		reason  string
		zone    map[string]string
		plugins []string
		want    map[string]string
	}{
		"Secure": {
			reason: "A route is served over HTTPS alone, and leads there from HTTP, unless somebody says otherwise.",
			want:   map[string]string{kongProtocols: "https", kongRedirect: "308"},
		},
		"ZoneDecides": {
			reason:  "The platform team may say otherwise; its plugins come before the route's.",
			zone:    map[string]string{kongRedirect: "302", kongPlugins: "audit", "a": "b"},
			plugins: []string{"cors", "limit"},
			want:    map[string]string{kongProtocols: "https", kongRedirect: "302", kongPlugins: "audit,cors,limit", "a": "b"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, routeAnnotations(tc.zone, tc.plugins)); diff != "" {
				t.Errorf("\n%s\nrouteAnnotations(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// gatewayPlan has one host in a zone with a gateway.
func gatewayPlan() environment.Plan {
	return environment.Plan{
		Namespace: environment.Namespace{Name: "shop-prod"},
		Hosts: []environment.Host{{
			Name: "shop.example.com", Zone: v1alpha1.Zone{Gateway: &v1alpha1.ZoneGateway{Name: "internal", Namespace: "kong", SectionName: "https"}},
			Entries: []environment.Entry{{Name: "shop.example.com", Rewrite: "/v2", Timeout: "30s", Paths: []environment.Path{
				{Path: "/api", Type: v1alpha1.PathPrefix, Service: "web", Port: 80},
			}}},
		}},
	}
}

func TestHTTPRouteHealth(t *testing.T) {
	plan := gatewayPlan()
	reported := func(gateway string, lines ...string) Object {
		o := Object{"metadata": map[string]any{"generation": int64(2)}}
		conditions := conditions(lines...)
		for _, c := range conditions {
			c.(map[string]any)["observedGeneration"] = int64(2)
		}
		o.set([]any{map[string]any{
			"parentRef":  map[string]any{"name": gateway, "namespace": "kong", "sectionName": "https"},
			"conditions": conditions,
		}}, "status", "parents")
		return o
	}
	stale := reported("internal", "Accepted=True", "ResolvedRefs=True", "Programmed=True")
	stale.set(int64(3), "metadata", "generation")
	waiting := status.Progressing(status.ReasonCreating, `Gateway "internal" does not serve it yet`)

	cases := map[string]struct {
		reason   string
		route    Object
		services map[string]bool
		want     status.Health
	}{
		"New":       {reason: "A route that no controller has looked at is under way.", route: Object{}, want: waiting},
		"Served":    {reason: "A route is served when the Gateway accepts it, finds what it leads to, and is configured.", route: reported("internal", "Accepted=True", "ResolvedRefs=True", "Programmed=True"), want: status.Available()},
		"Accepted":  {reason: "A route that is only accepted is not served yet.", route: reported("internal", "Accepted=True", "ResolvedRefs=True", "Programmed=Unknown"), want: waiting},
		"Elsewhere": {reason: "What another Gateway says is none of our business.", route: reported("public", "Accepted=True", "ResolvedRefs=True", "Programmed=True"), want: waiting},
		"Stale":     {reason: "What was served before it changed may be another path.", route: stale, want: waiting},
		"Refused": {
			reason: "What the Gateway refuses is for the platform team.",
			route:  reported("internal", "Accepted=False NotAllowedByListeners: The namespace is not let in"),
			want:   status.Failed(status.ReasonRouteRefused, `Gateway "internal" does not accept it: The namespace is not let in`, v1alpha1.FixerPlatformTeam),
		},
		"ServiceMissing": {
			reason:   "A Service that is not deployed yet holds up nothing.",
			route:    reported("internal", "Accepted=True", "ResolvedRefs=False BackendNotFound"),
			services: map[string]bool{"web": false},
			want:     status.Noted(status.ReasonServiceMissing, `It is served as soon as Service "web" exists in namespace "shop-prod"`, v1alpha1.FixerDeveloper),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			part := httpRoutes(plan, World{Services: tc.services})[0]
			if diff := cmp.Diff(tc.want, part.Health(tc.route)); diff != "" {
				t.Errorf("\n%s\nHealth(...): -want, +got:\n%s", tc.reason, diff)
			}
			lookUp := len(ServicesToLookUp(plan, Observed{part.Name: tc.route})) > 0
			if served := tc.want == status.Available(); lookUp == served {
				t.Errorf("\n%s\nServices are looked up: want %t, got %t", tc.reason, !served, lookUp)
			}
		})
	}
}

// TestZoneWithGateway holds that a route of a Gateway is an HTTPRoute, without a
// certificate of its own.
func TestZoneWithGateway(t *testing.T) {
	plan := gatewayPlan()
	if parts := certificates(plan, World{}); len(parts) > 0 {
		t.Errorf("the listener of a Gateway holds the certificate, got %v", parts)
	}
	if parts := ingresses(plan, World{}); len(parts) > 0 {
		t.Errorf("a Gateway serves no Ingress, got %v", parts)
	}
	part := httpRoutes(plan, World{})[0]
	if want := []string{PartNamespace, HostPart(plan.Hosts[0].Lease)}; !cmp.Equal(want, part.Needs) {
		t.Errorf("a route waits for the namespace and for its host, got %v", part.Needs)
	}
	o, err := objectOf(part.Resource)
	if err != nil {
		t.Fatal(err)
	}
	want := []any{map[string]any{
		"matches":     []any{map[string]any{"path": map[string]any{"type": "PathPrefix", "value": "/api"}}},
		"filters":     []any{map[string]any{"type": "URLRewrite", "urlRewrite": map[string]any{"path": map[string]any{"type": "ReplacePrefixMatch", "replacePrefixMatch": "/v2"}}}},
		"backendRefs": []any{map[string]any{"group": "", "kind": "Service", "name": "web", "port": float64(80)}},
		"timeouts":    map[string]any{"request": "30s", "backendRequest": "30s"},
	}}
	if diff := cmp.Diff(want, o.list("spec", "rules")); diff != "" {
		t.Errorf("\nA rule has one path, and what is done with its requests.\n-want, +got:\n%s", diff)
	}
	part.Settle(o)
	if h := part.Health(o); h != status.Available() {
		t.Errorf("it is ready once its controller says so, got %v", h)
	}
}

// TestIngressPaths holds that each type of path is written as Kong's controller
// reads it.
func TestIngressPaths(t *testing.T) {
	got := map[string]string{}
	for _, p := range ingressPaths(environment.Entry{Paths: []environment.Path{
		{Path: "/a", Type: v1alpha1.PathPrefix}, {Path: "/b", Type: v1alpha1.PathExact}, {Path: "/v[0-9]+", Type: v1alpha1.PathRegularExpression},
	}}) {
		got[p.Path] = string(*p.PathType)
	}
	want := map[string]string{"/a": "Prefix", "/b": "Exact", "/~/v[0-9]+": "ImplementationSpecific"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\n-want, +got:\n%s", diff)
	}
}
