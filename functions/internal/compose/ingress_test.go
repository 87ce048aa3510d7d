package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

func TestIngressHealth(t *testing.T) {
	plan := environment.Plan{
		Namespace: environment.Namespace{Name: "shop-prod"},
		Hosts: []environment.Host{{
			Name: "shop.example.com", Zone: v1alpha1.Zone{Ingress: &v1alpha1.ZoneIngress{Class: "kong"}},
			Entries: []environment.Entry{{Paths: []environment.Path{{Path: "/", Service: "web", Port: 80}, {Path: "/api", Service: "api", Port: 80}}}},
		}},
	}
	pending := Object{}
	addressed := Object{}
	addressed.set([]any{map[string]any{"ip": "192.0.2.1"}}, "status", "loadBalancer", "ingress")
	notServed := status.Progressing(status.ReasonCreating, `The gateway of ingress class "kong" does not serve it yet`)

	cases := map[string]struct {
		reason   string
		ingress  Object
		services map[string]bool
		want     status.Health
		lookUp   []string
	}{
		"Served": {
			reason:  "What the gateway serves is ready, and no Service has to be looked up.",
			ingress: addressed,
			want:    status.Available(),
		},
		"NotLookedUp": {
			reason:  "Before the Services are looked up, nobody is blamed.",
			ingress: pending,
			want:    notServed,
			lookUp:  []string{"api", "web"},
		},
		"ServiceMissing": {
			reason:   "A Service that is not deployed yet holds up nothing, and the developer reads its name.",
			ingress:  pending,
			services: map[string]bool{"web": true, "api": false},
			want:     status.Noted(status.ReasonServiceMissing, `It is served as soon as Service "api" exists in namespace "shop-prod"`, v1alpha1.FixerDeveloper),
			lookUp:   []string{"api", "web"},
		},
		"ServicesThere": {
			reason:   "With all Services there, it is the gateway's turn.",
			ingress:  pending,
			services: map[string]bool{"web": true, "api": true},
			want:     notServed,
			lookUp:   []string{"api", "web"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			part := ingresses(plan, World{Services: tc.services})[0]
			if diff := cmp.Diff(tc.want, part.Health(tc.ingress)); diff != "" {
				t.Errorf("\n%s\nHealth(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.lookUp, ServicesToLookUp(plan, Observed{part.Name: tc.ingress})); diff != "" {
				t.Errorf("\n%s\nServicesToLookUp(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
