package expand

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

type object = map[string]any

// noon of the day of the tests.
var noon = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

// an edit changes a request that is right.
type edit func(*fnv1.RunFunctionRequest)

// ask makes the request of a claim that is right, as Crossplane sends it once it has
// looked up the namespace.
func ask(t *testing.T, edits ...edit) *fnv1.RunFunctionRequest {
	t.Helper()
	req := &fnv1.RunFunctionRequest{
		Meta: &fnv1.RequestMeta{Tag: "tag"},
		Observed: &fnv1.State{
			Composite: &fnv1.Resource{Resource: pb(t, object{
				"apiVersion": "plumbline.dev/v1alpha1",
				"kind":       "XServiceEnvironment",
				"metadata": object{
					"name":   "checkout-prod-x7k2p",
					"uid":    "our-uid",
					"labels": object{"crossplane.io/claim-name": "checkout-prod", "crossplane.io/claim-namespace": "payments"},
				},
				"spec": object{"service": "checkout", "environment": "prod"},
			})},
			Resources: map[string]*fnv1.Resource{},
		},
		RequiredResources: map[string]*fnv1.Resources{"namespace": {}, roleName: {}},
	}
	required(t, "blueprint", object{"data": builtIn(t)})(req)
	for _, e := range edits {
		e(req)
	}
	free(req)
	return req
}

