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
		want    bool
	}{
		"Ready": {
			reason: "A claim that says it is Ready is",
			ready:  "True",
			rows:   []any{row{"kind": "Ingress", "name": "web", "state": "Ready"}},
			want:   true,
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
			want:    true,
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
			want:    true,
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
			if diff := cmp.Diff(tc.want, facts{Without: tc.without}.settled(c)); diff != "" {
				t.Errorf("%s: settled(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
