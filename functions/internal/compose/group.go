package compose

import (
	"maps"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// PartGroup is the part whose object id the access to the namespace needs.
const PartGroup = "group"

// PlaceholderGroupID stands for the object id that Entra ID would give, where there
// is no Entra ID.
const PlaceholderGroupID = "00000000-0000-0000-0000-000000000000"

// group is the Entra ID group. It lies in the team's namespace: one that is being
// deleted could not take its managed resources down in order.
func group(p environment.Plan, _ World) []Part {
	return []Part{{
		Name:       PartGroup,
		Capability: status.Identity,
		Title:      p.Group.Name,
		Needs:      []string{PartNamespace},
		Resource: &entra.Group{
			TypeMeta:   typeMeta(entra.GroupVersion.String(), "Group"),
			ObjectMeta: metav1.ObjectMeta{Name: p.Group.Resource, Namespace: p.Home, Labels: maps.Clone(p.Labels)},
			Spec: entra.GroupSpec{
				ManagedResourceSpec: managedSpec(p.Group.ProviderConfig, p.Group.Policy, p.Group.Grace),
				Terms:               terms(p, p.Group.Resource, p.Group.Grace),
				ForProvider: entra.GroupParameters{
					UniqueName:       p.Group.Name,
					DisplayName:      p.Group.Name,
					Description:      p.Group.Description,
					Owners:           p.Group.Owners,
					Members:          p.Group.Members,
					MembershipPolicy: entra.MembershipPolicy(p.Group.Membership),
				},
			},
		},
		Health: groupHealth,
		Usable: func(o Object) bool { return GroupID(o) != "" },
		Settle: func(o Object) {
			settleManaged(o)
			o.set(PlaceholderGroupID, "status", "atProvider", "objectID")
		},
	}}
}

// GroupID returns the object id of an observed group, or none.
func GroupID(o Object) string { return o.text("status", "atProvider", "objectID") }

// groupHealth adds to the conditions that some members may be unknown, or may not sign
// in: the others have their access, so the group is ready, and the claim says whom it
// misses.
func groupHealth(o Object) status.Health {
	h := ManagedHealth(o)
	unknown, disabled := o.texts("status", "atProvider", "unresolved"), o.texts("status", "atProvider", "disabled")
	switch {
	case h.State != v1alpha1.ResourceReady:
		return h
	case len(unknown) > 0:
		return status.Noted(status.ReasonMembersUnknown, "Entra ID does not know "+strings.Join(unknown, ", "), v1alpha1.FixerDeveloper)
	case len(disabled) > 0:
		return status.Noted(status.ReasonMembersDisabled, "Entra ID does not let sign in "+strings.Join(disabled, ", "), v1alpha1.FixerDeveloper)
	default:
		return h
	}
}
