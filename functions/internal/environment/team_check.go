package environment

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Shapes of the patterns of a team.
var (
	labelPattern  = regexp.MustCompile(`^[-a-z0-9*]+$`)
	memberPattern = regexp.MustCompile(`^[A-Za-z0-9@._+*'-]+$`)
)

// checkTeams also finds a team that no claim can ever be of.
func checkTeams(at *field.Path, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	seen := map[string]bool{}
	for i, t := range b.Teams {
		here := at.Index(i)
		if len(t.Namespaces) == 0 {
			errs = append(errs, field.Required(here.Child("namespaces"), "name the namespaces of the team's claims"))
		}
		for j, pattern := range t.Namespaces {
			if seen[pattern] {
				errs = append(errs, field.Duplicate(here.Child("namespaces").Index(j), pattern))
			}
			seen[pattern] = true
		}
		errs = append(errs, checkTeam(here, t, b)...)
	}
	return errs
}

func checkTeam(at *field.Path, t v1alpha1.Team, b v1alpha1.Blueprint) field.ErrorList {
	limits := at.Child("searchLimits")
	errs := slices.Concat(
		checkPatterns(at.Child("namespaces"), t.Namespaces, labelPattern, "must be the name of a namespace, in which * stands for any characters"),
		checkPatterns(at.Child("services"), t.Services, labelPattern, "must be the name of a service, in which * stands for any characters"),
		checkPatterns(at.Child("members"), t.Members, memberPattern, "must be a member, in which * stands for any characters"),
		checkNamed(at.Child("environments"), slices.Sorted(maps.Keys(t.Environments)), b.Environments),
		checkNamed(at.Child("sizes"), slices.Sorted(maps.Keys(t.Sizes)), b.Sizes),
		checkNamed(at.Child("zones"), slices.Sorted(maps.Keys(t.Zones)), b.Routing.Zones),
		checkNamed(at.Child("extras"), t.Extras, b.Extras),
		checkRange(limits.Child("maxShards"), &t.SearchLimits.MaxShards, 0, maxShards),
		checkRange(limits.Child("maxReplicas"), t.SearchLimits.MaxReplicas, 0, maxReplicas),
		checkRange(limits.Child("maxIndices"), t.SearchLimits.MaxIndices, 0, 2*maxIndices),
		checkTeamSizes(at.Child("sizes"), t, b),
		checkTeamZones(at.Child("zones"), t, b),
	)
	return append(errs, checkTeamEnvironments(at.Child("environments"), t, b)...)
}

// checkTeamEnvironments checks what is otherwise for the team, and that the team has
// the size of each environment that it has.
func checkTeamEnvironments(at *field.Path, t v1alpha1.Team, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	sizes := blueprintFor(t, b).Sizes
	has := blueprintFor(t, b).Environments
	for _, name := range slices.Sorted(maps.Keys(has)) {
		class := has[name]
		here, own := at.Key(name), t.Environments[name]
		if _, everybodys := b.Sizes[class.Size]; !everybodys && own.Size == "" {
			continue // Already reported where the environment names it.
		}
		if _, ok := sizes[class.Size]; !ok {
			errs = append(errs, field.Invalid(here.Child("size"), class.Size, fmt.Sprintf(
				"must be one of sizes that the team has, which are %v, as claims that name none get it", slices.Sorted(maps.Keys(sizes)))))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Environments)) {
		here, own := at.Key(name), t.Environments[name]
		errs = append(errs, checkOneOf(here.Child("deletionPolicy"), own.DeletionPolicy, "", v1alpha1.DeletionRetain, v1alpha1.DeletionDelete)...)
		errs = append(errs, checkSuffixes(here.Child("hostSuffixes"), own.HostSuffixes, b.Routing.Zones)...)
		errs = append(errs, checkLifetimeBounds(here.Child("lifetime"), own.Lifetime)...)
		if own.Retention != (v1alpha1.RetentionBounds{}) {
			errs = append(errs, checkRetentionBounds(here.Child("retention"), retentionFor(own.Retention, b.Environments[name].Retention))...)
		}
	}
	return errs
}

func checkTeamSizes(at *field.Path, t v1alpha1.Team, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(t.Sizes)) {
		own, size := t.Sizes[name], b.Sizes[name]
		bad := checkQuota(at.Key(name).Child("maxQuota"), own.MaxQuota)
		if len(bad) == 0 && len(checkQuota(nil, size.Quota)) == 0 {
			bad = checkAtLeast(at.Key(name).Child("maxQuota"), own.MaxQuota, size.Quota)
		}
		errs = append(errs, bad...)
	}
	return errs
}

func checkTeamZones(at *field.Path, t v1alpha1.Team, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	for _, name := range slices.Sorted(maps.Keys(t.Zones)) {
		errs = append(errs, checkNamed(at.Key(name).Child("plugins"), t.Zones[name].Plugins, b.Routing.Zones[name].Plugins)...)
	}
	return errs
}

// checkNamed holds names to those that the Blueprint has.
func checkNamed[V any](at *field.Path, names []string, there map[string]V) field.ErrorList {
	var errs field.ErrorList
	for _, name := range names {
		if _, ok := there[name]; !ok {
			errs = append(errs, field.NotSupported(at, name, slices.Sorted(maps.Keys(there))))
		}
	}
	return errs
}

func checkPatterns(at *field.Path, patterns []string, shape *regexp.Regexp, rule string) field.ErrorList {
	var errs field.ErrorList
	for i, pattern := range patterns {
		errs = append(errs, checkText(at.Index(i), pattern, shape, maxMember, rule)...)
	}
	return errs
}
