package compose

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// roleBinding lets the group in. Part and object carry the role's name, as the role
// of a binding cannot change: another role is another binding.
func roleBinding(p environment.Plan, w World) []Part {
	name := "access-" + p.Namespace.ClusterRole
	return []Part{{
		Name:       name,
		Capability: status.Identity,
		Needs:      []string{PartNamespace, PartGroup},
		Resource: &rbacv1.RoleBinding{
			TypeMeta:   typeMeta(rbacv1.SchemeGroupVersion.String(), "RoleBinding"),
			ObjectMeta: meta(p, name),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: p.Namespace.ClusterRole},
			Subjects: []rbacv1.Subject{{
				APIGroup: rbacv1.GroupName,
				Kind:     rbacv1.GroupKind,
				Name:     subject(w.Observed[PartGroup], w.Observed[name]),
			}},
		},
	}}
}

// subject is the group's object id. While the group does not tell it, because it is
// being made anew or its system is down, a binding that exists keeps its subject.
func subject(group, binding Object) string {
	if id := GroupID(group); id != "" {
		return id
	}
	for _, s := range binding.list("subjects") {
		if m, ok := s.(map[string]any); ok {
			return Object(m).text("name")
		}
	}
	return ""
}
