package backstage

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/composite"
	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/test/company"
)

// inCrossplaneTab asks the backend of crossplane-resources what its page asks for the tab
// of an entity, with the answers that kubernetes-ingestor wrote on it: the claim, its
// composite, and what is composed.
func inCrossplaneTab(t *testing.T, backend company.Backstage, e company.Entity) {
	t.Helper()
	c := ready(t)
	x := composite.New(composite.WithSchema(composite.SchemaLegacy), composite.WithGroupVersionKind(c.GetResourceReference().GroupVersionKind()))
	must(t, "get composite", here.Plane.Client().Get(t.Context(), client.ObjectKey{Name: c.GetResourceReference().Name}, x))
	want, elsewhere := []string{describe(&c.Unstructured), describe(&x.Unstructured)}, 0
	for _, r := range x.GetResourceReferences() {
		if r.Namespace != "" && r.Namespace != c.GetNamespace() {
			elsewhere++ // The plugin looks into the claim's namespace, and no other.
			continue
		}
		want = append(want, strings.Join([]string{r.Kind, r.Namespace, r.Name}, " "))
	}
	var got []string
	for _, o := range tabOf(t, backend, e) {
		got = append(got, describe(&o))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("crossplane-resources shows the claim, its composite, and what is composed for the whole cluster and beside the claim: -want, +got:\n%s", diff)
	}
	if len(want) < 5 || elsewhere == 0 {
		t.Errorf("an environment is composed of things beside the claim and within itself, got %v and %d others", want, elsewhere)
	}
}

func describe(o *unstructured.Unstructured) string {
	return strings.Join([]string{o.GetKind(), o.GetNamespace(), o.GetName()}, " ")
}

// tabOf returns what the tab of an entity shows.
func tabOf(t *testing.T, backend company.Backstage, e company.Entity) []unstructured.Unstructured {
	t.Helper()
	of := func(key string) string { return e.Metadata.Annotations["terasky.backstage.io/"+key] }
	_, cluster, _ := strings.Cut(e.Metadata.Annotations["backstage.io/managed-by-location"], ": ")
	var namespace string
	for requirement := range strings.SplitSeq(e.Metadata.Annotations["backstage.io/kubernetes-label-selector"], ",") {
		if value, found := strings.CutPrefix(requirement, "crossplane.io/claim-namespace="); found {
			namespace = value
		}
	}
	question := url.Values{
		"clusterName": {cluster}, "namespace": {namespace}, "xrdName": {of("claim-name")}, "xrdId": {of("claim-name")}, "claimId": {of("claim-name")},
		"claimName": {of("claim-name")}, "claimGroup": {of("claim-group")}, "claimVersion": {of("claim-version")}, "claimPlural": {of("claim-plural")},
	}
	a, err := backend.Ask(t.Context(), http.MethodGet, "/api/crossplane/graph?"+question.Encode(), nil)
	must(t, "ask crossplane-resources", err)
	if a.Code != http.StatusOK {
		t.Fatalf("crossplane-resources answers %s, got %d: %s", question, a.Code, a.Body)
	}
	var answer struct {
		Resources []unstructured.Unstructured `json:"resources"`
	}
	must(t, "decode its answer", json.Unmarshal(a.Body, &answer))
	return answer.Resources
}
