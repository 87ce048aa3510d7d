package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
)

// TestRefusedAtTheDoor commits claims that no control plane should take.
func TestRefusedAtTheDoor(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(c *claim.Unstructured)
		want   string
	}{
		"NoService": {
			reason: "A claim without a service is refused, and says which field is missing.",
			edit:   func(c *claim.Unstructured) { delete(spec(c), "service") },
			want:   "spec.service",
		},
		"BadPort": {
			reason: "A port that does not exist is refused with its path.",
			edit: func(c *claim.Unstructured) {
				spec(c)["routes"] = []any{map[string]any{"host": "a.dev.example.com", "path": "/", "service": "web", "port": int64(70000)}}
			},
			want: "spec.routes[0].port",
		},
		"BadMember": {
			reason: "A member that is neither a name nor an id is refused with its path.",
			edit:   func(c *claim.Unstructured) { spec(c)["access"] = map[string]any{"members": []any{"everybody"}} },
			want:   "spec.access.members[0]",
		},
		"SystemNamespace": {
			reason: "A claim in a namespace of the system belongs to no team.",
			edit:   func(c *claim.Unstructured) { c.SetNamespace("default") },
			want:   "metadata.namespace",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := parse(t, storyOf("door"))
			tc.edit(c)
			err := plane.Client().Create(t.Context(), c)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("\n%s\nCreate(...): want an error that names %q, got: %v", tc.reason, tc.want, err)
			}
		})
	}
}

func spec(c *claim.Unstructured) map[string]any { return c.Object["spec"].(map[string]any) }

// TestForeignNamespace claims the name of a namespace that somebody else made.
func TestForeignNamespace(t *testing.T) {
	foreign := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "squatted-dev", Labels: map[string]string{"owner": "somebody-else"}}}
	if err := plane.Client().Create(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	before := foreign.DeepCopy()
	c := commit(t, storyOf("squatted"))
	says(t, c, "squatted-dev")

	if missing := get(t, foreign); missing != "" {
		t.Fatal(missing)
	}
	if diff := cmp.Diff(before, foreign); diff != "" {
		t.Errorf("a namespace that is not ours is not touched: -before, +after:\n%s", diff)
	}
	if index(t, "squatted-dev.orders") != nil || len(groups(t, "squatted-dev")) != 0 {
		t.Error("nothing is made for a claim that may not have its name")
	}
	remove(t, c)
	if missing := get(t, foreign); missing != "" {
		t.Errorf("a namespace that is not ours outlives the claim: %s", missing)
	}
}

// TestForeignIndex claims the name of an index that somebody else made.
func TestForeignIndex(t *testing.T) {
	body := map[string]any{"settings": map[string]any{"number_of_replicas": 2}}
	if code, answer := elasticsearch().do(t, http.MethodPut, "/taken-dev.orders", body); code != http.StatusOK {
		t.Fatalf("cannot create index: %v", answer)
	}
	before := index(t, "taken-dev.orders")
	c := commit(t, storyOf("taken"))
	says(t, c, "ExistsNotOwned")
	says(t, c, "taken-dev.orders")
	remove(t, c)
	if diff := cmp.Diff(before, index(t, "taken-dev.orders")); diff != "" {
		t.Errorf("an index that is not ours is not touched, even when the claim goes: -before, +after:\n%s", diff)
	}
}

// TestForeignGroup claims the name of a group that somebody else made.
func TestForeignGroup(t *testing.T) {
	body := map[string]any{"displayName": "held-dev", "mailEnabled": false, "mailNickname": "held-dev", "securityEnabled": true, "description": "Somebody else's"}
	code, before := graph().do(t, http.MethodPost, "/v1.0/groups", body)
	if code != http.StatusCreated {
		t.Fatalf("cannot create group: %v", before)
	}
	c := commit(t, storyOf("held"))
	says(t, c, "ExistsNotOwned")
	says(t, c, "held-dev")
	remove(t, c)
	found := groups(t, "held-dev")
	if len(found) != 1 || found[0]["id"] != before["id"] || found[0]["description"] != "Somebody else's" {
		t.Errorf("a group that is not ours is not touched, even when the claim goes, got: %v", found)
	}
	if got := members(t, before["id"].(string)); len(got) != 0 {
		t.Errorf("a group that is not ours gets no members, got: %v", got)
	}
}

// says waits until the claim itself says something, in its summary, its table or
// its conditions.
func says(t *testing.T, c *claim.Unstructured, want string) {
	t.Helper()
	eventually(t, "the claim says "+want, func() string {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		s := status(t, c)
		if strings.Contains(s.Summary, want) {
			return ""
		}
		for _, r := range s.Resources {
			if strings.Contains(r.Reason+" "+r.Message, want) {
				return ""
			}
		}
		return "it says: " + s.Summary
	})
}

// TestRefusedEdit makes a claim wrong that was right, and right again.
func TestRefusedEdit(t *testing.T) {
	const ns = "edited-dev"
	c := commit(t, storyOf("edited"))
	becomesReady(t, c)
	before := versions(t, ns)

	change(t, c, func(spec map[string]any) { spec["size"] = "huge" })
	says(t, c, "Nothing was changed, as the claim has mistakes: spec.size")
	if got := c.GetCondition(xpv2.TypeSynced).Status; got != corev1.ConditionTrue {
		t.Errorf("a claim that is refused is no failure of Crossplane, got Synced %s", got)
	}
	eventually(t, "what was committed is not what runs, so the claim is not Ready", func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		if c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue {
			return "it is Ready"
		}
		return ""
	})
	if diff := cmp.Diff(before, versions(t, ns)); diff != "" {
		t.Errorf("nothing that exists is written to: -before, +after:\n%s", diff)
	}
	change(t, c, func(spec map[string]any) { spec["size"] = "small" })
	becomesReady(t, c)
	remove(t, c)
}

// TestPause lets a claim and the world drift apart, and brings them together again.
func TestPause(t *testing.T) {
	const ns = "paused-dev"
	c := commit(t, storyOf("paused"))
	becomesReady(t, c)
	managed := object("elasticsearch.plumbline.dev/v1alpha1", "Index", "payments", "paused-dev.orders")

	change(t, c, func(spec map[string]any) { spec["paused"], spec["size"] = true, "medium" })
	says(t, c, "spec.paused is true")
	eventually(t, "the provider pauses", func() string {
		if missing := get(t, managed); missing != "" {
			return missing
		}
		if managed.GetAnnotations()["crossplane.io/paused"] != "true" {
			return "the index is not paused"
		}
		return ""
	})
	if got := quota(t, ns)[corev1.ResourcePods]; got.Value() != 20 {
		t.Errorf("a paused claim changes nothing, got %s pods", got.String())
	}
	if err := plane.Client().Delete(t.Context(), c); err == nil || !strings.Contains(err.Error(), "first commit spec.paused: false") {
		t.Errorf("a paused claim cannot be deleted, as its managed resources would never let go, got: %v", err)
	}

	change(t, c, func(spec map[string]any) { spec["paused"] = false })
	eventually(t, "what waited is done", func() string {
		if got := quota(t, ns)[corev1.ResourcePods]; got.Value() != 50 {
			return "the quota has " + got.String() + " pods"
		}
		return ""
	})
	becomesReady(t, c)
	remove(t, c)
}

// versions returns the resource versions of what a claim is made of, without what
// others write to.
func versions(t *testing.T, ns string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range objects(ns) {
		if missing := get(t, o); missing != "" {
			t.Fatal(missing)
		}
		out[fmt.Sprintf("%T %s", o, o.GetName())] = o.GetResourceVersion()
	}
	return out
}
