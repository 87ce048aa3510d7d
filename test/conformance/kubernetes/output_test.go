package kubernetes

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
	"github.com/plumbline-dev/plumbline/test/door"
)

// today is before all days that examples name.
var today = time.Date(2026, time.November, 24, 0, 0, 0, 0, time.UTC)

// check returns what the API server would say of an object.
func (d *defined) check(ctx context.Context, o map[string]any) error {
	u := unstructured.Unstructured{Object: o}
	group := u.GroupVersionKind().Group
	if group == "" || strings.HasSuffix(group, ".k8s.io") && !strings.HasPrefix(group, "gateway.") && !strings.HasPrefix(group, "externaldns.") {
		return checkBuiltIn(o)
	}
	in, err := d.door(u.GroupVersionKind())
	if err != nil {
		return err
	}
	whole, _ := door.Whole(u.DeepCopy().Object).(map[string]any)
	errs := in.Admit(ctx, whole, nil)
	errs = append(errs, validation.ValidateObjectMetaAccessor(&u, u.GetNamespace() != "", validation.NameIsDNSSubdomain, field.NewPath("metadata"))...)
	return errs.ToAggregate()
}

func read(tb testing.TB, file string, into any) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		tb.Fatal(err)
	}
}

// examples are the claims of examples/ by name.
func examples(tb testing.TB) map[string]*v1alpha1.ServiceEnvironment {
	tb.Helper()
	files, err := filepath.Glob(filepath.Join(root, "examples", "*", "claim.yaml"))
	if err != nil || len(files) == 0 {
		tb.Fatalf("cannot find the examples: %v", err)
	}
	out := map[string]*v1alpha1.ServiceEnvironment{}
	for _, file := range files {
		claim := &v1alpha1.ServiceEnvironment{}
		read(tb, file, claim)
		out[filepath.Base(filepath.Dir(file))] = claim
	}
	return out
}

func exampleBlueprint(tb testing.TB) map[string]any {
	tb.Helper()
	blueprint := map[string]any{}
	read(tb, filepath.Join(root, "examples", "blueprint.yaml"), &blueprint)
	return blueprint
}

// TestExamples holds every object of every golden file, of what developers deploy
// beside them, and of what the control plane has for them, to what the API server takes.
func TestExamples(t *testing.T) {
	d := definitions(t).withExtras(t)
	kinds, unseen := map[string]bool{}, maps.Clone(undefined)
	for _, file := range objectFiles(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq("\n"+string(text), "\n---\n") {
			u := unstructured.Unstructured{Object: map[string]any{}}
			if err := yaml.Unmarshal([]byte(document), &u.Object); err != nil {
				t.Fatal(err)
			}
			if len(u.Object) == 0 {
				continue
			}
			kinds[u.GetKind()] = true
			if why, none := undefined[u.GroupVersionKind().Group]; none {
				delete(unseen, u.GroupVersionKind().Group)
				t.Logf("not held to its definition: %s %s of %s: %s", u.GetKind(), u.GetName(), file, why)
				continue
			}
			if err := d.check(t.Context(), u.Object); err != nil {
				t.Errorf("the API server takes %s %s of %s: %v", u.GetKind(), u.GetName(), file, err)
			}
		}
	}
	if len(kinds) < 33 {
		t.Errorf("the examples hold every kind that is composed or shown, got %d: %v", len(kinds), slices.Sorted(maps.Keys(kinds)))
	}
	for group := range unseen {
		t.Errorf("what has no definition is somewhere in the examples, misses %s", group)
	}
}

// objectFiles are files of objects that an API server is shown.
func objectFiles(tb testing.TB) []string {
	tb.Helper()
	var out []string
	for _, pattern := range []string{
		"examples/*/resources.yaml", "examples/extras/*/resources.yaml", "examples/*/service.yaml", "test/controlplane/manifests/gateway.yaml",
	} {
		files, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(files) == 0 {
			tb.Fatalf("cannot find %s: %v", pattern, err)
		}
		out = append(out, files...)
	}
	return out
}

