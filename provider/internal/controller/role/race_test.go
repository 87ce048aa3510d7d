package role

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	control "github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestRace has two control planes create fifty roles of the same names within one
// request. Elasticsearch cannot be told to create a role only, so who writes last has it.
// The other hears of it at its next look, and writes no more.
func TestRace(t *testing.T) {
	const pairs = 50
	server := httptest.NewServer(control.Meet(standin.New(standin.Options{Username: "u", Password: "p"}), func(r *http.Request) bool { return r.Method == http.MethodPut }))
	defer server.Close()
	planes := map[string]world{}
	for _, installation := range []string{"local", "second"} {
		c, err := elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"})
		if err != nil {
			t.Fatal(err)
		}
		planes[installation] = world{documents().External(connect.Connection[*elasticsearch.Client]{Client: c, Installation: installation}), c, nil}
	}
	for i := range pairs {
		name := fmt.Sprint("race-", i)
		all := map[string]*v1alpha1.Role{}
		var both sync.WaitGroup
		for installation, w := range planes {
			cr := role()
			cr.Name = name
			meta.SetExternalName(cr, name)
			all[installation] = cr
			both.Go(func() { _, _ = w.reconcile(t, cr) }) // What it says is looked at below.
		}
		both.Wait()
		before, err := planes["local"].admin.Document(t.Context(), elasticsearch.Roles, name)
		if err != nil {
			t.Fatal(err)
		}
		metadata, _ := before["metadata"].(map[string]any)
		mark, _ := metadata["plumbline.dev/owner"].(string)
		for installation, w := range planes {
			o, err := w.reconcile(t, all[installation])
			mine := mark == installation+"/payments/"+name
			if mine && (err != nil || !o.ResourceUpToDate) || !mine && (err == nil || !strings.HasPrefix(err.Error(), "OwnedElsewhere: ")) {
				t.Errorf("\nThe role is of one of the two, and the other is told and writes nothing.\nmark %s, %s: %+v, %v", mark, installation, o, err)
			}
		}
	}
}
