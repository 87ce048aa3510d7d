package contract

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	crdvalidation "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/test/door"
)

type object = map[string]any

// newDoor makes the door of a definition's only version.
func newDoor(t testing.TB, crd *apiextensionsv1.CustomResourceDefinition) door.Door {
	t.Helper()
	d, err := door.New(crd, crd.Spec.Versions[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	return d
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
	return door.Whole(o).(object)
}

func exampleClaims(t testing.TB) map[string]object {
	t.Helper()
	files, err := filepath.Glob("../../examples/*/claim.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	extras, err := filepath.Glob("../../examples/extras/*/claim.yaml")
	if err != nil || len(extras) == 0 {
		t.Fatalf("no extras found: %v", err)
	}
	claims := map[string]object{}
	for _, file := range append(files, extras...) {
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
		if errs := claimDoor.Admit(t.Context(), clone(t, c), nil); len(errs) > 0 {
			t.Errorf("example %q is accepted: %v", name, errs.ToAggregate())
		}
		xr := clone(t, c)
		xr["kind"] = "XServiceEnvironment"
		xr["metadata"] = object{"name": c["metadata"].(object)["name"].(string) + "-x7k2p"}
		if errs := compositeDoor.Admit(t.Context(), xr, nil); len(errs) > 0 {
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
	if errs := newDoor(t, claim).Admit(t.Context(), clone(t, c), nil); len(errs) > 0 {
		t.Errorf("a claim may have a name of 63 letters: %v", errs.ToAggregate())
	}
	c["metadata"] = object{"name": strings.Repeat("a", 57) + "-x7k2p"}
	if errs := newDoor(t, composite).Admit(t.Context(), c, nil); len(errs) > 0 {
		t.Errorf("its composite is accepted: %v", errs.ToAggregate())
	}
}

func TestUnknownField(t *testing.T) {
	claim, _ := crds(t)
	c := exampleClaims(t)["minimal"]
	c["spec"].(object)["sice"] = "small"
	if errs := newDoor(t, claim).Admit(t.Context(), c, nil); len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), "spec.sice") {
		t.Errorf("a misspelt field is found, got: %v", errs.ToAggregate())
	}
}

func TestImmutable(t *testing.T) {
	indices := func(index object) object { return object{"search": object{"indices": []any{index}}} }
	streams := func(stream object) object { return object{"search": object{"streams": []any{stream}}} }
	cases := map[string]struct {
		reason   string
		old, new object
		want     string // None: the change is allowed.
	}{
		"Service":       {reason: "Names derive from the service.", new: object{"service": "basket"}, want: "spec.service"},
		"Environment":   {reason: "Names derive from the environment.", new: object{"environment": "prod"}, want: "spec.environment"},
		"Size":          {reason: "A size may change.", new: object{"size": "large"}},
		"Shards":        {reason: "Elasticsearch fixes shards.", old: indices(object{"name": "a", "shards": int64(1)}), new: indices(object{"name": "a", "shards": int64(2)}), want: "spec.search.indices"},
		"ShardsLater":   {reason: "Shards that Elasticsearch chose are fixed too.", old: indices(object{"name": "a"}), new: indices(object{"name": "a", "shards": int64(2)}), want: "spec.search.indices"},
		"Replicas":      {reason: "Replicas may change.", old: indices(object{"name": "a", "replicas": int64(1)}), new: indices(object{"name": "a"})},
		"IndexToStream": {reason: "Elasticsearch keeps an index and a data stream apart.", old: indices(object{"name": "a"}), new: streams(object{"name": "a"}), want: "spec.search"},
		"StreamToIndex": {reason: "Nor does a data stream become an index.", old: streams(object{"name": "a"}), new: indices(object{"name": "a"}), want: "spec.search"},
		"StreamShards":  {reason: "The next index of a data stream may have other shards.", old: streams(object{"name": "a", "shards": int64(1)}), new: streams(object{"name": "a", "shards": int64(2)})},
		"OtherIndex":    {reason: "An index of another name is another index.", old: indices(object{"name": "a", "shards": int64(1)}), new: indices(object{"name": "b", "shards": int64(2)})},
	}
	claim, _ := crds(t)
	d := newDoor(t, claim)
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			old, changed := exampleClaims(t)["minimal"], exampleClaims(t)["minimal"]
			maps.Copy(old["spec"].(object), tc.old)
			maps.Copy(changed["spec"].(object), tc.new)
			errs := d.Admit(t.Context(), changed, old)
			if tc.want == "" && len(errs) > 0 {
				t.Errorf("\n%s\ngot: %v", tc.reason, errs.ToAggregate())
			}
			if tc.want != "" && (len(errs) == 0 || !strings.Contains(errs.ToAggregate().Error(), tc.want)) {
				t.Errorf("\n%s\nwant an error at %s, got: %v", tc.reason, tc.want, errs.ToAggregate())
			}
		})
	}
}
