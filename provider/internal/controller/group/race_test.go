package group

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

// TestRace has two control planes create fifty groups of the same unique names at the
// same time: each looked before the other had created.
func TestRace(t *testing.T) {
	const pairs = 50
	d := startTenantBehind(t, standin.Options{}, func(next http.Handler) http.Handler {
		return world.Meet(next, func(r *http.Request) bool {
			return r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/groups")
		})
	})
	planes := map[string]plane{"local": newPlane(t, d, "local"), "second": newPlane(t, d, "second")}
	for _, p := range planes {
		p.Tick = func() {} // The two share a clock.
	}
	*d.clock = time.Now()
	for i := range pairs {
		named := func(cr *v1alpha1.Group) {
			cr.Name, cr.Spec.ForProvider.UniqueName, cr.Spec.ForProvider.DisplayName = fmt.Sprint("g", i), fmt.Sprint("race.", i), fmt.Sprint("race ", i)
		}
		all := map[string]*v1alpha1.Group{
			"local":  managedGroup(named, members("ana@example.com")),
			"second": managedGroup(named, members("bo@example.com")),
		}
		world.Race(planes["local"], planes["second"], all["local"], all["second"])

		found := d.groupOf(t, fmt.Sprint("race ", i))
		owner, loser, member := "local", "second", "ana@example.com"
		if meta.GetExternalName(all["local"]) != found["id"] {
			owner, loser, member = "second", "local", "bo@example.com"
		}
		if says := synced(all[owner]); says != "" || meta.GetExternalName(all[owner]) != found["id"] {
			t.Errorf("\nOne of the two has the group.\n%s: %s", owner, says)
		}
		if says := synced(all[loser]); !strings.HasPrefix(says, "OwnedElsewhere: ") || !strings.Contains(says, owner+"/") || meta.GetExternalName(all[loser]) != "" {
			t.Errorf("\nThe other is told whose it is.\n%s: %s", loser, says)
		}
		if want := fmt.Sprintf("[plumbline.dev/owner=%s/payments/g%d]", owner, i); found["description"] != want {
			t.Errorf("\nThe group carries the mark of the one that has it.\nwant %s, got %s", want, found["description"])
		}
		if diff := cmp.Diff(userIDs(member), d.related(t, found["id"], "members")); diff != "" {
			t.Errorf("\nNobody else writes to it.\nmembers: -want, +got:\n%s", diff)
		}
	}
	creates, others := 0, 0
	for _, w := range d.Writes() {
		if w == "POST /v1.0/groups" {
			creates++
		} else {
			others++
		}
	}
	if diff := cmp.Diff([]int{2 * pairs, pairs}, []int{creates, others}); diff != "" {
		t.Errorf("\nBoth try to create, and one of them adds its members: the other writes nothing.\ncreations, other writes: -want, +got:\n%s", diff)
	}
}

// groupOf returns the only group of a display name.
func (d tenant) groupOf(t *testing.T, displayName string) map[string]any {
	t.Helper()
	var found []map[string]any
	for _, g := range d.found(t) {
		if g["displayName"] == displayName {
			found = append(found, g)
		}
	}
	if len(found) != 1 {
		t.Fatalf("\nThere is one group.\n%v", found)
	}
	return found[0]
}
