package datastream

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	memory "github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// TestRace has two control planes create fifty data streams of the same names at the
// same time. The template decides, which Elasticsearch can be told to create only.
func TestRace(t *testing.T) {
	const pairs = 50
	b := memory.Serve(t, memory.Meet(standin.New(standin.Options{Username: "u", Password: "p"}), func(r *http.Request) bool {
		return r.Method == http.MethodPut && strings.HasPrefix(r.URL.Path, "/_index_template/")
	}))
	local, second := newPlane(t, b, "local"), newPlane(t, b, "second")
	for i := range pairs {
		stream := fmt.Sprint("race-", i)
		named := func() *v1alpha1.DataStream {
			cr := managedStream(t)
			cr.Name = stream
			meta.SetExternalName(cr, stream)
			return cr
		}
		first, other := named(), named()
		memory.Race(local.World, second.World, first, other)
		template, err := local.cluster.Template(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		for marker, cr := range map[any]*v1alpha1.DataStream{"local/payments/" + stream: first, "second/payments/" + stream: other} {
			says := synced(cr)
			if mine := template.Meta["plumbline.dev/owner"] == marker; mine && says != "" || !mine && !strings.HasPrefix(says, "OwnedElsewhere: ") {
				t.Errorf("\nThe stream is of one of the two, and the other is told.\nmark %v, %s: %q", template.Meta, marker, says)
			}
		}
	}
	if got := len(b.Writes()); got != 3*pairs {
		t.Errorf("\nBoth try to create the template, and one the stream: the other writes nothing.\nwrites: want %d, got %d\n%v", 3*pairs, got, b.Writes())
	}
}
