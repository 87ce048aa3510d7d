package expand

import (
	"maps"
	"slices"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	insidePart  = "extra/thing.example.com/inside"
	outsidePart = "extra/thing.example.com/shared/checkout-prod"
	kindName    = "kind-example.com/v1/Thing"
	insideName  = "object-extra/thing.example.com/inside"
	outsideName = "outside-thing.example.com/shared/checkout-prod"
	roleName    = "crossplane-role"
)

// offering gives every environment an object inside its namespace and one outside.
func offering(t *testing.T, objects ...any) edit {
	t.Helper()
	if len(objects) == 0 {
		thing := func(name string) object {
			return object{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": object{"name": name}}
		}
		objects = []any{object{"manifest": thing("inside")}, object{"manifest": thing("{namespace}"), "namespace": "shared"}}
	}
	blueprint := builtIn(t)
	blueprint["extras"] = object{"things": object{"always": true, "objects": objects}}
	return required(t, "blueprint", object{"data": blueprint})
}

func active(t *testing.T) edit {
	t.Helper()
	return observed(t, "namespace", object{"status": object{"phase": "Active"}})
}

// notFound answers a requirement: there is none.
func notFound(name string) edit {
	return func(req *fnv1.RunFunctionRequest) { req.RequiredResources[name] = &fnv1.Resources{} }
}

// schemaOf answers the requirement for the schema, which is empty where there is none.
func schemaOf(t *testing.T, o object) edit {
	t.Helper()
	return func(req *fnv1.RunFunctionRequest) {
		req.RequiredSchemas = map[string]*fnv1.Schema{kindName: {OpenapiV3: pb(t, o)}}
	}
}

// role is Crossplane's, with verbs on the things.
func role(t *testing.T, verbs ...any) edit {
	t.Helper()
	return required(t, roleName, object{"rules": []any{
		object{"apiGroups": []any{"", "networking.k8s.io", "rbac.authorization.k8s.io", "entra.plumbline.dev"}, "resources": []any{"*"}, "verbs": []any{"*"}},
		object{"apiGroups": []any{"example.com"}, "resources": []any{"things"}, "verbs": verbs},
	}})
}

func TestRights(t *testing.T) {
	all := rbacv1.PolicyRule{APIGroups: []string{"a"}, Resources: []string{"things"}, Verbs: []string{"*"}}
	cases := map[string]struct {
		reason  string
		rights  rights
		guessed bool
		want    bool
	}{
		"Unknown":       {reason: "What is not known is not refused.", want: true},
		"None":          {reason: "A role without rules allows nothing.", rights: rights{}},
		"All":           {reason: "Every verb is each of them.", rights: rights{all}, want: true},
		"Split":         {reason: "Rules add up.", rights: rights{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"get", "list", "watch"}}, {APIGroups: []string{"a"}, Resources: []string{"things"}, Verbs: []string{"create", "patch", "delete"}}}, want: true},
		"NoDelete":      {reason: "What cannot be deleted would outlive its claim.", rights: rights{{APIGroups: []string{"a"}, Resources: []string{"things"}, Verbs: []string{"get", "list", "watch", "create", "patch"}}}},
		"Named":         {reason: "A rule for some names is none for all.", rights: rights{{APIGroups: []string{"a"}, Resources: []string{"things"}, ResourceNames: []string{"one"}, Verbs: []string{"*"}}}},
		"OtherGroup":    {reason: "A resource is one of its group.", rights: rights{{APIGroups: []string{"b"}, Resources: []string{"things"}, Verbs: []string{"*"}}}},
		"OtherResource": {reason: "Another resource is another.", rights: rights{{APIGroups: []string{"a"}, Resources: []string{"thinges"}, Verbs: []string{"*"}}}},
		"Guessed":       {reason: "Where the name is only guessed, the group will do.", rights: rights{{APIGroups: []string{"a"}, Resources: []string{"thinges"}, Verbs: []string{"*"}}}, guessed: true, want: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.rights.allow(schema.GroupResource{Group: "a", Resource: "things"}, tc.guessed); got != tc.want {
				t.Errorf("\n%s\nallow(...): want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}

func TestExtras(t *testing.T) {
	controlledBy := func(kind, uid string) object {
		return object{"metadata": object{
			"name": "checkout-prod", "ownerReferences": []any{object{"kind": kind, "name": "other", "uid": uid, "controller": true}},
			"labels": object{"crossplane.io/claim-name": "checkout-prod", "crossplane.io/claim-namespace": "shop"},
		}}
	}
	defined := required(t, kindName, object{"status": object{"conditions": []any{object{"type": "Established", "status": "True"}}}})
	served := schemaOf(t, object{"type": "object"})
	cases := map[string]struct {
		reason  string
		edits   []edit
		want    []string // Parts of extras that are desired.
		asks    []string // What is asked for.
		message string   // Part of what the claim says of them.
	}{
		"FirstPass": {
			reason:  "Nothing is composed of a kind that may not be there, nor asked for by it.",
			edits:   []edit{func(req *fnv1.RunFunctionRequest) { delete(req.RequiredResources, roleName) }},
			asks:    []string{roleName, kindName},
			message: "Looking whether the API server knows kind Thing",
		},
		"KindMissing": {
			reason:  "A kind that is not there is said to be missing, with who installs it.",
			edits:   []edit{notFound(kindName), schemaOf(t, object{})},
			asks:    []string{roleName, kindName},
			message: `KindMissing: Extra "things" needs kind Thing of example.com/v1, which the API server does not know; install its CustomResourceDefinition`,
		},
		"NotEstablished": {
			reason:  "A definition that does not hold yet serves nothing.",
			edits:   []edit{required(t, kindName, object{"status": object{"conditions": []any{object{"type": "Established", "status": "False"}}}}), schemaOf(t, object{})},
			asks:    []string{roleName, kindName},
			message: "does not know",
		},
		"Defined": {
			reason:  "A definition will do, while Crossplane does not know the schema yet; what lies outside is looked for only then.",
			edits:   []edit{defined, schemaOf(t, object{})},
			want:    []string{insidePart},
			asks:    []string{roleName, kindName, insideName, outsideName},
			message: "Looking whether the name is free",
		},
		"Served": {
			reason: "A schema will do, where the definition has another name or there is none.",
			edits:  []edit{notFound(kindName), served, notFound(outsideName)},
			want:   []string{insidePart, outsidePart},
			asks:   []string{roleName, kindName, insideName, outsideName},
		},
		"NotAllowed": {
			reason:  "A kind that Crossplane may not write is not composed, and none of it is asked for: either would stop Crossplane.",
			edits:   []edit{defined, role(t, "get", "list", "watch", "create", "patch")},
			asks:    []string{roleName, kindName},
			message: `NotAllowed: Extra "things" needs Crossplane to be allowed to write things.example.com; grant it by a ClusterRole`,
		},
		"Allowed": {
			reason: "Rights that suffice are enough.",
			edits:  []edit{served, role(t, "get", "list", "watch", "create", "patch", "delete"), notFound(outsideName)},
			want:   []string{insidePart, outsidePart},
			asks:   []string{roleName, kindName, insideName, outsideName},
		},
		"Nobodys": {
			reason:  "What nobody controls is not taken over.",
			edits:   []edit{served, required(t, outsideName, object{"metadata": object{"name": "checkout-prod"}})},
			want:    []string{insidePart},
			asks:    []string{roleName, kindName, insideName, outsideName},
			message: `ExistsNotOwned: Extra "things" needs Thing "checkout-prod", which exists, and Plumbline did not make it`,
		},
		"AnotherClaims": {
			reason:  "What another claim has is said to be its.",
			edits:   []edit{served, required(t, outsideName, controlledBy("XServiceEnvironment", "another"))},
			want:    []string{insidePart},
			asks:    []string{roleName, kindName, insideName, outsideName},
			message: `NameTaken: Extra "things" needs Thing "checkout-prod", which belongs to shop/checkout-prod (team shop)`,
		},
		"Ours": {
			reason: "What is ours already, though not observed in this call, is ours.",
			edits:  []edit{served, required(t, outsideName, controlledBy("XServiceEnvironment", "our-uid"))},
			want:   []string{insidePart, outsidePart},
			asks:   []string{roleName, kindName, insideName, outsideName},
		},
		"Existing": {
			reason: "What exists is desired, whatever is known of its kind and its like, and nothing more is asked.",
			edits: []edit{
				observed(t, insidePart, object{}), observed(t, outsidePart, object{}),
				notFound(kindName), schemaOf(t, object{}), required(t, outsideName, controlledBy("Tenant", "x")),
			},
			want: []string{insidePart, outsidePart},
			asks: []string{roleName}, // For the rest of the environment.
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, append([]edit{offering(t), active(t), notFound(roleName)}, tc.edits...)...))
			var got []string
			for _, name := range slices.Sorted(maps.Keys(names(rsp))) {
				if strings.HasPrefix(name, "extra/") {
					got = append(got, name)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\ndesired: -want, +got:\n%s", tc.reason, diff)
			}
			if !names(rsp)["quota"] && name != "FirstPass" {
				t.Errorf("\n%s\nThe rest of the environment is composed.", tc.reason)
			}
			asks := slices.Sorted(maps.Keys(rsp.GetRequirements().GetResources()))
			asks = slices.DeleteFunc(asks, func(name string) bool { return strings.HasPrefix(name, requireObject) && name != insideName })
			if diff := cmp.Diff(tc.asks, asks); diff != "" {
				t.Errorf("\n%s\nasked for: -want, +got:\n%s", tc.reason, diff)
			}
			if said := table(rsp); !strings.Contains(said, tc.message) {
				t.Errorf("\n%s\nThe claim says %q, got:\n%s", tc.reason, tc.message, said)
			}
		})
	}
}

// table returns what the claim says of each resource.
func table(rsp *fnv1.RunFunctionResponse) string {
	var out strings.Builder
	for _, row := range at(rsp.GetDesired().GetComposite().GetResource(), "status", "resources").GetListValue().GetValues() {
		out.WriteString(text(row.GetStructValue(), "reason") + ": " + text(row.GetStructValue(), "message") + "\n")
	}
	return out.String()
}

// TestExtraClash holds that an extra never writes an object that another part writes.
func TestExtraClash(t *testing.T) {
	policy := func(name string) object {
		return object{"manifest": object{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": object{"name": name}}}
	}
	cases := map[string]struct {
		reason  string
		objects []any
	}{
		"Plumblines": {reason: "An object of Plumbline's own.", objects: []any{policy("environment")}},
		"Meeting":    {reason: "Two names that become one.", objects: []any{policy("{namespace}"), policy("{service}-{environment}")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp := run(t, ask(t, offering(t, tc.objects...), active(t)))
			if len(rsp.GetResults()) != 1 || !strings.Contains(rsp.GetResults()[0].GetMessage(), "is composed already") {
				t.Errorf("\n%s\nThe call fails as a whole, got results %v", tc.reason, rsp.GetResults())
			}
			if got := says(rsp)[0]; got != "Accepted=FALSE InvalidBlueprint" {
				t.Errorf("\n%s\nIt is the Blueprint's mistake, got %s", tc.reason, got)
			}
		})
	}
}
