package plan

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic/fake"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

const examples = "../../../examples"

// clustered are kinds without a namespace.
var clustered = []string{"Namespace", "ClusterRole", "EnvironmentConfig", "CustomResourceDefinition", "XServiceEnvironment"}

// cluster is a control plane with objects, and the fake that counts what is asked.
func cluster(t *testing.T, objects ...map[string]any) (*Cluster, *fake.FakeDynamicClient) {
	t.Helper()
	mapper := meta.NewDefaultRESTMapper(nil)
	var there []runtime.Object
	for _, o := range objects {
		u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(jsonOf(t, o))}
		there = append(there, u)
	}
	for _, gvk := range []schema.GroupVersionKind{
		{Version: "v1", Kind: "Namespace"},
		{Version: "v1", Kind: "ResourceQuota"},
		{Version: "v1", Kind: "LimitRange"},
		{Version: "v1", Kind: "ServiceAccount"},
		{Version: "v1", Kind: "Service"},
		{Group: "networking.k8s.io", Version: "v1", Kind: "NetworkPolicy"},
		{Group: "networking.k8s.io", Version: "v1", Kind: "Ingress"},
		{Group: "coordination.k8s.io", Version: "v1", Kind: "Lease"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"},
		{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "ClusterRole"},
		{Group: "entra.plumbline.dev", Version: "v1alpha1", Kind: "Group"},
		{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "Index"},
		{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "Role"},
		{Group: "elasticsearch.plumbline.dev", Version: "v1alpha1", Kind: "RoleMapping"},
		{Group: "externaldns.k8s.io", Version: "v1alpha1", Kind: "DNSEndpoint"},
		{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"},
		{Group: "gateway.networking.k8s.io", Version: "v1", Kind: "HTTPRoute"},
		{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"},
		{Group: "apiextensions.crossplane.io", Version: "v1beta1", Kind: "EnvironmentConfig"},
		v1alpha1.ServiceEnvironmentGroupVersionKind,
		v1alpha1.XServiceEnvironmentGroupVersionKind,
	} {
		scope := meta.RESTScopeNamespace
		if slices.Contains(clustered, gvk.Kind) {
			scope = meta.RESTScopeRoot
		}
		mapper.Add(gvk, scope)
	}
	client := fake.NewSimpleDynamicClient(runtime.NewScheme(), there...)
	return &Cluster{ctx: t.Context(), client: client, mapper: mapper, seen: map[string][]map[string]any{}, schemas: map[schema.GroupVersionResource]*structural.Structural{}}, client
}

// made is what a control plane holds once a claim is Ready.
func made(t *testing.T, claim *v1alpha1.ServiceEnvironment) []map[string]any {
	t.Helper()
	result, err := rehearsal.Run(claim, blueprint(t), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&claim.Spec)
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{"crossplane.io/claim-name": claim.GetName(), "crossplane.io/claim-namespace": claim.GetNamespace()}
	xr := map[string]any{
		"apiVersion": "plumbline.dev/v1alpha1", "kind": "XServiceEnvironment",
		"metadata": map[string]any{"name": claim.GetName() + "-abcde", "uid": "u-" + claim.GetName(), "labels": labels},
	}
	var out []map[string]any
	var refs []any
	for _, r := range result.Resources {
		o := runtime.DeepCopyJSON(jsonOf(t, r.Object))
		record := fieldsOf(o)
		metadata := o["metadata"].(map[string]any)
		metadata["managedFields"] = []any{map[string]any{
			"manager": "apiextensions.crossplane.io/composed/x", "operation": "Apply", "fieldsV1": record,
		}}
		metadata["ownerReferences"] = []any{map[string]any{"controller": true, "uid": "u-" + claim.GetName(), "kind": "XServiceEnvironment", "name": xr["metadata"].(map[string]any)["name"]}}
		annotations, _ := metadata["annotations"].(map[string]any)
		if annotations == nil {
			annotations = map[string]any{}
		}
		annotations[annotationPart] = r.Part
		metadata["annotations"] = annotations
		maps.Copy(metadata["labels"].(map[string]any), labels)
		switch o["kind"] {
		case "Namespace":
			o["status"] = map[string]any{"phase": "Active"}
		case "Group":
			o["status"] = map[string]any{"atProvider": map[string]any{"objectID": rehearsal.UnknownGroupID}}
		}
		ref := map[string]any{"apiVersion": o["apiVersion"], "kind": o["kind"], "name": metadata["name"]}
		if ns := metadata["namespace"]; ns != nil {
			ref["namespace"] = ns
		}
		refs = append(refs, ref)
		out = append(out, o)
	}
	xr["spec"] = map[string]any{"resourceRefs": refs}
	live := map[string]any{
		"apiVersion": "plumbline.dev/v1alpha1", "kind": "ServiceEnvironment",
		"metadata": map[string]any{"name": claim.GetName(), "namespace": claim.GetNamespace()}, "spec": spec,
	}
	spec["resourceRef"] = map[string]any{"name": claim.GetName() + "-abcde"}
	return append(out, xr, live, blueprint(t))
}

// fieldsOf records all of an object as applied, each list as a whole.
func fieldsOf(o map[string]any) map[string]any {
	out := map[string]any{}
	for key, v := range o {
		if key == "apiVersion" || key == "kind" {
			continue
		}
		fields := map[string]any{}
		if m, ok := v.(map[string]any); ok {
			fields = fieldsOf(m)
		}
		out["f:"+key] = fields
	}
	return out
}

func jsonOf(t *testing.T, o map[string]any) map[string]any {
	t.Helper()
	data, err := yaml.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	out := &unstructured.Unstructured{}
	data, err = yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.UnmarshalJSON(data); err != nil {
		t.Fatal(err)
	}
	return out.Object
}

func blueprint(t *testing.T) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, "blueprint.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := yaml.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return jsonOf(t, out)
}

func claim(team, name, environment string) *v1alpha1.ServiceEnvironment {
	c := &v1alpha1.ServiceEnvironment{}
	c.SetNamespace(team)
	c.SetName(name)
	c.Spec.Service, c.Spec.Environment = "shop", environment
	c.Spec.Tags = map[string]v1alpha1.TagValue{"costCenter": "1", "dataClass": "internal"}
	c.Spec.Access = &v1alpha1.Access{Members: []v1alpha1.Member{"ana@example.com"}}
	return c
}

// fates lists what happens, by kind and name.
func fates(c Claim) map[string]Action {
	out := map[string]Action{}
	for _, r := range c.Resources {
		out[r.Kind+" "+r.Name] = r.Action
	}
	return out
}

// withoutLimits is what a control plane holds of a claim that is Ready but for its limits.
func withoutLimits(t *testing.T) []map[string]any {
	t.Helper()
	return slices.DeleteFunc(made(t, claim("payments", "shop-dev", "dev")), func(o map[string]any) bool { return o["kind"] == "LimitRange" })
}

// limits are somebody else's.
func limits(annotations map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": "v1", "kind": "LimitRange",
		"metadata": map[string]any{"name": "environment", "namespace": "shop-dev", "annotations": annotations},
	}
}

