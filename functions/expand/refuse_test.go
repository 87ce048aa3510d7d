package expand

import (
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"
)

func TestRefuseBeforeAnythingExists(t *testing.T) {
	rsp := run(t, ask(t, inSpec(t, "environment", "moon"), inSpec(t, "size", "huge")))
	if got := Failure(rsp); got != nil || len(names(rsp)) > 0 {
		t.Errorf("there is nothing to lose, so the call does not fail, and composes nothing: %v %v", got, names(rsp))
	}
	for _, want := range []string{"spec.environment", "spec.size"} {
		if !strings.Contains(summary(rsp), want) {
			t.Errorf("the summary names every mistake, misses %s: %q", want, summary(rsp))
		}
	}
	if got := says(rsp)[0]; got != "Accepted=FALSE InvalidClaim" {
		t.Errorf("the claim is not accepted, got %s", got)
	}
	if rsp.GetDesired().GetComposite().GetReady() != fnv1.Ready_READY_FALSE {
		t.Error("a claim that is refused is not ready")
	}
}

// recorded is a resource with what the API server notes of who applied it.
func recorded(o, fields object) object {
	o["metadata"].(object)["managedFields"] = []any{
		object{"manager": "kube-controller-manager", "operation": "Update", "fieldsV1": object{"f:status": object{}}},
		object{"manager": appliedBy + "abc", "operation": "Apply", "fieldsV1": fields},
	}
	return o
}

func quotaOf() object {
	return recorded(object{
		"apiVersion": "v1", "kind": "ResourceQuota",
		"metadata": object{
			"name": "environment", "namespace": "checkout-prod", "uid": "some-uid", "labels": object{"ours": "yes", "theirs": "yes"},
			"ownerReferences": []any{object{"uid": "our-uid", "kind": "XServiceEnvironment"}},
		},
		"spec":   object{"hard": object{"pods": "20"}, "scopes": []any{"theirs"}},
		"status": object{"used": object{"pods": "1"}},
	}, object{
		"f:metadata": object{"f:labels": object{"f:ours": object{}}, "f:ownerReferences": object{`k:{"uid":"our-uid"}`: object{}}},
		"f:spec":     object{"f:hard": object{}},
	})
}

// before is what a composite says of itself before an edit that is refused.
func before(t *testing.T) edit {
	t.Helper()
	return func(req *fnv1.RunFunctionRequest) {
		req.Observed.Composite.Resource.Fields["status"] = structpb.NewStructValue(pb(t, object{
			"summary": "checkout-prod is ready", "namespace": "checkout-prod",
			"conditions": []any{
				object{"type": "Ready", "status": "True", "reason": "Available"},
				object{"type": "NamespaceReady", "status": "True", "reason": "Available"},
				object{"type": "RouteReady", "status": "False", "reason": "Creating", "message": "Ingress a: not yet"},
			},
		}))
	}
}

// refusals are the ways in which a claim that was right comes to have no plan.
func refusals(t *testing.T) map[string]struct {
	reason string
	edit   edit
	want   string
	names  string
} {
	t.Helper()
	config := object{"data": object{"apiVersion": "plumbline.dev/v1alpha1", "kind": "Blueprint", "oops": true}}
	return map[string]struct {
		reason string
		edit   edit
		want   string
		names  string
	}{
		"Claim":     {reason: "A wrong claim.", edit: inSpec(t, "size", "huge"), want: "Accepted=FALSE InvalidClaim", names: "spec.size"},
		"Blueprint": {reason: "A wrong Blueprint.", edit: required(t, "blueprint", config), want: "Accepted=FALSE InvalidBlueprint", names: "data.oops"},
		"NoData": {
			reason: "A Blueprint without data is wrong; it is not as if there were none.",
			edit:   required(t, "blueprint", object{"metadata": object{"name": "plumbline-blueprint"}}),
			want:   "Accepted=FALSE InvalidBlueprint", names: "data.environments",
		},
		"BlueprintGone": {
			reason: "A Blueprint that was deleted, or is not restored yet.",
			edit:   func(req *fnv1.RunFunctionRequest) { req.RequiredResources["blueprint"] = &fnv1.Resources{} },
			want:   "Accepted=FALSE BlueprintMissing", names: `"plumbline-blueprint" does not exist; apply it (the platform team fixes this)`,
		},
		"BlueprintNotAsked": {
			reason: "A Composition that does not ask for one.",
			edit:   func(req *fnv1.RunFunctionRequest) { delete(req.RequiredResources, "blueprint") },
			want:   "Accepted=FALSE BlueprintMissing", names: "plumbline-blueprint",
		},
		"Paused": {reason: "A paused claim.", edit: inSpec(t, "paused", true), want: "Accepted=FALSE Paused", names: "spec.paused"},
	}
}

