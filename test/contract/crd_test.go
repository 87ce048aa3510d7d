package contract

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

type object = map[string]any

// A door is what the API server does with an object of a CRD.
type door struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

func newDoor(t testing.TB, crd *apiextensionsv1.CustomResourceDefinition) door {
	t.Helper()
	props := &apiextensions.JSONSchemaProps{}
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(crd.Spec.Versions[0].Schema.OpenAPIV3Schema, props, nil); err != nil {
		t.Fatal(err)
	}
	structural, err := schema.NewStructural(props)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(props)
	if err != nil {
		t.Fatal(err)
	}
	return door{structural: structural, validator: validator, rules: cel.NewValidator(structural, true, celconfig.PerCallLimit)}
}

// admit defaults and checks a new object, or a change of one.
func (d door) admit(t testing.TB, o, old object) field.ErrorList {
	t.Helper()
	var errs field.ErrorList
	unknown := pruning.PruneWithOptions(clone(t, o), d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		errs = append(errs, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	defaulting.Default(o, d.structural)
	if old == nil {
		errs = append(errs, validation.ValidateCustomResource(nil, o, d.validator)...)
		errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.structural, o)...)
		broken, _ := d.rules.Validate(t.Context(), nil, d.structural, o, nil, celconfig.RuntimeCELCostBudget)
		return append(errs, broken...)
	}
	errs = append(errs, validation.ValidateCustomResourceUpdate(nil, o, old, d.validator)...)
	broken, _ := d.rules.Validate(t.Context(), nil, d.structural, o, old, celconfig.RuntimeCELCostBudget)
	return append(errs, broken...)
}

// crds are those that Crossplane makes of the XRD: the claim's and the composite's.
func crds(t testing.TB) (claim, composite *apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	xrd := definition(t)
	xrd.SetUID("uid") // The API server gives one, and CRDs refer to it.
	claim, err := xcrd.ForCompositeResourceClaim(xrd)
	if err != nil {
		t.Fatal(err)
	}
	composite, err = xcrd.ForCompositeResource(xrd)
	if err != nil {
		t.Fatal(err)
	}
	return claim, composite
}

func TestCRDsAreValid(t *testing.T) {
	claim, composite := crds(t)
	for name, crd := range map[string]*apiextensionsv1.CustomResourceDefinition{"claim": claim, "composite": composite} {
		apiextensionsv1.SetDefaults_CustomResourceDefinition(crd)
		apiextensionsv1.SetDefaults_CustomResourceDefinitionSpec(&crd.Spec)
		crd.Status.StoredVersions = []string{crd.Spec.Versions[0].Name}
		in := &apiextensions.CustomResourceDefinition{}
		if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(crd, in, nil); err != nil {
			t.Fatal(err)
		}
		if errs := crdvalidation.ValidateCustomResourceDefinition(t.Context(), in); len(errs) > 0 {
			t.Errorf("the API server takes the %s's CRD: structural, with rules it can afford: %v", name, errs.ToAggregate())
		}
	}
}

func clone(t testing.TB, o object) object {
	t.Helper()
	data, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}

// parse reads YAML or JSON as the API server does: whole numbers stay whole.
func parse(t testing.TB, data []byte) object {
	t.Helper()
	data, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	o := object{}
	if err := json.Unmarshal(data, &o); err != nil {
		t.Fatal(err)
	}
	return whole(o).(object)
}

func whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = whole(v[key])
		}
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}

