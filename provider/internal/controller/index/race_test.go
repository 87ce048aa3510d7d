package index

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestRace has two control planes create fifty indices of the same names at the same
// time. Elasticsearch creates an index once.
func TestRace(t *testing.T) {
	const pairs = 50
	s := standin.New(standin.Options{Username: "u", Password: "p"})
	b := world.Serve(t, world.Meet(s, func(r *http.Request) bool { return r.Method == http.MethodPut }))
	e := node{Backend: b, inner: s}
	local, second := newPlane(t, e, "local"), newPlane(t, e, "second")
	for i := range pairs {
		name := fmt.Sprint("race-", i)
		named := func(cr *v1alpha1.Index) {
			cr.Name = name
			meta.SetExternalName(cr, name)
		}
		first, other := orders(named), orders(named)
		world.Race(local, second, first, other)
		index, _ := e.do(t, http.MethodGet, "/"+name, "")[name].(map[string]any)
		mappings, _ := index["mappings"].(map[string]any)
		m, _ := mappings["_meta"].(map[string]any)
		owned := map[any]*v1alpha1.Index{"local/payments/" + name: first, "second/payments/" + name: other}
		for marker, cr := range owned {
			says := synced(cr)
			if mine := m["plumbline.dev/owner"] == marker; mine && says != "" || !mine && !strings.HasPrefix(says, "OwnedElsewhere: ") {
				t.Errorf("\nThe index is of one of the two, and the other is told.\nmark %v, %s: %q", m, marker, says)
			}
		}
		if owned[m["plumbline.dev/owner"]] == nil {
			t.Errorf("\nThe index is of one of the two.\nmark: %v", m)
		}
	}
	if got := len(b.Writes()); got != 2*pairs {
		t.Errorf("\nThe one that lost tries to create, and writes nothing.\nwrites: want %d, got %d", 2*pairs, got)
	}
}
