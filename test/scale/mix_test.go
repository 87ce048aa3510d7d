package scale

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

const root = "../.."

// TestMix holds that any ten claims in a row are the mix, and that no two want the same.
func TestMix(t *testing.T) {
	m, err := NewMix(root)
	if err != nil {
		t.Fatal(err)
	}
	blueprint, err := blueprintOf(root)
	if err != nil {
		t.Fatal(err)
	}
	sizes, taken, inTeams := map[int]int{}, map[string]int{}, map[string]int{}
	const claims = 40
	for number := range claims {
		c, err := m.Claim(number)
		if err != nil {
			t.Fatal(err)
		}
		became, err := rehearsal.Run(c, blueprint, time.Now())
		if err != nil {
			t.Fatalf("\nThe platform team's Blueprint takes every claim of the mix.\nclaim %d: %v", number, err)
		}
		if became.Status.Namespace != c.Name {
			t.Errorf("\nServices are deployed in the namespace that is named as the claim.\nclaim %s has namespace %s", c.Name, became.Status.Namespace)
		}
		sizes[len(became.Resources)]++
		inTeams[c.GetNamespace()]++
		names := []string{"environment " + became.Status.Environment}
		hosts := map[string]bool{}
		for _, r := range c.Spec.Routes {
			if !hosts[r.Host] {
				names = append(names, "host "+r.Host)
			}
			hosts[r.Host] = true
		}
		for _, name := range names {
			if other, has := taken[name]; has {
				t.Errorf("\nNo two claims want the same.\n%s: claims %d and %d", name, other, number)
			}
			taken[name] = number
		}
	}
	if diff := cmp.Diff(3, len(sizes)); diff != "" {
		t.Errorf("\nThere are claims of three sizes.\nobjects: claims %v", sizes)
	}
	for objects, count := range sizes {
		if count != claims*6/10 && count != claims*3/10 && count != claims/10 {
			t.Errorf("\nSix, three and one of ten are alike.\n%d objects: %d of %d claims", objects, count, claims)
		}
	}
	if diff := cmp.Diff(teams, len(inTeams)); diff != "" {
		t.Errorf("\nClaims are spread over all teams.\nteams: -want, +got:\n%s", diff)
	}
}
