package environment

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// of returns the Blueprint as it is for a team. What the team cannot have is not in it,
// so nothing that reads it has to know of teams.
func (b Blueprint) of(team string) Blueprint {
	i := slices.IndexFunc(b.Teams, func(t v1alpha1.Team) bool { return fitsAny(team, t.Namespaces) })
	if i < 0 {
		return b
	}
	b.team = b.Teams[i]
	b.Blueprint = blueprintFor(b.team, b.Blueprint)
	return b
}

// blueprintFor lays what a team has over what all have.
func blueprintFor(t v1alpha1.Team, b v1alpha1.Blueprint) v1alpha1.Blueprint {
	if t.Environments != nil {
		b.Environments = overlaid(b.Environments, t.Environments, classFor)
	}
	if t.Sizes != nil {
		b.Sizes = overlaid(b.Sizes, t.Sizes, sizeFor)
	}
	if t.Zones != nil {
		b.Routing.Zones = overlaid(b.Routing.Zones, t.Zones, zoneFor)
	}
	for name := range b.Routing.Zones {
		if len(b.Routing.Zones) == 1 {
			b.Routing.DefaultZone = name
		}
	}
	if t.Extras != nil {
		b.Extras = maps.Clone(b.Extras)
		maps.DeleteFunc(b.Extras, func(name string, e v1alpha1.Extra) bool { return !e.Always && !slices.Contains(t.Extras, name) })
	}
	limits := &b.Search.Limits
	limits.MaxShards = cmp.Or(t.SearchLimits.MaxShards, limits.MaxShards)
	limits.MaxReplicas = cmp.Or(t.SearchLimits.MaxReplicas, limits.MaxReplicas)
	limits.MaxIndices = cmp.Or(t.SearchLimits.MaxIndices, limits.MaxIndices)
	return b
}

// overlaid are those that a team has of what there is, each with what is otherwise
// about it.
func overlaid[A, O any](there map[string]A, over map[string]O, lay func(O, A) A) map[string]A {
	out := map[string]A{}
	for name, o := range over {
		if a, ok := there[name]; ok {
			out[name] = lay(o, a)
		}
	}
	return out
}

func classFor(t v1alpha1.TeamEnvironment, class v1alpha1.EnvironmentClass) v1alpha1.EnvironmentClass {
	class.Size = cmp.Or(t.Size, class.Size)
	class.DeletionPolicy = cmp.Or(t.DeletionPolicy, class.DeletionPolicy)
	if t.Protect != nil {
		class.Protect = *t.Protect
	}
	if t.HostSuffixes != nil {
		suffixes := maps.Clone(class.HostSuffixes)
		if suffixes == nil {
			suffixes = map[string][]string{}
		}
		maps.Copy(suffixes, t.HostSuffixes)
		class.HostSuffixes = suffixes
	}
	class.Retention = retentionFor(t.Retention, class.Retention)
	class.Lifetime = lifetimeFor(t.Lifetime, class.Lifetime)
	return class
}

func sizeFor(t v1alpha1.TeamSize, size v1alpha1.Size) v1alpha1.Size {
	most := map[string]string{}
	maps.Copy(most, size.MaxQuota)
	maps.Copy(most, t.MaxQuota)
	size.MaxQuota = most
	return size
}

func zoneFor(t v1alpha1.TeamZone, zone v1alpha1.Zone) v1alpha1.Zone {
	if t.Plugins != nil {
		zone.Plugins = maps.Clone(zone.Plugins)
		maps.DeleteFunc(zone.Plugins, func(name, _ string) bool { return !slices.Contains(t.Plugins, name) })
	}
	return zone
}

// checkGivenToTeam holds what a claim names to the patterns that the Blueprint has for
// its team.
func (s Spec) checkGivenToTeam(spec *field.Path) field.ErrorList {
	team, c := s.blueprint.team, s.claim.Spec
	var errs field.ErrorList
	check := func(at *field.Path, value string, patterns []string) {
		if patterns != nil && !fitsAny(value, patterns) {
			errs = append(errs, field.Invalid(at, value, fmt.Sprintf("must fit %s, which is what the Blueprint gives team %q; ask the platform team for teams",
				cmp.Or(strings.Join(patterns, " or "), "nothing"), s.team)))
		}
	}
	check(spec.Child("service"), c.Service, team.Services)
	if c.Access == nil {
		return errs
	}
	access := spec.Child("access")
	for i, m := range c.Access.Members {
		check(access.Child("members").Index(i), string(m), team.Members)
	}
	for i, m := range c.Access.Owners {
		check(access.Child("owners").Index(i), string(m), team.Members)
	}
	for i, g := range c.Access.Roles {
		for j, u := range g.Users {
			check(access.Child("roles").Index(i).Child("users").Index(j), string(u), team.Members)
		}
	}
	return errs
}

// fitsAny says whether a name fits one of the patterns. Names of users are the same in
// capitals.
func fitsAny(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		fits, err := path.Match(strings.ToLower(pattern), strings.ToLower(name))
		return fits && err == nil
	})
}
