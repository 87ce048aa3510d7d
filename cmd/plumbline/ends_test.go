package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/plumbline-dev/plumbline/functions/managed"
)

// leavingIndex is an Index that is being deleted, with what the provider says of it.
func leavingIndex(claim, message string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "elasticsearch.plumbline.dev/v1alpha1", "kind": "Index",
		"metadata": map[string]any{
			"namespace": "payments", "name": claim + ".orders", "labels": map[string]any{"crossplane.io/claim-name": claim},
			"annotations": map[string]any{"crossplane.io/external-name": claim + ".orders"},
		},
		"status": map[string]any{"conditions": []any{map[string]any{"type": "Synced", "status": "False", "reason": "ReconcileError", "message": message}}},
	}}
	u.SetDeletionTimestamp(new(metav1.Unix(1, 0)))
	return u
}

func leavingNamespace(name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
		"status": map[string]any{"conditions": []any{
			map[string]any{"type": "NamespaceContentRemaining", "status": "True", "message": "Some resources are remaining: pods. has 1 resource instances"},
			map[string]any{"type": "NamespaceDeletionContentFailure", "status": "False", "message": "All content successfully deleted"},
		}},
	}}
	u.SetDeletionTimestamp(new(metav1.Unix(1, 0)))
	return u
}

func tombstone(claim, kind, until string) *unstructured.Unstructured {
	spec := map[string]any{
		"object": map[string]any{"kind": kind, "name": claim + ".orders"}, "claim": claim, "since": "2026-01-02T03:04:05Z",
		"resource": map[string]any{},
	}
	if until != "" {
		spec["until"] = until
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "custody.plumbline.dev/v1alpha1", "kind": "Tombstone",
		"metadata": map[string]any{"namespace": "payments", "name": strings.ToLower(kind) + "." + claim + ".orders"}, "spec": spec,
	}}
}

func TestStatusOfEnds(t *testing.T) {
	going := claimOf("payments", "a-dev", "a-dev is ready", true)
	going.SetDeletionTimestamp(&metav1.Time{Time: time.Unix(1, 0)})
	cases := map[string]struct {
		reason  string
		command statusCommand
		want    []string
		not     string
	}{
		"Team": {
			reason:  "What holds up a deletion is told in the list, with who acts; and what is kept.",
			command: statusCommand{Namespace: "payments"},
			want: []string{
				`✗ payments/a-dev: is being deleted, and held up by Index a-dev.orders: "a-dev.orders" holds 2 documents (the developer acts)`,
				"Index   b-dev.orders   payments/b-dev    2026-01-02 03:04   2026-01-09 03:04   index.b-dev.orders",
				"Index   c-prod.orders  payments/c-prod   2026-01-02 03:04   for good           index.c-prod.orders",
			},
		},
		"One": {
			reason:  "In full, the table has what is still there, and no more what was.",
			command: statusCommand{Namespace: "payments", Name: "a-dev"},
			want: []string{
				`Failed   Index   a-dev.orders   the developer   "a-dev.orders" holds 2 documents`,
				"Progressing   Namespace   a-dev   -   Being deleted; Some resources are remaining: pods. has 1 resource instances",
			},
			not: "RoleBinding",
		},
		"Gone": {
			reason:  "A claim that is gone and left something is no mistake.",
			command: statusCommand{Namespace: "payments", Name: "b-dev"},
			want:    []string{"index.b-dev.orders"},
			not:     "c-prod",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			plane := controlPlane(going, leavingNamespace("a-dev"), tombstone("b-dev", "Index", "2026-01-09T03:04:05Z"), tombstone("c-prod", "Index", ""))
			// By its resource, whose name the fake cannot guess from the kind.
			index := leavingIndex("a-dev", `DataLoss: "a-dev.orders" holds 2 documents`)
			if err := plane.Tracker().Create(managed.Resources()[0], index, "payments"); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := tc.command.show(t.Context(), plane, &out); err != nil {
				t.Fatalf("\n%s\n%v", tc.reason, err)
			}
			squeezed := strings.Join(strings.Fields(out.String()), " ")
			for _, want := range tc.want {
				if !strings.Contains(squeezed, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("\n%s\nwant %q in\n%s", tc.reason, want, out.String())
				}
			}
			if tc.not != "" && strings.Contains(out.String(), tc.not) {
				t.Errorf("\n%s\nwant no %q in\n%s", tc.reason, tc.not, out.String())
			}
		})
	}
}
