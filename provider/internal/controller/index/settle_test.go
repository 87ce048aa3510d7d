package index

import (
	"net/http/httptest"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

// TestSettle writes down the same index in ways that Elasticsearch does not repeat.
func TestSettle(t *testing.T) {
	replicas := int32(1)
	cases := map[string]struct {
		reason string
		params v1alpha1.IndexParameters
	}{
		"Default":  {"A parameter that states its default is not shown again.", v1alpha1.IndexParameters{Mappings: mapping(`{"properties":{"id":{"type":"keyword","index":true}}}`)}},
		"Norms":    {"A keyword's own default is another than a text's.", v1alpha1.IndexParameters{Mappings: mapping(`{"properties":{"id":{"type":"keyword","norms":false}}}`)}},
		"Format":   {"Nor is a format that is the default.", v1alpha1.IndexParameters{Mappings: mapping(`{"properties":{"at":{"type":"date","format":"strict_date_optional_time||epoch_millis"}}}`)}},
		"Dots":     {"A field with dots in its name becomes an object.", v1alpha1.IndexParameters{Mappings: mapping(`{"properties":{"a.b":{"type":"long"}}}`)}},
		"Enabled":  {"An object that is enabled does not say so.", v1alpha1.IndexParameters{Mappings: mapping(`{"properties":{"a":{"type":"object","enabled":true}}}`)}},
		"Runtime":  {"Nothing stays of empty runtime fields.", v1alpha1.IndexParameters{Mappings: mapping(`{"runtime":{}}`)}},
		"Source":   {"Nor does a source that is kept.", v1alpha1.IndexParameters{Mappings: mapping(`{"_source":{"enabled":true}}`)}},
		"NoSource": {"One that is not kept does.", v1alpha1.IndexParameters{Mappings: mapping(`{"_source":{"enabled":false}}`)}},
		"Empty": {"Nothing stays of lists that are empty.", v1alpha1.IndexParameters{Mappings: mapping(
			`{"_source":{"includes":[],"excludes":["a"]},"dynamic_templates":[],"properties":{"id":{"type":"keyword","copy_to":[]}}}`)}},
		"Replicas": {"Elasticsearch chooses replicas that expand by themselves.", v1alpha1.IndexParameters{NumberOfReplicas: &replicas, Settings: map[string]string{"auto_expand_replicas": "0-1"}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			backend := faults.New(engine.New(t, standin.Options{Username: "u", Password: "p"}))
			server := httptest.NewServer(backend)
			defer server.Close()
			client, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
			if err != nil {
				t.Fatal(err)
			}
			e := &external{svc: client, installation: "here"}
			cr := &v1alpha1.Index{Spec: v1alpha1.IndexSpec{ForProvider: tc.params}}
			meta.SetExternalName(cr, "orders")
			if _, err := e.Create(t.Context(), cr); err != nil {
				t.Fatal(err)
			}
			reconcile(t, e, cr)
			backend.Forget()
			reconcile(t, e, cr)
			reconcile(t, e, cr)
			if got := backend.Requests().Mutating; got != 0 {
				t.Errorf("\n%s\nA settled index is not written to again, got %d writes", tc.reason, got)
			}

			if err := client.PutMapping(t.Context(), "orders", map[string]any{"_meta": map[string]any{"plumbline.dev/owner": "here//", "note": "x"}, "dynamic": "strict"}); err != nil {
				t.Fatal(err)
			}
			cr.Spec.ForProvider.Settings = map[string]string{"refresh_interval": "5s"}
			backend.Forget()
			reconcile(t, e, cr)
			if got := backend.Requests().Mutating; got == 0 {
				t.Errorf("\n%s\nA change of what is desired is still applied", tc.reason)
			}
		})
	}
}

// reconcile observes an index and updates it, if it is not up to date.
func reconcile(t *testing.T, e *external, cr *v1alpha1.Index) {
	t.Helper()
	o, err := e.Observe(t.Context(), cr)
	if err != nil {
		t.Fatal(err)
	}
	if o.ResourceUpToDate {
		return
	}
	if _, err := e.Update(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
}

func mapping(text string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(text)} }
