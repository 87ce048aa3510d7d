package survey

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

func (d *drafting) describeGroup() {
	f := d.found.group
	switch {
	case !f.looked:
		d.remarkf("Entra ID was not looked at, as there are no credentials for it")
		return
	case f.group == nil:
		d.remarkf("There is no group %s; the claim makes one, without members until it names them", d.names.group)
		return
	case f.group.DisplayName != d.names.group:
		d.remarkf("Group %s does not fit: the group of the environment is named %s, and is made anew; rename it first to have it taken over", f.group.DisplayName, d.names.group)
	}
	if len(f.members)+len(f.owners) == 0 {
		return
	}
	d.access().Members = membersOf(f.members)
	d.access().Owners = membersOf(f.owners)
}

func membersOf(principals []graph.Principal) []v1alpha1.Member {
	var members []v1alpha1.Member
	for _, p := range principals {
		members = append(members, v1alpha1.Member(p.String()))
	}
	slices.Sort(members)
	return members
}

func (d *drafting) access() *v1alpha1.Access {
	if d.Claim.Spec.Access == nil {
		d.Claim.Spec.Access = &v1alpha1.Access{}
	}
	return d.Claim.Spec.Access
}

// describeBindings gives roles to those whom RoleBindings let in, but for the group,
// which the claim binds itself.
func (d *drafting) describeBindings() {
	for _, b := range d.found.bindings.Items {
		d.remarkf("RoleBinding %s stays beside the claim's; remove it when the claim is Ready", b.Name)
		for _, s := range b.Subjects {
			if g := d.found.group.group; g != nil && s.Kind == rbacv1.GroupKind && s.Name == g.ID && b.RoleRef.Name == d.blueprint.Identity.ClusterRole {
				continue
			}
			d.describeSubject(b, s)
		}
	}
}

func (d *drafting) describeSubject(b rbacv1.RoleBinding, s rbacv1.Subject) {
	role, ok := d.roleOf(b.RoleRef, s.Kind)
	if !ok {
		d.remarkf("RoleBinding %s does not fit: no role of a claim is bound to %s %s", b.Name, b.RoleRef.Kind, b.RoleRef.Name)
		return
	}
	a := d.access()
	i := slices.IndexFunc(a.Roles, func(g v1alpha1.RoleGrant) bool { return g.Role == role })
	if i < 0 {
		i = len(a.Roles)
		a.Roles = append(a.Roles, v1alpha1.RoleGrant{Role: role})
	}
	grant := &a.Roles[i]
	switch s.Kind {
	case rbacv1.UserKind:
		grant.Users = append(grant.Users, v1alpha1.Subject(s.Name))
	case rbacv1.GroupKind:
		grant.Groups = append(grant.Groups, v1alpha1.Subject(s.Name))
	case rbacv1.ServiceAccountKind:
		grant.ServiceAccounts = append(grant.ServiceAccounts, v1alpha1.ServiceAccount{Namespace: s.Namespace, Name: s.Name})
	}
}

// roleOf is the role of a claim that the Blueprint binds to a ClusterRole. Pipelines
// are ServiceAccounts.
func (d *drafting) roleOf(ref rbacv1.RoleRef, subject string) (v1alpha1.Role, bool) {
	order := []v1alpha1.Role{v1alpha1.RoleViewer, v1alpha1.RoleEditor, v1alpha1.RoleAdmin, v1alpha1.RoleDeployer}
	if subject == rbacv1.ServiceAccountKind {
		slices.Reverse(order)
	}
	for _, role := range order {
		if ref.Kind == "ClusterRole" && d.blueprint.Access.ClusterRoles[role] == ref.Name && slices.Contains(d.blueprint.Access.Roles, role) {
			return role, true
		}
	}
	return "", false
}
