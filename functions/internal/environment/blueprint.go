package environment

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// BlueprintName is the name of the EnvironmentConfig that holds the Blueprint.
const BlueprintName = "plumbline-blueprint"

// DefaultBlueprint is an EnvironmentConfig to begin with. Claims that are looked at
// without a control plane and without a Blueprint are looked at under it; on a control
// plane it applies only once a platform team has applied it.
//
//go:embed blueprint.yaml
var DefaultBlueprint []byte

// alwaysReserved are namespaces that no Blueprint can hand out.
var alwaysReserved = []string{"default", "kube-*", "crossplane-*"} //nolint:gochecknoglobals // A constant list.

// A Blueprint is valid, and has every default filled in. Only ParseBlueprint makes
// one.
type Blueprint struct {
	v1alpha1.Blueprint

	team v1alpha1.Team // That this is for, if the Blueprint has something for it.

	// domains that belong to one environment each.
	domains domains

	// reserved are all patterns of names that no namespace may have.
	reserved []string

	templates map[string][]template // The objects of each extra.
}

// DefaultData returns the data of DefaultBlueprint.
func DefaultData() ([]byte, error) {
	var config struct {
		Data json.RawMessage `json:"data"`
	}
	err := yaml.Unmarshal(DefaultBlueprint, &config)
	return config.Data, err
}

// ParseBlueprint reads the data of an EnvironmentConfig, in JSON. It returns every
// mistake: an unknown field as well as a wrong value.
func ParseBlueprint(data []byte) (Blueprint, field.ErrorList) {
	root := field.NewPath("data")
	b := v1alpha1.Blueprint{}
	strict, err := kjson.UnmarshalStrict(data, &b)
	if err != nil {
		return Blueprint{}, field.ErrorList{field.Invalid(root, string(bytes.TrimSpace(data[:min(len(data), 40)]))+"…", "cannot be read: "+err.Error())}
	}
	var errs field.ErrorList
	for _, e := range strict {
		errs = append(errs, strictError(root, e))
	}
	b = withDefaults(b)
	errs = append(errs, checkBlueprint(root, b)...)
	templates, mistakes := parseExtras(root.Child("extras"), b)
	errs = append(errs, mistakes...)
	if len(errs) > 0 {
		return Blueprint{}, errs
	}
	return Blueprint{
		Blueprint: b,
		templates: templates,
		domains:   wildcardDomains(b.Routing.Zones),
		reserved:  slices.Concat(alwaysReserved, []string{b.PlatformNamespace}, gatewayNamespaces(b.Routing.Zones), b.ReservedNamespaces),
	}, nil
}

// strictError puts what the decoder found under root, where the reader looks.
func strictError(root *field.Path, err error) *field.Error {
	at := root
	var f kjson.FieldError
	if errors.As(err, &f) {
		at = root.Child(f.FieldPath())
	}
	rule := "unknown field; see the Blueprint's documentation for those there are"
	if strings.Contains(err.Error(), "duplicate") {
		rule = "is there twice"
	}
	return field.Forbidden(at, rule)
}

// withDefaults fills in what a Blueprint may leave out.
func withDefaults(b v1alpha1.Blueprint) v1alpha1.Blueprint {
	b.Environments = maps.Clone(b.Environments)
	for name, class := range b.Environments {
		byTier := v1alpha1.DeletionDelete
		if class.Tier == v1alpha1.TierProduction {
			byTier = v1alpha1.DeletionRetain
		}
		class.DeletionPolicy = cmp.Or(class.DeletionPolicy, byTier)
		class.PodSecurity = cmp.Or(class.PodSecurity, v1alpha1.PodSecurityRestricted)
		class.Retention = retentionWithDefaults(class.Retention)
		class.Adoption = adoptionWithDefaults(class.Adoption)
		b.Environments[name] = class
	}
	b.Names.Namespace = cmp.Or(b.Names.Namespace, identity)
	b.Names.Index = cmp.Or(b.Names.Index, identity+indexPlace)
	b.Names.Group = cmp.Or(b.Names.Group, identity)
	b.Network.DNSNamespace = cmp.Or(b.Network.DNSNamespace, "kube-system")
	clusterRoles := defaultClusterRoles()
	maps.Copy(clusterRoles, b.Access.ClusterRoles)
	b.Access.ClusterRoles = clusterRoles
	if len(b.Access.Roles) == 0 {
		b.Access.Roles = slices.Sorted(maps.Keys(defaultClusterRoles()))
	}
	b.Workload.ServiceAccount.Name = cmp.Or(b.Workload.ServiceAccount.Name, "workload")
	b.Identity.ClusterRole = cmp.Or(b.Identity.ClusterRole, "edit")
	b.Search = searchWithDefaults(b.Search)
	b.Routing.Zones = maps.Clone(b.Routing.Zones)
	for name, zone := range b.Routing.Zones {
		b.Routing.Zones[name] = zoneWithDefaults(zone)
		if len(b.Routing.Zones) == 1 {
			b.Routing.DefaultZone = cmp.Or(b.Routing.DefaultZone, name)
		}
	}
	return b
}
