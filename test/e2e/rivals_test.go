package e2e

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// manyPairs is how many names of a kind two want at the same moment.
const manyPairs = 100

// TestBackendNamesOfTwo lets two resources of different teams have each of many names
// of Elasticsearch and Entra ID at the same moment, which claims alone cannot: they
// meet in the name of the namespace first. Each name gets one owner, which the other
// does not disturb; and when the owner goes, the other gets it without an edit.
func TestBackendNamesOfTwo(t *testing.T) {
	cases := map[string]struct {
		reason   string
		manifest string // NAME and TEAM are filled in.
	}{
		"Index": {
			reason: "An index is of whoever creates it first.",
			manifest: `{apiVersion: elasticsearch.plumbline.dev/v1alpha1, kind: Index, metadata: {name: NAME, namespace: TEAM},
  spec: {forProvider: {numberOfReplicas: 0}}}`,
		},
		"DataStream": {
			reason: "A data stream is of whoever creates it, with its template, first.",
			manifest: `{apiVersion: elasticsearch.plumbline.dev/v1alpha1, kind: DataStream, metadata: {name: NAME, namespace: TEAM},
  spec: {forProvider: {numberOfReplicas: 0}}}`,
		},
		"Group": {
			reason: "A group is of whoever creates it first.",
			manifest: `{apiVersion: entra.plumbline.dev/v1alpha1, kind: Group, metadata: {name: NAME, namespace: TEAM},
  spec: {forProvider: {uniqueName: NAME, displayName: NAME, description: of TEAM}}}`,
		},
	}
	for kind, tc := range cases {
		t.Run(kind, func(t *testing.T) {
			pairs := make([][2]*unstructured.Unstructured, manyPairs)
			for i := range pairs {
				for j, team := range []string{"payments", "shop"} {
					text := strings.NewReplacer("NAME", fmt.Sprintf("rival-%s-%d", strings.ToLower(kind), i), "TEAM", team).Replace(tc.manifest)
					u := &unstructured.Unstructured{}
					if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
						t.Fatal(err)
					}
					pairs[i][j] = u
				}
			}
			createAtOnce(t, pairs)
			winners := make([]*unstructured.Unstructured, manyPairs)
			losers := make([]*unstructured.Unstructured, manyPairs)
			for i, pair := range pairs {
				eventually(t, tc.reason, func() (problem string) {
					winners[i], losers[i], problem = rivals(t, pair)
					return problem
				})
			}
			for i := range pairs {
				if w, l, problem := rivals(t, pairs[i]); problem != "" || w != winners[i] || l != losers[i] {
					t.Errorf("\n%s\nIt stays so once all have settled: %s %s", tc.reason, winners[i].GetName(), problem)
				}
			}
			for _, w := range winners[:heirs] {
				if err := plane.Client().Delete(t.Context(), w); err != nil {
					t.Fatal(err)
				}
			}
			for _, heir := range losers[:heirs] {
				eventually(t, "when the owner goes the other gets it without an edit", func() string {
					if missing := get(t, heir); missing != "" {
						return missing
					}
					if condition(heir, "Ready") != "True" || condition(heir, "Synced") != "True" {
						return heir.GetName() + ": " + message(heir)
					}
					return ""
				})
			}
			for _, u := range slices.Concat(losers, winners[heirs:]) {
				if err := plane.Client().Delete(t.Context(), u); err != nil {
					t.Fatal(err)
				}
			}
			for _, u := range slices.Concat(losers, winners) {
				eventually(t, "all go", func() string { return absent(t, u) })
			}
		})
	}
}

// createAtOnce creates all objects at the same moment.
func createAtOnce(t *testing.T, pairs [][2]*unstructured.Unstructured) {
	t.Helper()
	for _, team := range []string{"payments", "shop"} {
		err := plane.Client().Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: team}})
		if err != nil && !kerrors.IsAlreadyExists(err) {
			t.Fatal(err)
		}
	}
	start := make(chan struct{})
	var wg sync.WaitGroup
	for _, pair := range pairs {
		for _, u := range pair {
			wg.Go(func() {
				<-start
				if err := plane.Client().Create(t.Context(), u); err != nil {
					t.Errorf("cannot create %s: %v", u.GetName(), err)
				}
			})
		}
	}
	close(start)
	wg.Wait()
}

// rivals tells which of two has their name: it is ready, and the other says that it is
// not, and whose it is.
func rivals(t *testing.T, pair [2]*unstructured.Unstructured) (winner, loser *unstructured.Unstructured, problem string) {
	t.Helper()
	for i, u := range pair {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(u), u); err != nil {
			return nil, nil, err.Error()
		}
		if condition(u, "Ready") == "True" && condition(u, "Synced") == "True" {
			if winner != nil {
				return nil, nil, u.GetName() + " has two owners"
			}
			winner, loser = u, pair[1-i]
		}
	}
	if winner == nil {
		return nil, nil, fmt.Sprintf("%s has no owner: %s; %s", pair[0].GetName(), message(pair[0]), message(pair[1]))
	}
	if want := fmt.Sprintf("belongs to \"local/%s/%s\"", winner.GetNamespace(), winner.GetName()); !strings.Contains(message(loser), want) {
		return nil, nil, loser.GetName() + " does not say who has it: " + message(loser)
	}
	return winner, loser, ""
}

func condition(u *unstructured.Unstructured, kind string) string {
	return fmt.Sprint(conditionNamed(u, kind)["status"])
}

func message(u *unstructured.Unstructured) string {
	return fmt.Sprint(conditionNamed(u, "Synced")["message"])
}

func conditionNamed(u *unstructured.Unstructured, kind string) map[string]any {
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, c := range conditions {
		if m, ok := c.(map[string]any); ok && m["type"] == kind {
			return m
		}
	}
	return nil
}