func adopting(c *v1alpha1.ServiceEnvironment) *v1alpha1.ServiceEnvironment {
	c.Spec.Adoption = custody.AdoptionAdopt
	return c
}

func TestPlan(t *testing.T) {
	edited := func(edit func(*v1alpha1.ServiceEnvironmentSpec)) *v1alpha1.ServiceEnvironment {
		c := claim("payments", "shop-dev", "dev")
		edit(&c.Spec)
		return c
	}
	search := func(s *v1alpha1.ServiceEnvironmentSpec) {
		s.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}}
	}
	withSearch := claim("payments", "shop-dev", "dev")
	search(&withSearch.Spec)
	prod := claim("payments", "shop-prod", "prod")
	search(&prod.Spec)
	protected := claim("payments", "shop-dev", "dev")
	protected.Spec.Deletion = &v1alpha1.Deletion{Protect: new(true)}

	cases := map[string]struct {
		reason  string
		live    []map[string]any
		files   []*v1alpha1.ServiceEnvironment
		removed []*v1alpha1.ServiceEnvironment
		action  Action
		fates   map[string]Action // Some that must be among them.
		fields  []string          // Lines that must be told.
		refused string
		exit    int
	}{
		"New": {
			reason: "A claim that is new creates what it becomes, and the group's object id is not known before.",
			live:   []map[string]any{blueprint(t)},
			files:  []*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")},
			action: Create, exit: ExitChanges,
			fates: map[string]Action{"Namespace shop-dev": Create, "Group shop-dev": Create, "ResourceQuota environment": Create},
		},
		"Same": {
			reason: "A claim that is as it was changes nothing.",
			live:   made(t, withSearch), files: []*v1alpha1.ServiceEnvironment{withSearch},
			action: None, exit: ExitNothing, fates: map[string]Action{},
		},
		"Size": {
			reason: "Another size changes the quota field by field.",
			live:   made(t, claim("payments", "shop-dev", "dev")),
			files:  []*v1alpha1.ServiceEnvironment{edited(func(s *v1alpha1.ServiceEnvironmentSpec) { s.Size = "medium" })},
			action: Change, exit: ExitChanges,
			fates:  map[string]Action{"ResourceQuota environment": Change},
			fields: []string{"spec.hard[requests.cpu]: 1 → 4"},
		},
		"Tag": {
			reason: "A tag that stands on every object is told once.",
			live:   made(t, claim("payments", "shop-dev", "dev")),
			files:  []*v1alpha1.ServiceEnvironment{edited(func(s *v1alpha1.ServiceEnvironmentSpec) { s.Tags["costCenter"] = "2" })},
			action: Change, exit: ExitChanges, fields: []string{"# tag costCenter: 1 → 2"},
		},
		"IndexRemoved": {
			reason: "An index that a development claim no longer asks for is destroyed with its documents.",
			live:   made(t, withSearch), files: []*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")},
			action: Change, exit: ExitDestroys, fates: map[string]Action{"Index shop-dev.orders": Destroy},
		},
		"Removed": {
			reason: "A production claim that goes takes its namespace with it, and leaves its data.",
			live:   made(t, prod), removed: []*v1alpha1.ServiceEnvironment{prod},
			action: Delete, exit: ExitDestroys,
			fates: map[string]Action{"Namespace shop-prod": Destroy, "Index shop-prod.orders": Retain, "Group shop-prod": Retain, "ResourceQuota environment": Delete},
		},
		"Protected": {
			reason: "A claim that is protected stays, and the plan says what to commit first.",
			live:   made(t, protected), removed: []*v1alpha1.ServiceEnvironment{protected},
			action: Delete, exit: ExitRefused, refused: "spec.deletion.protect: false",
		},
		"NeverThere": {
			reason:  "A claim that never came to be is not deleted.",
			live:    []map[string]any{blueprint(t)},
			removed: []*v1alpha1.ServiceEnvironment{prod}, action: None, exit: ExitNothing, fates: map[string]Action{},
		},
		"Taken": {
			reason: "A name that another claim has is refused, with the claim that has it.",
			live:   made(t, claim("payments", "shop-dev", "dev")),
			files:  []*v1alpha1.ServiceEnvironment{claim("orders", "mine", "dev")},
			action: Create, exit: ExitRefused, refused: `payments/shop-dev (team payments)`,
		},
		"Renamed": {
			reason: "A claim that takes the place of one that goes is made anew, and what was there is lost.",
			live:   made(t, claim("payments", "shop-dev", "dev")),
			files:  []*v1alpha1.ServiceEnvironment{claim("orders", "mine", "dev")}, removed: []*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")},
			action: Create, exit: ExitDestroys, fates: map[string]Action{"Namespace shop-dev": Recreate},
		},
		"Strange": {
			reason: "A namespace that nobody made is not taken over.",
			live: []map[string]any{blueprint(t), {
				"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "shop-dev"},
			}},
			files:  []*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")},
			action: Create, exit: ExitRefused, refused: "Plumbline did not make it",
		},
		"NotOffered": {
			reason: "An object in the namespace that nobody offers is left alone, and the plan says so.",
			live:   append(withoutLimits(t), limits(nil)),
			files:  []*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")},
			action: None, exit: ExitRefused, refused: "Plumbline did not make it",
		},
		"Adopted": {
			reason: "An object in the namespace that is offered to the claim is taken over, and the plan says so.",
			live:   append(withoutLimits(t), limits(map[string]any{"plumbline.dev/owner": "payments/shop-dev;offered"})),
			files:  []*v1alpha1.ServiceEnvironment{adopting(claim("payments", "shop-dev", "dev"))},
			action: Change, exit: ExitChanges, fates: map[string]Action{"LimitRange environment": Adopt},
		},
		"Mistake": {
			reason: "A claim with a mistake is refused in the function's words.",
			live:   []map[string]any{blueprint(t)},
			files:  []*v1alpha1.ServiceEnvironment{edited(func(s *v1alpha1.ServiceEnvironmentSpec) { s.Size = "giant" })},
			action: Create, exit: ExitRefused, refused: "spec.size",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, client := cluster(t, tc.live...)
			p, err := Of(c, filesOf(tc.files), filesOf(tc.removed), nil)
			if err != nil {
				t.Fatalf("\n%s\nOf(...): %v", tc.reason, err)
			}
			got := p.Claims[0]
			if tc.files != nil && tc.removed != nil {
				got = p.Claims[slices.IndexFunc(p.Claims, func(c Claim) bool { return c.Action != Delete })]
			}
			if diff := cmp.Diff(tc.action, got.Action); diff != "" {
				t.Errorf("\n%s\naction: -want, +got:\n%s", tc.reason, diff)
			}
			found := fates(got)
			for what, want := range tc.fates {
				if found[what] != want {
					t.Errorf("\n%s\n%s: want %q, got %q of %v", tc.reason, what, want, found[what], found)
				}
			}
			if tc.fates != nil && len(tc.fates) == 0 && len(found) > 0 {
				t.Errorf("\n%s\nwant nothing, got %v", tc.reason, got.lines())
			}
			for _, want := range tc.fields {
				if lines := strings.Join(got.lines(), "\n"); !strings.Contains(lines, want) {
					t.Errorf("\n%s\nwant %q, got:\n%s", tc.reason, want, lines)
				}
			}
			if refused := strings.Join(got.Refused, "\n"); !strings.Contains(refused, tc.refused) || (tc.refused == "") != (refused == "") {
				t.Errorf("\n%s\nwant refusal %q, got %q", tc.reason, tc.refused, refused)
			}
			if p.ExitCode() != tc.exit {
				t.Errorf("\n%s\nwant exit code %d, got %d: %s", tc.reason, tc.exit, p.ExitCode(), p.Summary())
			}
			for _, a := range client.Actions() {
				if a.GetVerb() != "get" && a.GetVerb() != "list" || a.GetResource().Resource == "secrets" {
					t.Errorf("\nA plan only reads, and no Secret.\ngot %s of %s", a.GetVerb(), a.GetResource().Resource)
				}
			}
		})
	}
}