// builtIn returns the data of the Blueprint to begin with.
func builtIn(t *testing.T) object {
	t.Helper()
	data, err := environment.DefaultData()
	if err != nil {
		t.Fatal(err)
	}
	out := object{}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// free answers what the function asks for as Crossplane does where all kinds are
// served and nothing has a name of ours. What edits have answered, and what they asked
// of extras, stays.
func free(req *fnv1.RunFunctionRequest) {
	for range 2 { // Objects are asked for once their kinds are known.
		rsp, _ := Expand(req, noon)
		for name := range rsp.GetRequirements().GetResources() {
			if _, answered := req.RequiredResources[name]; !answered && strings.HasPrefix(name, requireObject) {
				req.RequiredResources[name] = &fnv1.Resources{}
			}
		}
		for name := range rsp.GetRequirements().GetSchemas() {
			if !strings.HasPrefix(name, requireKind+"example.com/") {
				if req.RequiredSchemas == nil {
					req.RequiredSchemas = map[string]*fnv1.Schema{}
				}
				req.RequiredSchemas[name] = &fnv1.Schema{OpenapiV3: &structpb.Struct{Fields: map[string]*structpb.Value{"type": structpb.NewStringValue("object")}}}
			}
		}
	}
}

func pb(t *testing.T, o object) *structpb.Struct {
	t.Helper()
	s, err := structpb.NewStruct(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func inSpec(t *testing.T, key string, value any) edit {
	t.Helper()
	v, err := structpb.NewValue(value)
	if err != nil {
		t.Fatal(err)
	}
	return func(req *fnv1.RunFunctionRequest) {
		req.GetObserved().GetComposite().GetResource().GetFields()["spec"].GetStructValue().Fields[key] = v
	}
}

func observed(t *testing.T, name string, o object) edit {
	t.Helper()
	return func(req *fnv1.RunFunctionRequest) {
		req.Observed.Resources[name] = &fnv1.Resource{Resource: pb(t, o)}
	}
}

func required(t *testing.T, name string, o object) edit {
	t.Helper()
	return func(req *fnv1.RunFunctionRequest) {
		req.RequiredResources[name] = &fnv1.Resources{Items: []*fnv1.Resource{{Resource: pb(t, o)}}}
	}
}

func names(rsp *fnv1.RunFunctionResponse) map[string]bool {
	out := map[string]bool{}
	for name := range rsp.GetDesired().GetResources() {
		out[name] = true
	}
	return out
}

// says returns "Type=Status Reason" of all conditions, in order.
func says(rsp *fnv1.RunFunctionResponse) []string {
	var out []string
	for _, c := range rsp.GetConditions() {
		out = append(out, c.GetType()+"="+strings.TrimPrefix(c.GetStatus().String(), "STATUS_CONDITION_")+" "+c.GetReason())
	}
	return out
}

func summary(rsp *fnv1.RunFunctionResponse) string {
	return text(rsp.GetDesired().GetComposite().GetResource(), "status", "summary")
}

func run(t *testing.T, req *fnv1.RunFunctionRequest) *fnv1.RunFunctionResponse {
	t.Helper()
	before := proto.Clone(req)
	rsp, err := NewFunction(func() time.Time { return noon }).RunFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, proto.Message(req), protocmp.Transform()); diff != "" {
		t.Errorf("\nA call does not change its request.\n-before, +after:\n%s", diff)
	}
	return rsp
}

func TestFirstPass(t *testing.T) {
	rsp := run(t, ask(t))
	if diff := cmp.Diff(map[string]bool{"namespace": true}, names(rsp)); diff != "" {
		t.Errorf("\nAll waits for the namespace, which decides who has the names.\n-want, +got:\n%s", diff)
	}
	want := []string{
		"Accepted=TRUE Accepted", "WithinLifetime=TRUE NotRequested", "NamespaceReady=FALSE Creating", "IdentityReady=FALSE Waiting",
		"SearchReady=TRUE NotRequested", "RouteReady=TRUE NotRequested",
	}
	if diff := cmp.Diff(want, says(rsp)); diff != "" {
		t.Errorf("\nEvery capability has its condition.\n-want, +got:\n%s", diff)
	}
	for _, c := range rsp.GetConditions() {
		if c.GetTarget() != fnv1.Target_TARGET_COMPOSITE_AND_CLAIM {
			t.Errorf("condition %s is for the claim too", c.GetType())
		}
	}
	if rsp.GetDesired().GetComposite().GetReady() != fnv1.Ready_READY_FALSE {
		t.Error("readiness is said, not left to be guessed from what is desired so far")
	}
	if got := rsp.GetMeta().GetTtl().AsDuration(); got != time.Minute {
		t.Errorf("an environment that is not ready is looked at every minute, got %s", got)
	}
	if len(rsp.GetResults()) > 0 {
		t.Errorf("a call in which nothing happens makes no event, got %v", rsp.GetResults())
	}
	if got := rsp.GetRequirements().GetResources()["namespace"].GetMatchName(); got != "checkout-prod" {
		t.Errorf("the namespace's name is looked up until the namespace is ours, got %q", got)
	}
}

// TestNotLookedUp holds that nothing is composed on a guess: an object without a
// controller would be taken over, and deleted with the claim.
func TestNotLookedUp(t *testing.T) {
	rsp := run(t, ask(t, func(req *fnv1.RunFunctionRequest) { delete(req.RequiredResources, "namespace") }))
	if got := names(rsp); len(got) != 0 {
		t.Errorf("nothing is composed before the name is looked up, got %v", got)
	}
	if rsp.GetRequirements().GetResources()["namespace"] == nil {
		t.Error("the name is asked for")
	}
}

func TestNamespaceOfOthers(t *testing.T) {
	controller := func(kind, uid string) []any {
		return []any{object{"kind": kind, "name": "other", "uid": uid, "controller": true}}
	}
	cases := map[string]struct {
		reason    string
		namespace object
		want      string
		message   string
	}{
		"Nobodys": {
			reason:    "A namespace that nobody controls is not ours to take.",
			namespace: object{"metadata": object{"name": "checkout-prod"}},
			want:      "Accepted=FALSE ExistsNotOwned",
			message:   `Namespace "checkout-prod" exists`,
		},
		"AnothersKind": {
			reason:    "A namespace that something else controls is not ours to take.",
			namespace: object{"metadata": object{"name": "checkout-prod", "ownerReferences": controller("Tenant", "our-uid-not")}},
			want:      "Accepted=FALSE ExistsNotOwned",
			message:   `Namespace "checkout-prod" exists`,
		},
		"AnotherClaims": {
			reason: "The first claim has the name, and the other says who that is.",
			namespace: object{"metadata": object{
				"name": "checkout-prod", "ownerReferences": controller("XServiceEnvironment", "another-uid"),
				"labels": object{"crossplane.io/claim-name": "checkout-prod", "crossplane.io/claim-namespace": "shop"},
			}},
			want:    "Accepted=FALSE NameTaken",
			message: `belongs to shop/checkout-prod (team shop)`,
		},
		"Ours": {
			reason:    "A namespace of ours that was not observed in this call is still ours.",
			namespace: object{"metadata": object{"name": "checkout-prod", "ownerReferences": controller("XServiceEnvironment", "our-uid")}},
			want:      "Accepted=TRUE Accepted",
		},
		"AnotherName": {
			reason:    "A namespace that was looked up for an earlier plan says nothing about this one.",
			namespace: object{"metadata": object{"name": "something-else"}},
			want:      "Accepted=TRUE Accepted",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, required(t, "namespace", tc.namespace), observed(t, "group", object{"metadata": object{"name": "checkout-prod"}})))
			if got := says(rsp)[0]; got != tc.want {
				t.Errorf("\n%s\nwant %s, got %s", tc.reason, tc.want, got)
			}
			if tc.message == "" {
				return
			}
			if !strings.Contains(summary(rsp), tc.message) || !strings.Contains(summary(rsp), "choose another") {
				t.Errorf("\n%s\nThe summary says %q and the remedy, got %q", tc.reason, tc.message, summary(rsp))
			}
			if diff := cmp.Diff(map[string]bool{"group": true}, names(rsp)); diff != "" {
				t.Errorf("\n%s\nNothing new is composed, and what exists stays: -want, +got:\n%s", tc.reason, diff)
			}
			if got := Failure(rsp); got != nil {
				t.Errorf("\n%s\nIt is an answer, not a failure, got %v", tc.reason, got)
			}
		})
	}
}

