package environment

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// These are those of the claim's schema, like their like in parse.go.
var (
	memberName         = regexp.MustCompile(`^([!-?A-~]+@[!-?A-~]+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)
	subjectName        = regexp.MustCompile(`^[!-~]+( [!-~]+)*$`)
	serviceAccountName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
)

const (
	maxRoles          = 4
	maxSubjects       = 100 // Of each kind, in one role.
	maxSubject        = 256
	maxServiceAccount = 253

	// systemPrefix begins the names that Kubernetes keeps to itself. A binding to
	// one of them could let in everybody.
	systemPrefix = "system:"
)

// defaultClusterRoles returns what each role is bound to where the Blueprint does
// not say.
func defaultClusterRoles() map[v1alpha1.Role]string {
	return map[v1alpha1.Role]string{
		v1alpha1.RoleViewer:   "view",
		v1alpha1.RoleEditor:   "edit",
		v1alpha1.RoleAdmin:    "admin",
		v1alpha1.RoleDeployer: "edit",
	}
}

// checkAccess also holds a claim to the roles that the Blueprint lets it give.
func checkAccess(at *field.Path, a *v1alpha1.Access, given []v1alpha1.Role) field.ErrorList {
	if a == nil {
		return nil
	}
	return slices.Concat(
		checkMembers(at.Child("members"), a.Members, maxMembers),
		checkMembers(at.Child("owners"), a.Owners, maxOwners),
		checkOneOf(at.Child("membership"), a.Membership, "", v1alpha1.MembershipExclusive, v1alpha1.MembershipAdditive),
		checkGrants(at.Child("roles"), a.Roles),
		checkGiven(at.Child("roles"), a.Roles, given),
	)
}

// checkGiven refuses roles that the Blueprint keeps to the platform team.
func checkGiven(at *field.Path, grants []v1alpha1.RoleGrant, given []v1alpha1.Role) field.ErrorList {
	var errs field.ErrorList
	for i, g := range grants {
		if len(checkRoleName(nil, g.Role)) == 0 && !slices.Contains(given, g.Role) {
			errs = append(errs, field.Forbidden(at.Index(i).Child("role"), fmt.Sprintf(
				"the Blueprint lets no claim give the role %q; ask the platform team for access.roles", g.Role)))
		}
	}
	return errs
}

func checkGrants(at *field.Path, grants []v1alpha1.RoleGrant) field.ErrorList {
	var errs field.ErrorList
	if len(grants) > maxRoles {
		errs = append(errs, field.TooMany(at, len(grants), maxRoles))
	}
	seen := map[v1alpha1.Role]bool{}
	for i, g := range grants {
		here := at.Index(i)
		errs = append(errs, checkRoleName(here.Child("role"), g.Role)...)
		if seen[g.Role] {
			errs = append(errs, field.Duplicate(here.Child("role"), g.Role))
		}
		seen[g.Role] = true
		errs = append(errs, checkSubjects(here.Child("users"), g.Users)...)
		errs = append(errs, checkSubjects(here.Child("groups"), g.Groups)...)
		errs = append(errs, checkServiceAccounts(here.Child("serviceAccounts"), g.ServiceAccounts)...)
	}
	return errs
}

func checkRoleName(at *field.Path, role v1alpha1.Role) field.ErrorList {
	return checkOneOf(at, role, v1alpha1.RoleViewer, v1alpha1.RoleEditor, v1alpha1.RoleAdmin, v1alpha1.RoleDeployer)
}

func checkSubjects(at *field.Path, subjects []v1alpha1.Subject) field.ErrorList {
	var errs field.ErrorList
	if len(subjects) > maxSubjects {
		errs = append(errs, field.TooMany(at, len(subjects), maxSubjects))
	}
	seen := map[v1alpha1.Subject]bool{}
	for i, s := range subjects {
		errs = append(errs, checkText(at.Index(i), string(s), subjectName, maxSubject,
			"must be words of printable ASCII; a group with another name can be named by its object id")...)
		if strings.HasPrefix(string(s), systemPrefix) {
			errs = append(errs, field.Invalid(at.Index(i), s,
				"names that begin with system: are those of Kubernetes itself; name a service account under serviceAccounts"))
		}
		if seen[s] {
			errs = append(errs, field.Duplicate(at.Index(i), s))
		}
		seen[s] = true
	}
	return errs
}

func checkServiceAccounts(at *field.Path, accounts []v1alpha1.ServiceAccount) field.ErrorList {
	var errs field.ErrorList
	if len(accounts) > maxSubjects {
		errs = append(errs, field.TooMany(at, len(accounts), maxSubjects))
	}
	seen := map[v1alpha1.ServiceAccount]bool{}
	for i, a := range accounts {
		here := at.Index(i)
		errs = append(errs, checkText(here.Child("namespace"), a.Namespace, labelName, maxNamespace, "must be the name of a namespace")...)
		errs = append(errs, checkText(here.Child("name"), a.Name, serviceAccountName, maxServiceAccount, "must be the name of a ServiceAccount")...)
		if seen[a] {
			errs = append(errs, field.Duplicate(here, a.Namespace+"/"+a.Name))
		}
		seen[a] = true
	}
	return errs
}

// bindings give the claim's roles. A role that names nobody has none.
func (s Spec) bindings() []Binding {
	if s.claim.Spec.Access == nil {
		return nil
	}
	var bindings []Binding
	for _, g := range s.claim.Spec.Access.Roles {
		if len(g.Users)+len(g.Groups)+len(g.ServiceAccounts) == 0 {
			continue
		}
		clusterRole := s.blueprint.Access.ClusterRoles[g.Role]
		bindings = append(bindings, Binding{
			Name:            "role-" + strings.ToLower(string(g.Role)) + "-" + clusterRole,
			ClusterRole:     clusterRole,
			Users:           g.Users,
			Groups:          g.Groups,
			ServiceAccounts: g.ServiceAccounts,
		})
	}
	return bindings
}
