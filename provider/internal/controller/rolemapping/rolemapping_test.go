package rolemapping

import (
	"encoding/json"
	"net/http/httptest"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

func mapping(rules string) *v1alpha1.RoleMapping {
	cr := &v1alpha1.RoleMapping{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "m"}}
	meta.SetExternalName(cr, "m")
	cr.Spec.ForProvider.Roles = []string{"reader"}
	cr.Spec.ForProvider.Rules = apiextensionsv1.JSON{Raw: []byte(rules)}
	return cr
}

func TestDesire(t *testing.T) {
	cases := map[string]struct {
		reason string
		rules  string
		err    string
	}{
		"Pinned":  {"A group of one realm.", `{"all":[{"field":{"realm.name":"oidc"}},{"field":{"groups":["a","b"]}}]}`, ""},
		"Except":  {"All but some.", `{"all":[{"field":{"dn":"*"}},{"except":{"any":[{"field":{"username":null}}]}}]}`, ""},
		"Unknown": {"A word that is none is named, with those there are.", `{"some":[]}`, `spec.forProvider.rules: Unsupported value: "some": supported values: "any", "all", "field", "except"`},
		"Misplaced": {
			"Except has its place.", `{"any":[{"except":{"field":{"a":"b"}}}]}`,
			`spec.forProvider.rules.any[0].except: Invalid value: {"field":{"a":"b"}}: stands within all only`,
		},
		"All": {
			"All that is wrong is told at once.", `{"all":[{"field":{"a":"b","c":"d"}},{},{"field":{"g":[{}]}}]}`,
			`[spec.forProvider.rules.all[0].field: Invalid value: {"a":"b","c":"d"}: must be an object with exactly one field, ` +
				`spec.forProvider.rules.all[1]: Invalid value: {}: must be an object with exactly one of any, all, field and except, ` +
				`spec.forProvider.rules.all[2].field[g]: Invalid value: [{}]: must be a value, or a list of values]`,
		},
		"Empty": {"No rule would fit everybody.", `{"all":[]}`, `spec.forProvider.rules.all: Invalid value: []: must be a list of rules`},
		"NoValue": {
			"A field that may have no value fits nobody, and Elasticsearch refuses it.", `{"field":{"groups":[]}}`,
			`spec.forProvider.rules.field[groups]: Invalid value: []: must hold at least one value`,
		},
		"NoJSON": {"What is no JSON says so.", `{`, `spec.forProvider.rules is not JSON`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := desire(mapping(tc.rules))
			text := ""
			if err != nil {
				text = err.Error()
			}
			if diff := cmp.Diff(tc.err, text); diff != "" {
				t.Errorf("\n%s\ndesire(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestNoDriftOfItsOwn checks that a mapping is at rest though Elasticsearch spells
// lists of one in another way, and that what somebody adds is taken away.
func TestNoDriftOfItsOwn(t *testing.T) {
	backend := faults.New(standin.New(standin.Options{Username: "u", Password: "p"}))
	server := httptest.NewServer(backend)
	defer server.Close()
	c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	e := documents().External(connect.Connection[*elasticsearch.Client]{Client: c, Installation: "here"})
	cr := mapping(`{"all":[{"field":{"realm.name":"oidc"}},{"field":{"groups":["g"]}}]}`)
	if _, err := e.Create(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	if o, err := e.Observe(t.Context(), cr); err != nil || !o.ResourceUpToDate || cr.Status.AtProvider.Settled != "" {
		t.Errorf("\nA list of one that comes back as the value is no drift.\nObserve(...): %+v, %v", o, err)
	}
	for _, change := range []string{`{"roles":["reader","superuser"]}`, `{"roles":[],"role_templates":[{"template":{"source":"superuser"}}]}`, `{"rules":{"field":{"username":"*"}}}`, `{"enabled":false}`} {
		d, err := c.Document(t.Context(), elasticsearch.RoleMappings, "m")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(change), &d); err != nil {
			t.Fatal(err)
		}
		if err := c.PutDocument(t.Context(), elasticsearch.RoleMappings, "m", d); err != nil {
			t.Fatal(err)
		}
		if o, err := e.Observe(t.Context(), cr); err != nil || o.ResourceUpToDate {
			t.Errorf("\nWhat somebody gave to others is drift.\n%s: Observe(...): %+v, %v", change, o, err)
		}
		if _, err := e.Update(t.Context(), cr); err != nil {
			t.Fatal(err)
		}
		if o, err := e.Observe(t.Context(), cr); err != nil || !o.ResourceUpToDate {
			t.Errorf("\nDrift is healed.\n%s: Observe(...): %+v, %v", change, o, err)
		}
	}
}