// TestHostOfOthers holds that a host which is not ours is not served, and harms
// nothing else.
func TestHostOfOthers(t *testing.T) {
	route := inSpec(t, "routes", []any{object{"host": "checkout.example.com", "service": "web", "port": 80.0}})
	active := observed(t, "namespace", object{"metadata": object{"name": "checkout-prod"}, "status": object{"phase": "Active"}})
	lease := func(kind, uid string) object {
		return object{
			"metadata": object{"ownerReferences": []any{object{"kind": kind, "name": "other", "uid": uid, "controller": true}}},
			"spec":     object{"holderIdentity": "shop/checkout-prod"},
		}
	}
	const ours, served = "host-checkout.example.com", "ingress-checkout.example.com"
	cases := map[string]struct {
		reason  string
		edits   []edit
		desired []string
		says    string
		asks    bool
	}{
		"NotLookedUp": {
			reason: "Nothing is taken on a guess.",
			says:   "RouteReady=FALSE Creating",
			asks:   true,
		},
		"Free": {
			reason:  "A host that nobody has is taken, and served once it is ours.",
			edits:   []edit{func(req *fnv1.RunFunctionRequest) { req.RequiredResources[ours] = &fnv1.Resources{} }},
			desired: []string{ours},
			says:    "RouteReady=FALSE Creating",
			asks:    true,
		},
		"Ours": {
			reason:  "A host that is ours is served, and not looked at any more.",
			edits:   []edit{observed(t, ours, object{})},
			desired: []string{ours, served},
			says:    "RouteReady=FALSE Creating",
		},
		"OursNotObserved": {
			reason:  "A Lease of ours that was not observed in this call is still ours.",
			edits:   []edit{required(t, ours, lease("XServiceEnvironment", "our-uid"))},
			desired: []string{ours},
			says:    "RouteReady=FALSE Creating",
			asks:    true,
		},
		"AnotherClaims": {
			reason: "The first claim has the host, and the other says who that is.",
			edits:  []edit{required(t, ours, lease("XServiceEnvironment", "another-uid"))},
			says:   "RouteReady=FALSE NameTaken: host checkout.example.com belongs to shop/checkout-prod (team shop); choose another host (the developer fixes this)",
			asks:   true,
		},
		"Nobodys": {
			reason: "A Lease that Plumbline did not make is for the platform team to remove.",
			edits:  []edit{required(t, ours, object{"spec": object{"holderIdentity": "by-hand"}})},
			says:   "RouteReady=FALSE ExistsNotOwned",
			asks:   true,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, append([]edit{route, active}, tc.edits...)...))
			for _, part := range []string{ours, served} {
				if want := slices.Contains(tc.desired, part); names(rsp)[part] != want {
					t.Errorf("\n%s\n%s is desired: want %t, got %t", tc.reason, part, want, names(rsp)[part])
				}
			}
			if !names(rsp)["quota"] || !names(rsp)["group"] {
				t.Errorf("\n%s\nThe rest of the claim is unharmed, got %v", tc.reason, names(rsp))
			}
			conditions := rsp.GetConditions()
			last := conditions[len(conditions)-1]
			head, message, _ := strings.Cut(tc.says, ": ")
			if got := says(rsp); got[0] != "Accepted=TRUE Accepted" || got[len(got)-1] != head || !strings.Contains(last.GetMessage(), message) {
				t.Errorf("\n%s\nwant %s, got %v: %s", tc.reason, tc.says, got, last.GetMessage())
			}
			if got := rsp.GetRequirements().GetResources()[ours]; (got != nil) != tc.asks || (tc.asks && got.GetNamespace() != "plumbline-system") {
				t.Errorf("\n%s\nThe Lease is asked for: want %t, got %v", tc.reason, tc.asks, got)
			}
		})
	}
}

