package compose

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// groupBinding lets the group in. Part and object carry the role's name, as the role
// of a binding cannot change: another role is another binding.
func groupBinding(p environment.Plan, w World) []Part {
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

// roleBindings let in whom the claim gives a role.
func roleBindings(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, b := range p.Bindings {
		parts = append(parts, Part{
			Name:       b.Name,
			Capability: status.Identity,
			Needs:      []string{PartNamespace},
			Resource: &rbacv1.RoleBinding{
				TypeMeta:   typeMeta(rbacv1.SchemeGroupVersion.String(), "RoleBinding"),
				ObjectMeta: meta(p, b.Name),
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: b.ClusterRole},
				Subjects:   subjects(b),
			},
		})
	}
	return parts
}

func subjects(b environment.Binding) []rbacv1.Subject {
	var subjects []rbacv1.Subject
	for _, u := range b.Users {
		subjects = append(subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: string(u)})
	}
	for _, g := range b.Groups {
		subjects = append(subjects, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.GroupKind, Name: string(g)})
	}
	for _, a := range b.ServiceAccounts {
		subjects = append(subjects, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: a.Namespace, Name: a.Name})
	}
	return subjects
}
