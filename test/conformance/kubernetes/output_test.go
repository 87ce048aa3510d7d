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

// TestExamples holds every object of every golden file to what the API server takes.
func TestExamples(t *testing.T) {
	d := definitions(t)
	kinds := map[string]bool{}
	for name := range examples(t) {
		text, err := os.ReadFile(filepath.Join(root, "examples", name, "resources.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			o := map[string]any{}
			if err := yaml.Unmarshal([]byte(document), &o); err != nil {
				t.Fatal(err)
			}
			u := unstructured.Unstructured{Object: o}
			kinds[u.GetKind()] = true
			if err := d.check(t.Context(), o); err != nil {
				t.Errorf("the API server takes %s %s of example %q: %v", u.GetKind(), u.GetName(), name, err)
			}
		}
	}
	if len(kinds) < 18 {
		t.Errorf("the examples hold every kind that is composed, got %d: %v", len(kinds), maps.Keys(kinds))
	}
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
		"RoleOfNothing": {reason: "A binding names a role.", object: `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: a, namespace: a}, subjects: []}`, want: "roleRef"},
	}
	d := definitions(t)
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
// the API server takes every object that comes of it, and that it is the same again. A
// number stands for some changes of an example and of its Blueprint: bytes alone would
// hardly ever be a claim.
func FuzzOutput(f *testing.F) {
	const seeds = 400 // Of which about a tenth is right.
	for seed := range uint64(seeds) {
		f.Add(seed)
	}
	d, claims, blueprint := definitions(f), examples(f), exampleBlueprint(f)
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
