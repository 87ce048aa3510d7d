package rehearsal

import (
	"errors"
	"strings"
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A world that holds nothing but what is in it, by kind and name, and knows all kinds.
type world map[string]map[string]any

func (w world) Find(s *fnv1.ResourceSelector) ([]map[string]any, error) {
	if o, ok := w[s.GetKind()+" "+s.GetMatchName()]; ok {
		return []map[string]any{o}, nil
	}
	return nil, nil
}

func (world) Serves(string, string) (bool, error) { return true, nil }

// TestForeseeInEmptyWorld holds that where nothing is in the way, a claim becomes what a
// rehearsal without a world says.
func TestForeseeInEmptyWorld(t *testing.T) {
	for _, name := range []string{"minimal", "web", "internal-api", "events", "production"} {
		claim, blueprint := example(t, name)
		want, err := Run(claim, blueprint, today)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Foresee(claim, blueprint, Live{}, world{}, today)
		if err != nil {
			t.Fatal(err)
		}
		// In which pass each comes depends on what is looked up first.
		if diff := cmp.Diff(want.Resources, got.Resources, cmpopts.IgnoreFields(Resource{}, "Pass")); diff != "" {
			t.Errorf("%s: a claim that is new becomes what render says: -want, +got:\n%s", name, diff)
		}
	}
}

// TestForeseeTaken holds that a name which somebody has is refused before anything is
// foreseen.
func TestForeseeTaken(t *testing.T) {
	claim, blueprint := example(t, "minimal")
	result, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	name := result.Status.Namespace
	_, err = Foresee(claim, blueprint, Live{}, world{"Namespace " + name: {
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name},
	}}, today)
	var refused *RefusedError
	if !errors.As(err, &refused) || !strings.Contains(strings.Join(refused.Mistakes, " "), name) {
		t.Errorf("a namespace that nobody controls is refused by name, got %v", err)
	}
}
