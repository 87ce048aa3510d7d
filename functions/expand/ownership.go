package expand

import (
	"fmt"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// mayHave says whether the environment may have a namespace of this name. Crossplane
// silently takes over an object that has no controller, and deletes it with the
// claim, so a namespace is looked at before it is composed. While hold is not nil
// nothing new may be created: the name is not looked up yet, or somebody else has it.
func (in input) mayHave(name string) (hold *status.Health, taken *status.Refusal) {
	if _, ours := in.observed[compose.PartNamespace]; ours {
		return nil, nil
	}
	if !in.asked {
		health := status.Progressing(status.ReasonCreating, "Looking whether the name is free")
		return &health, nil
	}
	for _, namespace := range in.namespaces {
		if compose.Name(namespace) != name {
			continue // Looked up for an earlier plan; the next call brings the right one.
		}
		owner := compose.Controller(namespace)
		if owner.UID == in.uid && in.uid != "" {
			continue
		}
		reason, message := status.ReasonExistsNotOwned,
			fmt.Sprintf("Namespace %q exists, and Plumbline did not make it; remove it, or choose another service or environment", name)
		if owner.Kind == in.kind {
			reason, message = status.ReasonNameTaken,
				fmt.Sprintf("Namespace %q belongs to %s; choose another service or environment", name, owner.Claim)
		}
		health := status.Failed(reason, message, v1alpha1.FixerDeveloper)
		return &health, &status.Refusal{Reason: reason, Mistakes: []string{message}}
	}
	return nil, nil
}