// TestWrongObjects breaks one object of each sort, so that the others prove something.
func TestWrongObjects(t *testing.T) {
	cases := map[string]struct {
		reason, object, want string
	}{
		"UnknownField":  {reason: "A misspelt field of a built-in kind is refused.", object: `{apiVersion: v1, kind: Namespace, metadata: {name: a}, specs: {}}`, want: "specs"},
		"Label":         {reason: "Values of labels are short.", object: `{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {a: "b c"}}}`, want: "metadata.labels"},
		"Quota":         {reason: "A quota's numbers are its own.", object: `{apiVersion: v1, kind: ResourceQuota, metadata: {name: a, namespace: a}, spec: {hard: {pods: 1500m}}}`, want: "spec.hard"},
		"Path":          {reason: "A path of an Ingress is one.", object: `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, namespace: a}, spec: {rules: [{http: {paths: [{path: a//b, pathType: Prefix, backend: {service: {name: a, port: {number: 80}}}}]}}]}}`, want: "path"},
		"Undefined":     {reason: "A kind that nobody defines is refused.", object: `{apiVersion: example.com/v1, kind: Thing, metadata: {name: a}}`, want: "no definition"},
		"CRDField":      {reason: "A misspelt field of a defined kind is refused.", object: `{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: a}, spec: {secretName: a, issuerRef: {name: a}, dnsName: [a]}}`, want: "spec.dnsName"},
		"CRDValue":      {reason: "So is a wrong value.", object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, namespace: a}, spec: {hostnames: ["a b"]}}`, want: "spec.hostnames"},
		"CRDName":       {reason: "So is a wrong name.", object: `{apiVersion: entra.plumbline.dev/v1alpha1, kind: Group, metadata: {name: A, namespace: a}, spec: {forProvider: {displayName: a}}}`, want: "metadata.name"},
		"TooManyRules":  {reason: "An HTTPRoute has 16 rules at most.", object: `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a, namespace: a}, spec: {rules: [` + strings.Repeat("{},", 16) + `{}]}}`, want: "spec.rules"},
		"ExtraField":    {reason: "So is a misspelt field of a kind that only an extra has.", object: `{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: a, namespace: a}, spec: {refreshIntervall: 1h}}`, want: "spec.refreshIntervall"},
		"ExtraValue":    {reason: "So is a value that its definition does not have.", object: `{apiVersion: security.istio.io/v1, kind: PeerAuthentication, metadata: {name: a, namespace: a}, spec: {mtls: {mode: ALWAYS}}}`, want: "spec.mtls.mode"},
		"RoleOfNothing": {reason: "A binding names a role.", object: `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a, namespace: a}, subjects: []}`, want: "roleRef"},
	}
	d := definitions(t).withExtras(t)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			o := map[string]any{}
			if err := yaml.Unmarshal([]byte(tc.object), &o); err != nil {
				t.Fatal(err)
			}
			if err := d.check(t.Context(), o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("\n%s\nwant a mistake at %s, got %v", tc.reason, tc.want, err)
			}
		})
	}
}

// FuzzOutput holds that whatever a claim and a Blueprint say that the function takes,
// the API server takes every object that comes of it, each lies where the claim may have
// it, and it is the same again. A number stands for some changes of an example and of
// its Blueprint: bytes alone would hardly ever be a claim.
func FuzzOutput(f *testing.F) {
	const seeds = 400 // Of which about a tenth is right.
	for seed := range uint64(seeds) {
		f.Add(seed)
	}
	d, claims, blueprint := definitions(f), examples(f), exampleBlueprint(f)
	for _, e := range []string{"monitoring", "vault", "argocd", "external-secrets", "registry"} {
		claims[e] = layExtra(f, e, blueprint)
	}
	for _, claim := range claims {
		claim.Spec.Tags = map[string]v1alpha1.TagValue{"alerts": "shop-oncall"} // That one of the extras requires.
	}
	passed := claims["web"].DeepCopy()
	passed.Spec.Adoption, passed.Spec.HandOver = custody.AdoptionAdopt, "shop/web-2"
	passed.Spec.Lifetime = &v1alpha1.Lifetime{Expires: "2026-12-01", Review: "2026-11-24"}
	passed.Spec.Environment, passed.Spec.Routes = "dev", nil
	claims["passed"] = passed
	names := slices.Sorted(maps.Keys(claims))
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // A repeatable order is the point.
		claim, changed := claims[names[random.IntN(len(names))]].DeepCopy(), (&unstructured.Unstructured{Object: blueprint}).DeepCopy().Object
		spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&claim.Spec)
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + random.IntN(3) {
			if random.IntN(2) == 0 {
				changed["data"] = mutate(random, changed["data"])
			} else {
				mutate(random, spec)
			}
		}
		data, err := json.Marshal(spec)
		claim.Spec = v1alpha1.ServiceEnvironmentSpec{}
		if err != nil || json.Unmarshal(data, &claim.Spec) != nil {
			return // The API server refuses what is of another type.
		}
		result, err := rehearsal.Run(claim, changed, today)
		if refused := (*rehearsal.RefusedError)(nil); errors.As(err, &refused) {
			return
		}
		if err != nil {
			t.Fatalf("a claim is taken or refused: %v", err)
		}
		for _, r := range result.Resources {
			if problem := strays(r, claim, result.Status.Namespace); problem != "" {
				t.Errorf("%s lies where the claim may have it: it %s\n%v", r.Part, problem, r.Object)
			}
			// What an extra is, the platform team alone decides, and the API server says.
			if err := d.check(t.Context(), r.Object); err != nil && !strings.HasPrefix(r.Part, "extra/") {
				t.Errorf("the API server takes %s: %v\n%v", r.Part, err, r.Object)
			}
		}
		if again, err := rehearsal.Run(claim, changed, today); err != nil || !reflect.DeepEqual(result, again) {
			t.Errorf("the same becomes the same: %v", err)
		}
	})
}

// layExtra lays the part of a Blueprint that an extra of the examples is over another,
// and returns the claim that has it.
func layExtra(tb testing.TB, name string, blueprint map[string]any) *v1alpha1.ServiceEnvironment {
	tb.Helper()
	dir := filepath.Join(root, "examples", "extras", name)
	claim, part := &v1alpha1.ServiceEnvironment{}, map[string]any{}
	read(tb, filepath.Join(dir, "claim.yaml"), claim)
	read(tb, filepath.Join(dir, "blueprint.yaml"), &part)
	data, _ := blueprint["data"].(map[string]any)
	for key, value := range part {
		has, isObject := data[key].(map[string]any)
		if over, ok := value.(map[string]any); ok && isObject {
			maps.Copy(has, over)
		} else {
			data[key] = value
		}
	}
	return claim
}

// strays says how an object lies where a claim may have none, whatever the Blueprint
// calls its namespace.
func strays(r rehearsal.Resource, claim *v1alpha1.ServiceEnvironment, own string) string {
	u := unstructured.Unstructured{Object: r.Object}
	switch {
	case !strings.Contains(own, claim.Spec.Service):
		return "is of an environment that does not bear the service's name"
	case u.GetNamespace() == own:
	case strings.HasPrefix(r.Part, "extra/") && strings.Contains(u.GetName(), own):
	case u.GetNamespace() == "" && u.GetKind() == "Namespace" && u.GetName() == own:
	case u.GetNamespace() == claim.GetNamespace() && strings.HasSuffix(u.GroupVersionKind().Group, ".plumbline.dev") && strings.HasPrefix(u.GetName(), claim.GetName()):
	case u.GetKind() == "Lease" && (strings.HasPrefix(u.GetName(), "host-") || r.Part == "namespace-lease"):
		if holder, _, _ := unstructured.NestedString(u.Object, "spec", "holderIdentity"); holder != claim.GetNamespace()+"/"+claim.GetName() {
			return "is a right of " + holder
		}
	default:
		return "lies outside"
	}
	return ""
}
