package plan

import (
	"fmt"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// behind asks the system behind a resource that is not made yet what has its name.
func (p planner) behind(r Resource, desired map[string]any) (Resource, error) {
	if p.cluster.Backends == nil {
		return r, nil
	}
	seen, err := p.cluster.Backends.Look(p.cluster.ctx, desired)
	switch {
	case err != nil:
		return r, err
	case seen.Refusal != "":
		r.Action, r.Note = Collide, seen.Refusal
	case seen.Adopted:
		r.Action, r.Note = Adopt, "exists in its system, is brought to what is desired there, and outlives the claim"
	case seen.Exists:
		r.Action, r.Note = Adopt, "exists in its system with the mark of this claim, and is picked up with all that it holds"
	}
	return r, nil
}

// behindOthers are the managed resources whose names others have in the systems behind
// them: the provider would refuse those.
func behindOthers(resources []Resource) []string {
	var out []string
	for _, r := range resources {
		if r.Action == Collide && strings.HasSuffix(groupOf(r.APIVersion), "."+v1alpha1.GroupVersion.Group) {
			out = append(out, fmt.Sprintf("%s %s: %s", r.Kind, r.Name, r.Note))
		}
	}
	return out
}