// TestRefuseKeepsWhatExists holds that an edit which is refused leaves all as it was
// applied, and that the claim says so.
func TestRefuseKeepsWhatExists(t *testing.T) {
	for name, tc := range refusals(t) {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, observed(t, "quota", quotaOf()), before(t), tc.edit))
			if got := Failure(rsp); got != nil {
				t.Fatalf("\n%s\nThe call does not fail, got %v", tc.reason, got)
			}
			want := object{
				"apiVersion": "v1", "kind": "ResourceQuota",
				"metadata": object{"name": "environment", "namespace": "checkout-prod", "labels": object{"ours": "yes"}},
				"spec":     object{"hard": object{"pods": "20"}},
			}
			if diff := cmp.Diff(map[string]bool{"quota": true}, names(rsp)); diff != "" {
				t.Fatalf("\n%s\nWhat exists is desired, and nothing else: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(want, rsp.GetDesired().GetResources()["quota"].GetResource().AsMap()); diff != "" {
				t.Errorf("\n%s\nIt is desired as it was applied: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff([]string{tc.want, "WithinLifetime=TRUE NotRequested", "NamespaceReady=TRUE Available", "RouteReady=FALSE Creating"}, says(rsp)); diff != "" {
				t.Errorf("\n%s\nThe conditions of what did not change stay: -want, +got:\n%s", tc.reason, diff)
			}
			if !strings.Contains(summary(rsp), tc.names) || text(rsp.GetDesired().GetComposite().GetResource(), "status", "namespace") != "checkout-prod" {
				t.Errorf("\n%s\nThe status names %s and keeps the rest, got %v", tc.reason, tc.names, rsp.GetDesired().GetComposite())
			}
			ready := rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE
			if paused := name == "Paused"; ready != paused {
				t.Errorf("\n%s\nWhat was committed is not what runs, so it is not ready, unless it only waits: got %t", tc.reason, ready)
			}
		})
	}
}

// TestPausePausesBackends holds that a managed resource is paused with its claim, and
// only it.
func TestPausePausesBackends(t *testing.T) {
	index := func() object {
		return recorded(object{"apiVersion": "elasticsearch.plumbline.dev/v1alpha1", "kind": "Index", "metadata": object{"name": "checkout-prod.orders", "namespace": "payments"}},
			object{"f:spec": object{}})
	}
	for value, want := range map[bool]string{true: "true", false: ""} {
		bad := inSpec(t, "size", "huge")
		rsp := run(t, ask(t, observed(t, "index-orders", index()), observed(t, "quota", quotaOf()), bad, inSpec(t, "paused", value)))
		if got := text(rsp.GetDesired().GetResources()["index-orders"].GetResource(), "metadata", "annotations", "crossplane.io/paused"); got != want {
			t.Errorf("paused %t: the provider leaves the index alone when the claim is paused, got %q", value, got)
		}
		if got := text(rsp.GetDesired().GetResources()["quota"].GetResource(), "metadata", "annotations", "crossplane.io/paused"); got != "" {
			t.Errorf("paused %t: nobody heeds the annotation on a ResourceQuota, got %q", value, got)
		}
	}
}

// TestRefuseWithoutRecord holds that the call fails where nobody knows what was
// applied, which alone keeps Crossplane from deleting.
func TestRefuseWithoutRecord(t *testing.T) {
	for name, tc := range refusals(t) {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, observed(t, "quota", quotaOf()), observed(t, "namespace", object{"status": object{"phase": "Active"}}), before(t), tc.edit))
			if len(rsp.GetResults()) != 1 || rsp.GetResults()[0].GetSeverity() != fnv1.Severity_SEVERITY_FATAL {
				t.Fatalf("\n%s\nThe call fails as a whole, got results %v", tc.reason, rsp.GetResults())
			}
			if diff := cmp.Diff([]string{tc.want, "WithinLifetime=TRUE NotRequested", "NamespaceReady=TRUE Available", "RouteReady=FALSE Creating"}, says(rsp)); diff != "" {
				t.Errorf("\n%s\nThe conditions of what did not change stay: -want, +got:\n%s", tc.reason, diff)
			}
			if first := rsp.GetConditions()[0]; !strings.Contains(first.GetMessage(), tc.names) || first.GetTarget() != fnv1.Target_TARGET_COMPOSITE_AND_CLAIM {
				t.Errorf("\n%s\nThe claim names %s, got %q for %s", tc.reason, tc.names, first.GetMessage(), first.GetTarget())
			}
		})
	}
}