func exampleClaims(t testing.TB) map[string]object {
	t.Helper()
	files, err := filepath.Glob("../../examples/*/claim.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	claims := map[string]object{}
	for _, file := range files {
		data, err := os.ReadFile(file) //nolint:gosec // The test chooses what it runs and reads.
		if err != nil {
			t.Fatal(err)
		}
		claims[filepath.Base(filepath.Dir(file))] = parse(t, data)
	}
	return claims
}

func TestExamplesAreAccepted(t *testing.T) {
	claim, composite := crds(t)
	claimDoor, compositeDoor := newDoor(t, claim), newDoor(t, composite)
	for name, c := range exampleClaims(t) {
		if errs := claimDoor.admit(t, clone(t, c), nil); len(errs) > 0 {
			t.Errorf("example %q is accepted: %v", name, errs.ToAggregate())
		}
		xr := clone(t, c)
		xr["kind"] = "XServiceEnvironment"
		xr["metadata"] = object{"name": c["metadata"].(object)["name"].(string) + "-x7k2p"}
		if errs := compositeDoor.admit(t, xr, nil); len(errs) > 0 {
			t.Errorf("the composite of example %q, whose name is longer, is accepted: %v", name, errs.ToAggregate())
		}
	}
}

// TestLongestNames holds that a claim with the longest name that the API server takes
// has a composite that it takes too.
func TestLongestNames(t *testing.T) {
	claim, composite := crds(t)
	c := exampleClaims(t)["minimal"]
	c["metadata"] = object{"name": strings.Repeat("a", 63), "namespace": "payments"}
	if errs := newDoor(t, claim).admit(t, clone(t, c), nil); len(errs) > 0 {
		t.Errorf("a claim may have a name of 63 letters: %v", errs.ToAggregate())
	}
	c["metadata"] = object{"name": strings.Repeat("a", 57) + "-x7k2p"}
	if errs := newDoor(t, composite).admit(t, c, nil); len(errs) > 0 {
		t.Errorf("its composite is accepted: %v", errs.ToAggregate())
	}
}

// TestWrongClaims holds the two guards to each other: what the schema refuses at the
// door, the function refuses too, both at the same field.
func TestWrongClaims(t *testing.T) {
	sixty := strings.Repeat("a", 60)
	cases := map[string]struct {
		reason string
		spec   object // Merged over that of a right claim; nil deletes.
		name   string
		field  string
	}{
		"DottedName":       {reason: "A dot in the claim's name would let indices of two claims meet.", name: "a.b", field: "metadata.name"},
		"NoService":        {reason: "A service is required.", spec: object{"service": nil}, field: "spec.service"},
		"NoEnvironment":    {reason: "An environment is required.", spec: object{"environment": nil}, field: "spec.environment"},
		"UpperService":     {reason: "A service is a DNS label.", spec: object{"service": "Checkout"}, field: "spec.service"},
		"LongService":      {reason: "A service has at most 40 letters.", spec: object{"service": sixty}, field: "spec.service"},
		"TrailingHyphen":   {reason: "A service ends with a letter or digit.", spec: object{"service": "a-"}, field: "spec.service"},
		"Hyphenated":       {reason: "An environment has no hyphen, so that names split in one way.", spec: object{"environment": "pre-prod"}, field: "spec.environment"},
		"LongDescription":  {reason: "A description is a sentence.", spec: object{"description": strings.Repeat("x", 201)}, field: "spec.description"},
		"TagKey":           {reason: "A tag's key is that of a label.", spec: object{"tags": object{"cost center": "1"}}, field: "spec.tags"},
		"TagValue":         {reason: "A tag's value is that of a label.", spec: object{"tags": object{"cost": "a b"}}, field: "spec.tags"},
		"Member":           {reason: "A member is a name with @, or an object id.", spec: object{"access": object{"members": []any{"everybody"}}}, field: "spec.access.members[0]"},
		"MemberTwice":      {reason: "Members are a set.", spec: object{"access": object{"members": []any{"a@example.com", "a@example.com"}}}, field: "spec.access.members[1]"},
		"IndexName":        {reason: "An index has no dot, so that names split in one way.", spec: object{"search": object{"indices": []any{object{"name": "a.b"}}}}, field: "spec.search.indices[0].name"},
		"IndexWildcard":    {reason: "An index is no pattern.", spec: object{"search": object{"indices": []any{object{"name": "*"}}}}, field: "spec.search.indices[0].name"},
		"IndexTwice":       {reason: "Indices are told apart by name.", spec: object{"search": object{"indices": []any{object{"name": "a"}, object{"name": "a"}}}}, field: "spec.search.indices[1]"},
		"NoShards":         {reason: "An index has a shard.", spec: object{"search": object{"indices": []any{object{"name": "a", "shards": int64(0)}}}}, field: "spec.search.indices[0].shards"},
		"NegativeReplicas": {reason: "Replicas are counted from none.", spec: object{"search": object{"indices": []any{object{"name": "a", "replicas": int64(-1)}}}}, field: "spec.search.indices[0].replicas"},
		"HostWildcard":     {reason: "A host is no pattern.", spec: route("host", "*.example.com"), field: "spec.routes[0].host"},
		"HostLabel":        {reason: "A host has two labels at least.", spec: route("host", "localhost"), field: "spec.routes[0].host"},
		"RelativePath":     {reason: "A path begins with /.", spec: route("path", "api"), field: "spec.routes[0].path"},
		"EmptySegment":     {reason: "A path has no empty segment: Kubernetes refuses it.", spec: route("path", "/a//b"), field: "spec.routes[0].path"},
		"RouteService":     {reason: "A route leads to a Service.", spec: route("service", "Web"), field: "spec.routes[0].service"},
		"Port":             {reason: "A port is one of TCP.", spec: route("port", int64(70000)), field: "spec.routes[0].port"},
		"DeletionPolicy":   {reason: "Data is kept or deleted.", spec: object{"deletion": object{"policy": "Maybe"}}, field: "spec.deletion.policy"},
	}
	claim, _ := crds(t)
	d := newDoor(t, claim)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := object{
				"apiVersion": "plumbline.dev/v1alpha1", "kind": "ServiceEnvironment",
				"metadata": object{"name": "checkout-prod", "namespace": "payments"},
				"spec":     object{"service": "checkout", "environment": "prod"},
			}
			if tc.name != "" {
				c["metadata"].(object)["name"] = tc.name
			}
			maps.Copy(c["spec"].(object), tc.spec)
			maps.DeleteFunc(c["spec"].(object), func(_ string, v any) bool { return v == nil })

			errs := d.admit(t, clone(t, c), nil)
			if len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), tc.field) {
				t.Errorf("\n%s\nThe door refuses it at %s, got: %v", tc.reason, tc.field, errs.ToAggregate())
			}
			typed := &v1alpha1.ServiceEnvironment{}
			data, err := json.Marshal(c)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, typed); err != nil {
				t.Fatal(err)
			}
			_, err = rehearsal.Run(typed, nil)
			refused := &rehearsal.RefusedError{}
			if !errors.As(err, &refused) || !strings.Contains(strings.Join(refused.Mistakes, "; "), tc.field) {
				t.Errorf("\n%s\nThe function refuses it at %s, got: %v %v", tc.reason, tc.field, err, refused.Mistakes)
			}
		})
	}
}

