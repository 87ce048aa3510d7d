package compose

import (
	"encoding/json"
	"maps"
	"slices"

	xpmeta "github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// searchRoles are the roles of Elasticsearch that somebody is given. They, and all
// that gives access, go with the claim, whatever becomes of the data.
func searchRoles(p environment.Plan, _ World) []Part {
	var parts []Part
	for _, r := range p.Search.Roles {
		parts = append(parts, Part{
			Name:       "search-role-" + r.Key,
			Capability: status.Search,
			Title:      r.Name,
			Needs:      []string{PartNamespace},
			Resource: &elasticsearch.Role{
				TypeMeta:   typeMeta(elasticsearch.GroupVersion.String(), "Role"),
				ObjectMeta: searchMeta(p, r.Resource, r.Name),
				Spec: elasticsearch.RoleSpec{
					ManagedResourceSpec: managedSpec(p.Search.ProviderConfig, v1alpha1.DeletionDelete, 0),
					Terms:               terms(p, r.Resource, 0),
					ForProvider: elasticsearch.RoleParameters{
						Privileges: privileges(r),
						Metadata:   encoded(p.Search.Metadata),
					},
				},
			},
			Health: ManagedHealth,
			Settle: settleManaged,
		})
	}
	return parts
}

// searchMappings give the roles to users of a realm. The one of the environment's
// group waits for its object id, as the RoleBinding does.
func searchMappings(p environment.Plan, w World) []Part {
	var parts []Part
	for _, m := range p.Search.Mappings {
		part := Part{
			Name:       "search-mapping-" + m.Key,
			Capability: status.Search,
			Title:      m.Name,
			Needs:      []string{PartNamespace},
			Health:     ManagedHealth,
			Settle:     settleManaged,
		}
		groups := m.Groups
		if m.OfGroup {
			part.Needs = []string{PartNamespace, PartGroup}
			groups = []string{mapped(w.Observed[PartGroup], w.Observed[part.Name])}
		}
		part.Resource = &elasticsearch.RoleMapping{
			TypeMeta:   typeMeta(elasticsearch.GroupVersion.String(), "RoleMapping"),
			ObjectMeta: searchMeta(p, m.Resource, m.Name),
			Spec: elasticsearch.RoleMappingSpec{
				ManagedResourceSpec: managedSpec(p.Search.ProviderConfig, v1alpha1.DeletionDelete, 0),
				Terms:               terms(p, m.Resource, 0),
				ForProvider: elasticsearch.RoleMappingParameters{
					Enabled:  new(true),
					Roles:    []string{m.Role},
					Rules:    *encoded(rules(m.Realm, groups, m.Users)),
					Metadata: encoded(p.Search.Metadata),
				},
			},
		}
		parts = append(parts, part)
	}
	return parts
}

// rules fit users of one realm alone: what another realm says of its users' groups
// is not to be trusted.
func rules(realm string, groups, users []string) map[string]any {
	is := func(name string, value any) any { return map[string]any{"field": map[string]any{name: value}} }
	who := is("groups", groups)
	switch {
	case len(groups) == 0:
		who = is("username", users)
	case len(users) > 0:
		who = map[string]any{"any": []any{who, is("username", users)}}
	}
	return map[string]any{"all": []any{is("realm.name", realm), who}}
}

// mapped is the group's object id. While the group does not tell it, a mapping that
// exists keeps the one it has.
func mapped(group, mapping Object) string {
	if id := GroupID(group); id != "" {
		return id
	}
	for _, rule := range mapping.list("spec", "forProvider", "rules", "all") {
		fits, _ := rule.(map[string]any)
		for _, id := range Object(fits).list("field", "groups") {
			if id, ok := id.(string); ok {
				return id
			}
		}
	}
	return ""
}

// searchMeta is the metadata of what stands for something in Elasticsearch, in the
// team's namespace.
func searchMeta(p environment.Plan, resource, name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{
		Name: resource, Namespace: p.Home, Labels: maps.Clone(p.Labels),
		Annotations: map[string]string{xpmeta.AnnotationKeyExternalName: name},
	}
}

func privileges(r environment.SearchRole) elasticsearch.Privileges {
	return elasticsearch.Privileges{Indices: []elasticsearch.IndexPrivileges{{
		Names: []string{r.Pattern}, Privileges: slices.Clone(r.Privileges),
	}}}
}

// encoded is an object as JSON.
func encoded(object map[string]any) *apiextensionsv1.JSON {
	raw, err := json.Marshal(object)
	if err != nil { // Texts, lists and objects alone are in it.
		return nil
	}
	return &apiextensionsv1.JSON{Raw: raw}
}

// connectionSecret is where the provider writes what a managed resource tells once.
func connectionSecret(spec xpv2.ManagedResourceSpec, name string) xpv2.ManagedResourceSpec {
	spec.WriteConnectionSecretToReference = &xpv2.LocalSecretReference{Name: name}
	return spec
}
