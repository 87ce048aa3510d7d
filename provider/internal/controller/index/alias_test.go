package index

import (
	"net/http/httptest"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/engine"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestAliases takes the aliases of an index through changes by its resource and by
// hand.
func TestAliases(t *testing.T) {
	type aliases = map[string]v1alpha1.Alias
	type shown = map[string]map[string]any
	writer := v1alpha1.Alias{IsWriteIndex: new(true), Filter: mapping(`{"term":{"tenant":"a"}}`)}
	steps := []struct {
		reason string
		want   aliases
		put    shown    // By hand, before.
		remove []string // By hand, before.
		got    shown
	}{
		{"An alias is made.", aliases{"all": {}, "orders": writer}, nil, nil,
			shown{"all": {}, "orders": {"is_write_index": true, "filter": map[string]any{"term": map[string]any{"tenant": "a"}}}}},
		{"What was changed by hand is put right, and another's alias is left alone.", aliases{"all": {}, "orders": writer},
			shown{"orders": {}, "theirs": {}}, []string{"all"},
			shown{"all": {}, "theirs": {}, "orders": {"is_write_index": true, "filter": map[string]any{"term": map[string]any{"tenant": "a"}}}}},
		{"A filter goes when it is not wanted any more.", aliases{"all": {}, "orders": {}}, nil, nil, shown{"all": {}, "orders": {}, "theirs": {}}},
		{"An alias goes that is not named any more, and no other.", aliases{"orders": {}}, nil, nil, shown{"orders": {}, "theirs": {}}},
		{"All may go.", nil, nil, nil, shown{"theirs": {}}},
	}
	server := httptest.NewServer(engine.New(t, standin.Options{Username: "u", Password: "p"}))
	defer server.Close()
	client, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
	if err != nil {
		t.Fatal(err)
	}
	e := &external{svc: client, installation: "here"}
	cr := &v1alpha1.Index{}
	meta.SetExternalName(cr, name)
	if _, err := e.Create(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	for _, st := range steps {
		if err := client.ChangeAliases(t.Context(), name, st.put, st.remove); len(st.put)+len(st.remove) > 0 && err != nil {
			t.Fatal(err)
		}
		cr.Spec.ForProvider.Aliases = st.want
		reconcile(t, e, cr)
		got, err := client.Index(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(st.got, got.Aliases); diff != "" {
			t.Errorf("\n%s\naliases: -want, +got:\n%s", st.reason, diff)
		}
		if o, err := e.Observe(t.Context(), cr); err != nil || !o.ResourceUpToDate {
			t.Errorf("\n%s\nThen the index is up to date.\nObserve(...): %+v, %v", st.reason, o, err)
		}
	}
}

// TestNamedAliases holds that an alias which is named, made and taken back before the
// next observation is not left behind.
func TestNamedAliases(t *testing.T) {
	got := shownAliases("old", "theirs")
	spec := map[string]v1alpha1.Alias{"new": {}, "old": {}}
	first := namedAliases(got, spec, nil)
	if diff := cmp.Diff([]string{"new", "old"}, first); diff != "" {
		t.Errorf("\nWhat is named is kept, made or not.\n-want, +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"old"}, namedAliases(got, nil, first)); diff != "" {
		t.Errorf("\nOf what is not named any more, what is there is kept.\n-want, +got:\n%s", diff)
	}
}

func shownAliases(names ...string) map[string]map[string]any {
	out := map[string]map[string]any{}
	for _, name := range names {
		out[name] = map[string]any{}
	}
	return out
}
