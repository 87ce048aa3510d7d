package scale

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestResume holds that results outlive a run, and are dropped with what they are of.
func TestResume(t *testing.T) {
	file := filepath.Join(t.TempDir(), "results.json")
	r, err := Open(file, 100)
	if err != nil {
		t.Fatal(err)
	}
	r.Crowd.Waves = []Wave{{Claims: 40}, {First: 40, Claims: 40}}
	r.Floor.Waves = []Wave{{Claims: 100}}
	r.Done["floor"], r.Done["waves"] = true, true
	if err := r.save(); err != nil {
		t.Fatal(err)
	}
	r, err = Open(file, 100)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{80, 100}, []int{r.Crowd.claims(), r.Floor.claims()}); diff != "" {
		t.Errorf("\nA run goes on where the one before stopped.\nclaims: -want, +got:\n%s", diff)
	}
	if !r.forget(stages(), fullPlane) || r.forget(stages(), fullPlane) {
		t.Error("\nWhat was measured on a control plane that is gone is forgotten, once.")
	}
	if diff := cmp.Diff([]any{0, 100, false, true}, []any{r.Crowd.claims(), r.Floor.claims(), r.Done["waves"], r.Done["floor"]}); diff != "" {
		t.Errorf("\nThat of another control plane stays.\n-want, +got:\n%s", diff)
	}
	other, err := Open(file, 1000)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(0, other.Floor.claims()); diff != "" {
		t.Errorf("\nResults of another number of claims are no beginning.\nclaims: -want, +got:\n%s", diff)
	}
}