// route is a right route, but for one field.
func route(field string, value any) object {
	r := object{"host": "checkout.example.com", "path": "/", "service": "web", "port": int64(80)}
	r[field] = value
	return object{"routes": []any{r}}
}

func TestUnknownField(t *testing.T) {
	claim, _ := crds(t)
	c := exampleClaims(t)["minimal"]
	c["spec"].(object)["sice"] = "small"
	if errs := newDoor(t, claim).admit(t, c, nil); len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), "spec.sice") {
		t.Errorf("a misspelt field is found, got: %v", errs.ToAggregate())
	}
}

func TestImmutable(t *testing.T) {
	indices := func(index object) object { return object{"search": object{"indices": []any{index}}} }
	cases := map[string]struct {
		reason   string
		old, new object
		want     string // None: the change is allowed.
	}{
		"Service":     {reason: "Names derive from the service.", new: object{"service": "basket"}, want: "spec.service"},
		"Environment": {reason: "Names derive from the environment.", new: object{"environment": "prod"}, want: "spec.environment"},
		"Size":        {reason: "A size may change.", new: object{"size": "large"}},
		"Shards":      {reason: "Elasticsearch fixes shards.", old: indices(object{"name": "a", "shards": int64(1)}), new: indices(object{"name": "a", "shards": int64(2)}), want: "spec.search.indices"},
		"ShardsLater": {reason: "Shards that Elasticsearch chose are fixed too.", old: indices(object{"name": "a"}), new: indices(object{"name": "a", "shards": int64(2)}), want: "spec.search.indices"},
		"Replicas":    {reason: "Replicas may change.", old: indices(object{"name": "a", "replicas": int64(1)}), new: indices(object{"name": "a"})},
		"OtherIndex":  {reason: "An index of another name is another index.", old: indices(object{"name": "a", "shards": int64(1)}), new: indices(object{"name": "b", "shards": int64(2)})},
	}
	claim, _ := crds(t)
	d := newDoor(t, claim)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			old, changed := exampleClaims(t)["minimal"], exampleClaims(t)["minimal"]
			maps.Copy(old["spec"].(object), tc.old)
			maps.Copy(changed["spec"].(object), tc.new)
			errs := d.admit(t, changed, old)
			if tc.want == "" && len(errs) > 0 {
				t.Errorf("\n%s\ngot: %v", tc.reason, errs.ToAggregate())
			}
			if tc.want != "" && (len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), tc.want)) {
				t.Errorf("\n%s\nwant an error at %s, got: %v", tc.reason, tc.want, errs.ToAggregate())
			}
		})
	}
}