func TestWithoutClaim(t *testing.T) {
	active := observed(t, "namespace", object{"metadata": object{"name": "checkout-prod"}, "status": object{"phase": "Active"}})
	rsp := run(t, ask(t, active, func(req *fnv1.RunFunctionRequest) {
		delete(req.Observed.Composite.Resource.Fields["metadata"].GetStructValue().Fields, "labels")
	}))
	group := rsp.GetDesired().GetResources()["group"].GetResource()
	got := text(group, "metadata", "namespace") + "/" + text(group, "metadata", "name")
	if got != "plumbline-system/checkout-prod-x7k2p" {
		t.Errorf("without a claim, managed resources lie in the platform namespace under the composite's name, got %s", got)
	}
}

// TestPassThrough holds that what functions before us desire is none of our business.
func TestPassThrough(t *testing.T) {
	rsp := run(t, ask(t, func(req *fnv1.RunFunctionRequest) {
		req.Desired = &fnv1.State{
			Composite: &fnv1.Resource{Resource: pb(t, object{"status": object{"theirs": "kept"}})},
			Resources: map[string]*fnv1.Resource{"theirs": {Resource: pb(t, object{"kind": "ConfigMap"})}},
		}
	}))
	if !names(rsp)["theirs"] || text(rsp.GetDesired().GetComposite().GetResource(), "status", "theirs") != "kept" {
		t.Errorf("what others desire is passed on, got %v", rsp.GetDesired())
	}
}

func TestUnreadableSpec(t *testing.T) {
	rsp := run(t, ask(t, inSpec(t, "routes", "none")))
	if len(rsp.GetResults()) != 1 || !strings.Contains(rsp.GetResults()[0].GetMessage(), "cannot read spec") {
		t.Errorf("a spec that cannot be read fails the call, got %v", rsp.GetResults())
	}
}