// TestNoBlueprint holds that nothing is planned under a Blueprint that nobody wrote: the
// function would change nothing.
func TestNoBlueprint(t *testing.T) {
	c, _ := cluster(t)
	if _, err := Of(c, filesOf([]*v1alpha1.ServiceEnvironment{claim("payments", "shop-dev", "dev")}), nil, nil); err == nil || !strings.Contains(err.Error(), "plumbline-blueprint") {
		t.Errorf("the plan says which object is missing, got %v", err)
	}
}

func filesOf(claims []*v1alpha1.ServiceEnvironment) []File {
	var out []File
	for _, c := range claims {
		out = append(out, File{Path: "teams/" + c.GetName() + ".yaml", Claim: c})
	}
	return out
}

// TestMarkdown holds that what is lost stands above all, and that no text of a claim
// breaks out of its place.
func TestMarkdown(t *testing.T) {
	p := Plan{Claims: []Claim{{Title: "a/b", Action: Change, Resources: []Resource{
		{Action: Destroy, Kind: "Index", Name: "b.orders", Note: "with its data"},
		{Action: Change, Kind: "Group", Name: "b", Fields: []Field{{Path: "spec.forProvider.description", From: "x", To: "````\n<script>"}}},
	}}}}
	var out bytes.Buffer
	if err := p.Print(&out, "markdown"); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	caution, details := strings.Index(text, "[!CAUTION]"), strings.Index(text, "<details")
	if caution < 0 || details < caution || !strings.Contains(text[caution:details], "b.orders") {
		t.Errorf("what is lost stands above all:\n%s", text)
	}
	if strings.Count(text, "````") != 2 {
		t.Errorf("a text does not end the block that it stands in:\n%s", text)
	}
	if !strings.HasPrefix(text, Marker) {
		t.Errorf("a comment begins with its marker:\n%s", text)
	}
}
