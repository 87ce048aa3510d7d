package main

import (
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestSettled(t *testing.T) {
	type row = map[string]any
	cases := map[string]struct {
		reason  string
		without []string
		ready   string
		rows    []any
		settled bool
		served  bool
	}{
		"Ready": {
			reason:  "A claim that says it is Ready is",
			ready:   "True",
			rows:    []any{row{"kind": "Ingress", "name": "web", "state": "Ready"}},
			settled: true,
			served:  true,
		},
		"WaitsForAService": {
			reason:  "A claim is Ready before the developer's Service is there, and serves nobody",
			ready:   "True",
			rows:    []any{row{"kind": "Ingress", "name": "web", "state": "Ready", "reason": "ServiceMissing"}},
			settled: true,
		},
		"WaitsForBoth": {
			reason:  "Nor is a Service waited for where a neighbour was left out",
			without: []string{"dns"},
			ready:   "False",
			rows:    []any{row{"kind": "Ingress", "name": "web", "state": "Ready", "reason": "ServiceMissing"}, row{"kind": "DNSEndpoint", "name": "web", "state": "Progressing"}},
			settled: true,
		},
		"WaitsForTheGateway": {
			reason:  "Crossplane writes that a claim is not Ready after what its rows say",
			ready:   "True",
			rows:    []any{row{"kind": "Ingress", "name": "web", "state": "Progressing"}},
			settled: true,
		},
		"NotYetSaid": {
			reason: "Crossplane writes that a claim is Ready after what its rows say",
			ready:  "False",
			rows:   []any{row{"kind": "Ingress", "name": "web", "state": "Ready"}},
			served: true,
		},
		"NothingLeftOut": {
			reason: "What all neighbours are there for is waited for",
			ready:  "False",
			rows:   []any{row{"kind": "Ingress", "name": "web", "state": "Progressing"}},
		},
		"WaitsForWhatWasLeftOut": {
			reason:  "Nobody will do what a neighbour was there for that was left out",
			without: []string{"kong"},
			ready:   "False",
			rows:    []any{row{"kind": "Namespace", "name": "web", "state": "Ready"}, row{"kind": "Ingress", "name": "web", "state": "Progressing"}},
			settled: true,
			served:  true,
		},
		"WaitsForAnother": {
			reason:  "A neighbour that runs is waited for",
			without: []string{"kong"},
			ready:   "False",
			rows:    []any{row{"kind": "DNSEndpoint", "name": "web", "state": "Progressing"}, row{"kind": "Ingress", "name": "web", "state": "Progressing"}},
		},
		"Failed": {
			reason:  "What fails does so for a reason of its own",
			without: []string{"kong"},
			ready:   "False",
			rows:    []any{row{"kind": "Ingress", "name": "web", "state": "Failed", "reason": "NameTaken"}},
		},
		"Refused": {
			reason:  "A Gateway that lacks its certificate says so of routes by refusing them",
			without: []string{"cert-manager"},
			ready:   "False",
			rows:    []any{row{"kind": "HTTPRoute", "name": "web", "state": "Failed", "reason": "RouteRefused"}},
			settled: true,
			served:  true,
		},
		"NothingSaidYet": {
			reason:  "A claim of which nothing is known yet is waited for",
			without: []string{"kong"},
			ready:   "False",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := &claim.Unstructured{Unstructured: unstructured.Unstructured{Object: map[string]any{
				"status": map[string]any{"resources": tc.rows, "conditions": []any{map[string]any{"type": "Ready", "status": tc.ready}}},
			}}}
			f := facts{Without: tc.without}
			if diff := cmp.Diff([]bool{tc.settled, tc.served}, []bool{f.settled(c), f.served(c)}); diff != "" {
				t.Errorf("%s: settled(), served(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
