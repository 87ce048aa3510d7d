package environment

import (
	"slices"
	"strings"
	"time"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// search says who may use indices and data streams. Without any nobody needs to.
func (s Spec) search(n names) Search {
	out := Search{ProviderConfig: s.blueprint.Search.ProviderConfig, IndexPrefix: n.indexPrefix(), Metadata: s.searchMetadata()}
	asked := s.claim.Spec.Search
	if asked == nil || len(asked.Indices)+len(asked.Streams) == 0 {
		return out
	}
	out.Mappings = s.searchMappings(n)
	for _, access := range []v1alpha1.SearchAccess{v1alpha1.SearchReader, v1alpha1.SearchWriter} {
		role := s.searchRole(n, access)
		if slices.ContainsFunc(out.Mappings, func(m SearchMapping) bool { return m.Role == role.Name }) {
			out.Roles = append(out.Roles, role)
		}
	}
	for _, k := range asked.APIKeys {
		out.Keys = append(out.Keys, s.searchKey(n, k))
	}
	return out
}

// searchMetadata tells whose it is, in Elasticsearch too.
func (s Spec) searchMetadata() map[string]any {
	c := s.claim.Spec
	metadata := map[string]any{"team": s.team, "service": c.Service, "environment": c.Environment}
	if c.Description != "" {
		metadata["description"] = c.Description
	}
	if len(c.Tags) > 0 {
		tags := map[string]any{}
		for key, value := range c.Tags {
			tags[key] = string(value)
		}
		metadata["tags"] = tags
	}
	return metadata
}

func (s Spec) searchRole(n names, access v1alpha1.SearchAccess) SearchRole {
	privileges := []string{"read", "view_index_metadata"}
	if access == v1alpha1.SearchWriter {
		// Maintenance lets a program refresh what it wrote.
		privileges = append(privileges, "write", "maintenance")
	}
	key := strings.ToLower(string(access))
	return SearchRole{
		Key: key, Resource: s.claim.Name + "." + key, Name: n.index(key),
		Pattern: n.index("*"), Privileges: privileges,
	}
}

// searchMappings give the roles: to the environment's group as the Blueprint says,
// and to whom the claim names. Without a realm to pin them to there are none.
func (s Spec) searchMappings(n names) []SearchMapping {
	realm := s.blueprint.Search.Realm
	if realm == "" {
		return nil
	}
	mapping := func(key string, access v1alpha1.SearchAccess) SearchMapping {
		return SearchMapping{Key: key, Resource: s.claim.Name + "." + key, Name: n.index(key), Role: s.searchRole(n, access).Name, Realm: realm}
	}
	var mappings []SearchMapping
	if access := s.blueprint.Search.GroupAccess; access != v1alpha1.SearchNone {
		m := mapping("group", access)
		m.OfGroup = true
		mappings = append(mappings, m)
	}
	for _, g := range s.claim.Spec.Search.Access {
		if len(g.Groups)+len(g.Users) == 0 {
			continue
		}
		m := mapping(strings.ToLower(string(g.Access)), g.Access)
		for _, id := range g.Groups {
			m.Groups = append(m.Groups, string(id))
		}
		for _, user := range g.Users {
			m.Users = append(m.Users, string(user))
		}
		mappings = append(mappings, m)
	}
	return mappings
}

func (s Spec) searchKey(n names, k v1alpha1.SearchKey) SearchKey {
	policy := s.blueprint.Search.APIKey
	resource := s.claim.Name + "." + k.Name
	key := SearchKey{
		Key: k.Name, Resource: resource, Name: n.index(k.Name), Role: s.searchRole(n, k.Access),
		Connection: resource + ".api-key", SecretName: secretName(k),
		Validity: duration(policy.Validity), Overlap: duration(policy.Overlap),
	}
	key.RotateBefore = (key.Validity / 3).Truncate(time.Second)
	if policy.RotateBefore != "" {
		key.RotateBefore = duration(policy.RotateBefore)
	}
	return key
}

// duration converts what ParseBlueprint has found to be one.
func duration(value string) time.Duration {
	d, _ := parseDuration(value)
	return d
}
