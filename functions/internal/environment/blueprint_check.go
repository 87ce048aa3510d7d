package environment

import (
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	pathvalidation "k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Shapes that names made by a template must have, and the hosts that a suffix makes.
var (
	namespaceShape = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)
	indexShape     = regexp.MustCompile(`^[a-z0-9][-a-z0-9._]*$`)
	groupShape     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	suffixShape    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	kindShape      = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

	// quantityShape is stricter than Kubernetes: parsing a quantity with a great
	// exponent, such as 1e99999999, would keep the function busy for minutes.
	quantityShape = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,9})?(m|k|Ki|M|Mi|G|Gi|T|Ti|P|Pi|E|Ei)?$`)

	braces = regexp.MustCompile(`[{}]`)
)

const maxTTLSeconds = 7 * 24 * 60 * 60

// checkBlueprint finds every mistake of a Blueprint whose defaults are filled in.
func checkBlueprint(root *field.Path, b v1alpha1.Blueprint) field.ErrorList {
	return slices.Concat(
		checkOneOf(root.Child("apiVersion"), b.APIVersion, v1alpha1.GroupVersion.String()),
		checkOneOf(root.Child("kind"), b.Kind, v1alpha1.BlueprintGroupVersionKind.Kind),
		checkLabel(root.Child("platformNamespace"), b.PlatformNamespace),
		checkEnvironments(root.Child("environments"), b),
		checkSizes(root.Child("sizes"), b.Sizes),
		checkTemplates(root.Child("names"), b.Names),
		checkReserved(root.Child("reservedNamespaces"), b.ReservedNamespaces),
		checkTagKeys(root.Child("requiredTags"), b.RequiredTags),
		checkNetwork(root.Child("network"), b.Network),
		checkClusterRoles(root.Child("access", "clusterRoles"), b.Access.ClusterRoles),
		checkRoles(root.Child("access", "roles"), b.Access.Roles),
		checkWorkload(root.Child("workload", "serviceAccount"), b),
		checkSubdomain(root.Child("identity", "providerConfig"), b.Identity.ProviderConfig),
		checkRole(root.Child("identity", "clusterRole"), b.Identity.ClusterRole),
		checkMembers(root.Child("identity", "owners"), b.Identity.Owners, maxOwners),
		checkMembers(root.Child("identity", "breakGlassMembers"), b.Identity.BreakGlassMembers, maxBreakGlass),
		checkSearchBackend(root.Child("search"), b.Search),
		checkRouting(root.Child("routing"), b.Routing),
	)
}

func checkEnvironments(at *field.Path, b v1alpha1.Blueprint) field.ErrorList {
	var errs field.ErrorList
	if len(b.Environments) == 0 {
		errs = append(errs, field.Required(at, "name at least one environment"))
	}
	for _, name := range slices.Sorted(maps.Keys(b.Environments)) {
		class, here := b.Environments[name], at.Key(name)
		errs = append(errs, checkText(here, name, environmentName, maxEnvironment, "must begin with a letter and hold only lowercase letters and digits")...)
		if class.Formerly != "" {
			errs = append(errs, checkText(here.Child("formerly"), class.Formerly, environmentName, maxEnvironment, "must begin with a letter and hold only lowercase letters and digits")...)
		}
		errs = append(errs, checkOneOf(here.Child("tier"), class.Tier, v1alpha1.TierProduction, v1alpha1.TierNonProduction)...)
		if _, ok := b.Sizes[class.Size]; !ok {
			errs = append(errs, field.NotSupported(here.Child("size"), class.Size, slices.Sorted(maps.Keys(b.Sizes))))
		}
		errs = append(errs, checkOneOf(here.Child("deletionPolicy"), class.DeletionPolicy, v1alpha1.DeletionRetain, v1alpha1.DeletionDelete)...)
		errs = append(errs, checkOneOf(here.Child("podSecurity"), class.PodSecurity, v1alpha1.PodSecurityPrivileged, v1alpha1.PodSecurityBaseline, v1alpha1.PodSecurityRestricted)...)
		errs = append(errs, checkNamespaceMetadata(here.Child("namespace"), class.Namespace, language{tags: b.RequiredTags})...)
		errs = append(errs, checkRetentionBounds(here.Child("retention"), class.Retention)...)
		errs = append(errs, checkAdoptionBounds(here.Child("adoption"), class.Adoption)...)
		errs = append(errs, checkSuffixes(here.Child("hostSuffixes"), class.HostSuffixes, b.Routing.Zones)...)
	}
	return errs
}

func checkSuffixes(at *field.Path, suffixes map[string][]string, zones map[string]v1alpha1.Zone) field.ErrorList {
	var errs field.ErrorList
	domains := wildcardDomains(zones)
	for _, zone := range slices.Sorted(maps.Keys(suffixes)) {
		if _, ok := zones[zone]; !ok {
			errs = append(errs, field.NotSupported(at.Key(zone), zone, slices.Sorted(maps.Keys(zones))))
		}
		for i, suffix := range suffixes[zone] {
			bad := checkSuffix(at.Key(zone).Index(i), suffix)
			if len(bad) == 0 && domains.holds(suffix) {
				bad = field.ErrorList{field.Invalid(at.Key(zone).Index(i), suffix, "lies in one of wildcardDomains, so that all hosts below it would belong to one environment; give wildcards a domain of their own")}
			}
			errs = append(errs, bad...)
		}
	}
	return errs
}

// checkSuffix reads {team} and the others as a letter: what they stand for is part
// of a DNS name.
func checkSuffix(at *field.Path, suffix string) field.ErrorList {
	filled := strings.NewReplacer("{team}", "x", "{service}", "x", "{environment}", "x").Replace(suffix)
	return checkText(at, filled, suffixShape, maxHost, fmt.Sprintf("%q must be a DNS name without a leading dot, in which {team}, {service} and {environment} are filled in", suffix))
}

func checkSizes(at *field.Path, sizes map[string]v1alpha1.Size) field.ErrorList {
	var errs field.ErrorList
	if len(sizes) == 0 {
		errs = append(errs, field.Required(at, "name at least one size"))
	}
	for _, name := range slices.Sorted(maps.Keys(sizes)) {
		size, here := sizes[name], at.Key(name)
		errs = append(errs, checkText(here, name, serviceName, 30, "must be lowercase letters, digits and hyphens, and begin with a letter")...)
		if len(size.Quota) == 0 {
			errs = append(errs, field.Required(here.Child("quota"), "an environment without a quota can take the whole cluster"))
		}
		errs = append(errs, checkQuotas(here, size)...)
		errs = append(errs, checkContainer(here.Child("container"), size.Container)...)
	}
	return errs
}

// checkQuotas also holds a size to its own bounds.
func checkQuotas(at *field.Path, size v1alpha1.Size) field.ErrorList {
	errs := checkQuota(at.Child("quota"), size.Quota)
	errs = append(errs, checkQuota(at.Child("maxQuota"), size.MaxQuota)...)
	if len(errs) > 0 {
		return errs
	}
	return checkAtMost(at.Child("quota"), size.Quota, "maxQuota", size.MaxQuota)
}

// checkContainer also holds the three to the order that the API server demands.
func checkContainer(at *field.Path, c v1alpha1.ContainerLimits) field.ErrorList {
	errs := slices.Concat(
		checkQuantities(at.Child("defaultRequest"), c.DefaultRequest),
		checkQuantities(at.Child("defaultLimit"), c.DefaultLimit),
		checkQuantities(at.Child("max"), c.Max),
	)
	if len(errs) > 0 {
		return errs
	}
	return slices.Concat(
		checkAtMost(at.Child("defaultRequest"), c.DefaultRequest, "defaultLimit", c.DefaultLimit),
		checkAtMost(at.Child("defaultRequest"), c.DefaultRequest, "max", c.Max),
		checkAtMost(at.Child("defaultLimit"), c.DefaultLimit, "max", c.Max),
	)
}

func checkAtMost(at *field.Path, low map[string]string, name string, high map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(low)) {
		most, bounded := high[key]
		if value := resource.MustParse(low[key]); bounded && value.Cmp(resource.MustParse(most)) > 0 {
			errs = append(errs, field.Invalid(at.Key(key), low[key], fmt.Sprintf("must be at most %s[%s], which is %s", name, key, most)))
		}
	}
	return errs
}

func checkQuantities(at *field.Path, quantities map[string]string) field.ErrorList {
	var errs field.ErrorList
	for _, key := range slices.Sorted(maps.Keys(quantities)) {
		for _, problem := range validation.IsQualifiedName(key) {
			errs = append(errs, field.Invalid(at, key, problem))
		}
		if !quantityShape.MatchString(quantities[key]) {
			errs = append(errs, field.Invalid(at.Key(key), quantities[key], "must be a quantity such as 500m, 2 or 4Gi"))
		}
	}
	return errs
}

func checkTemplates(at *field.Path, n v1alpha1.Names) field.ErrorList {
	errs := checkTemplate(at.Child("namespace"), n.Namespace, "", namespaceShape)
	errs = append(errs, checkTemplate(at.Child("index"), n.Index, indexPlace, indexShape)...)
	return append(errs, checkTemplate(at.Child("group"), n.Group, "", groupShape)...)
}

func checkTemplate(at *field.Path, template, ending string, shape *regexp.Regexp) field.ErrorList {
	body, ended := strings.CutSuffix(template, ending)
	around := strings.Replace(body, identity, "", 1)
	if !ended || !strings.Contains(body, identity) || braces.MatchString(around) {
		return field.ErrorList{field.Invalid(at, template, fmt.Sprintf("must hold %s once, no other placeholder but at the end %q, and letters around it as wanted", identity, ending))}
	}
	if len(around) > maxTemplate {
		return field.ErrorList{field.Invalid(at, template, fmt.Sprintf("must add at most %d letters to %s", maxTemplate, identity))}
	}
	return checkText(at, strings.Replace(body, identity, "a-b", 1), shape, maxNamespace, fmt.Sprintf("%q makes names that its system does not take", template))
}

func checkReserved(at *field.Path, patterns []string) field.ErrorList {
	var errs field.ErrorList
	for i, pattern := range patterns {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			errs = append(errs, field.Invalid(at.Index(i), pattern, "must be a name in which * stands for any characters"))
		}
	}
	return errs
}

func checkTagKeys(at *field.Path, keys []string) field.ErrorList {
	var errs field.ErrorList
	for i, key := range keys {
		errs = append(errs, checkText(at.Index(i), key, tagKey, maxTagValue, "must be 1-63 letters, digits, '-', '_' or '.', and begin and end with a letter or digit")...)
	}
	return errs
}

func checkClusterRoles(at *field.Path, clusterRoles map[v1alpha1.Role]string) field.ErrorList {
	var errs field.ErrorList
	for _, role := range slices.Sorted(maps.Keys(clusterRoles)) {
		errs = append(errs, checkRoleName(at.Key(string(role)), role)...)
		errs = append(errs, checkRole(at.Key(string(role)), clusterRoles[role])...)
	}
	return errs
}

func checkRoles(at *field.Path, roles []v1alpha1.Role) field.ErrorList {
	var errs field.ErrorList
	for i, role := range roles {
		errs = append(errs, checkRoleName(at.Index(i), role)...)
	}
	return errs
}

func checkWorkload(at *field.Path, b v1alpha1.Blueprint) field.ErrorList {
	a := b.Workload.ServiceAccount
	return append(
		checkLabel(at.Child("name"), a.Name),
		checkTexts(at.Child("annotations"), a.Annotations, nil, language{tags: b.RequiredTags})...,
	)
}

func checkNetwork(at *field.Path, n v1alpha1.Network) field.ErrorList {
	errs := checkLabel(at.Child("dnsNamespace"), n.DNSNamespace)
	for i, cidr := range n.EgressCIDRs {
		errs = append(errs, checkCIDR(at.Child("egressCIDRs").Index(i), cidr)...)
	}
	for i, cidr := range n.PermittedCIDRs {
		errs = append(errs, checkCIDR(at.Child("permittedCIDRs").Index(i), cidr)...)
	}
	return errs
}

func checkLabel(at *field.Path, name string) field.ErrorList {
	return checkWith(at, name, validation.IsDNS1123Label)
}

func checkSubdomain(at *field.Path, name string) field.ErrorList {
	return checkWith(at, name, validation.IsDNS1123Subdomain)
}

func checkRole(at *field.Path, name string) field.ErrorList {
	return checkWith(at, name, pathvalidation.IsValidPathSegmentName)
}

func checkWith(at *field.Path, value string, rules func(string) []string) field.ErrorList {
	if value == "" {
		return field.ErrorList{field.Required(at, "")}
	}
	var errs field.ErrorList
	for _, problem := range rules(value) {
		errs = append(errs, field.Invalid(at, value, problem))
	}
	return errs
}
