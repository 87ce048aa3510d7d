package environment

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	maxMembers = 500
	maxOwners  = 20
	maxMember  = 256

	// maxBreakGlass keeps a group within the members that one claim may name.
	maxBreakGlass = 50

	// maxGroupDescription is what the owner marker leaves of the 1,024 characters of a
	// description in Entra ID.
	maxGroupDescription = 600
)

// group is the claim's, with the members whom the Blueprint puts into every group
// behind the claim's own.
func (s Spec) group(n names) Group {
	access := cmp.Or(s.claim.Spec.Access, &v1alpha1.Access{})
	owners := access.Owners
	if len(owners) == 0 {
		owners = s.blueprint.Identity.Owners
	}
	policy := s.deletionPolicy(s.deletion().Group)
	return Group{
		Resource:       s.claim.Name,
		Name:           n.group(),
		Description:    s.groupDescription(),
		Owners:         texts(owners),
		Members:        texts(union(access.Members, s.blueprint.Identity.BreakGlassMembers)),
		Membership:     cmp.Or(access.Membership, v1alpha1.MembershipExclusive),
		ProviderConfig: s.blueprint.Identity.ProviderConfig,
		Policy:         policy,
		Grace:          s.grace(policy),
	}
}

// groupDescription ends with the tags, as a group has no better place for them.
func (s Spec) groupDescription() string {
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(s.claim.Spec.Tags)) {
		tags = append(tags, key+"="+string(s.claim.Spec.Tags[key]))
	}
	if len(tags) == 0 {
		return s.claim.Spec.Description
	}
	return strings.TrimSpace(s.claim.Spec.Description + " (" + strings.Join(tags, ", ") + ")")
}

// checkGroupDescription refuses tags that would have to be cut: half of the tags
// would be worse than a word about it.
func (s Spec) checkGroupDescription(at *field.Path) field.ErrorList {
	if n := utf8Len(s.groupDescription()); n > maxGroupDescription && len(s.claim.Spec.Tags) <= maxTags {
		return field.ErrorList{field.Invalid(at, len(s.claim.Spec.Tags), fmt.Sprintf(
			"with spec.description they take %d of the %d characters that the description of the Entra ID group has for them; use fewer or shorter ones",
			n, maxGroupDescription))}
	}
	return nil
}

// checkMembers checks names of users, groups and service principals in Entra ID.
func checkMembers(at *field.Path, members []v1alpha1.Member, most int) field.ErrorList {
	var errs field.ErrorList
	if len(members) > most {
		errs = append(errs, field.TooMany(at, len(members), most))
	}
	seen := map[v1alpha1.Member]bool{}
	for i, m := range members {
		errs = append(errs, checkText(at.Index(i), string(m), memberName, maxMember,
			"must be a user principal name, a mail address or an object id, in printable ASCII")...)
		if seen[m] {
			errs = append(errs, field.Duplicate(at.Index(i), m))
		}
		seen[m] = true
	}
	return errs
}

// union returns the members of both lists, each once.
func union(first, second []v1alpha1.Member) []v1alpha1.Member {
	all := slices.Clone(first)
	for _, m := range second {
		if !slices.ContainsFunc(first, func(f v1alpha1.Member) bool { return strings.EqualFold(string(f), string(m)) }) {
			all = append(all, m)
		}
	}
	return all
}

func texts[T ~string](from []T) []string {
	var out []string
	for _, t := range from {
		out = append(out, string(t))
	}
	return out
}