func TestOwnedOf(t *testing.T) {
	ports := []any{object{"port": 80.0, "protocol": "TCP", "name": "web"}, object{"port": 80.0, "protocol": "UDP"}, object{"port": 81.0, "protocol": "TCP"}}
	cases := map[string]struct {
		reason string
		value  any
		fields object
		want   any
	}{
		"Whole": {
			reason: "No fields are the whole value, as of what is replaced as one.",
			value:  object{"rules": ports},
			fields: object{"f:rules": object{}},
			want:   object{"rules": ports},
		},
		"Fields": {
			reason: "Only what is named belongs to it; the dot names the object itself, and what is gone is not made up.",
			value:  object{"labels": object{"a": "1", "b": "2"}, "other": true},
			fields: object{"f:labels": object{".": object{}, "f:a": object{}, "f:gone": object{}}, "f:lost": object{}},
			want:   object{"labels": object{"a": "1"}},
		},
		"EmptyObject": {
			reason: "An empty object is an opinion, as in a selector of everything.",
			value:  object{"podSelector": object{}},
			fields: object{"f:podSelector": object{}},
			want:   object{"podSelector": object{}},
		},
		"ItemsByKeys": {
			reason: "An item is found by all of its keys, wherever it stands.",
			value:  ports,
			fields: object{`k:{"port":81,"protocol":"TCP"}`: object{"f:port": object{}, "f:protocol": object{}}, `k:{"port":80,"protocol":"TCP"}`: object{"f:port": object{}}},
			want:   []any{object{"port": 80.0}, object{"port": 81.0, "protocol": "TCP"}},
		},
		"ItemsByValue": {
			reason: "An item of a set is found by its value.",
			value:  []any{"ana", "bo", 7.0},
			fields: object{`v:"bo"`: object{}, `v:7`: object{}, `v:"gone"`: object{}},
			want:   []any{"bo", 7.0},
		},
		"Rubbish": {
			reason: "What cannot be read names nothing.",
			value:  []any{"ana"},
			fields: object{`v:{`: object{}, `i:0`: object{}, `nonsense`: object{}},
			want:   []any{},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, ownedOf(tc.value, tc.fields)); diff != "" {
				t.Errorf("\n%s\nownedOf(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestToldOnce holds that an answer which is heard makes no event again: Crossplane
// calls every few minutes, and would send it each time.
func TestToldOnce(t *testing.T) {
	for name, tc := range refusals(t) {
		t.Run(name, func(t *testing.T) {
			req := ask(t, observed(t, "quota", quotaOf()), before(t), tc.edit)
			rsp := run(t, req)
			results := rsp.GetResults()
			if len(results) != 1 || results[0].GetTarget() != fnv1.Target_TARGET_COMPOSITE_AND_CLAIM || !strings.Contains(results[0].GetMessage(), tc.names) {
				t.Fatalf("\n%s\nThe claim is told what happened, got %v", tc.reason, results)
			}
			if rsp = run(t, hear(t, req, rsp)); len(rsp.GetResults()) > 0 {
				t.Errorf("\n%s\nIt is told once, got %v", tc.reason, rsp.GetResults())
			}
		})
	}
}

// hear writes what was answered to the composite, as Crossplane does.
func hear(t *testing.T, req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) *fnv1.RunFunctionRequest {
	t.Helper()
	var conditions []any
	for _, c := range rsp.GetConditions() {
		state := map[fnv1.Status]string{fnv1.Status_STATUS_CONDITION_TRUE: "True", fnv1.Status_STATUS_CONDITION_FALSE: "False"}[c.GetStatus()]
		conditions = append(conditions, object{"type": c.GetType(), "status": state, "reason": c.GetReason(), "message": c.GetMessage()})
	}
	ready := map[bool]string{true: "True", false: "False"}[rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE]
	conditions = append(conditions, object{"type": "Ready", "status": ready})
	said := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"].GetStructValue().AsMap()
	said["conditions"] = conditions
	req.Observed.Composite.Resource.Fields["status"] = pb(t, object{"status": said}).GetFields()["status"]
	return req
}
