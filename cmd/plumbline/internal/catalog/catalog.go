// Package catalog says what claims became in the words of a Backstage catalog: a
// Component for each environment, Resources for what it is made of, and a System for
// each service.
package catalog

import (
	"cmp"
	"slices"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/score"
)

// Entities returns the entities of claims, always in the same order. The same claims
// give the same entities, whatever other claims there are beside them: a feed of one
// team and a feed of all agree.
func Entities(list []inventory.Claim, blueprint v1alpha1.Blueprint, c Config) []Entity {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b inventory.Claim) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Title(), b.Title()))
	})
	var entities []Entity
	for _, claim := range list {
		s := subject{claim: claim, config: c, card: score.Of(claim, blueprint)}
		s.production = score.Production(claim, blueprint)
		if c.Systems != DeclaredByCatalog {
			entities = append(entities, s.system())
		}
		resources := s.resources()
		entities = append(entities, s.component(resources))
		entities = append(entities, resources...)
	}
	slices.SortStableFunc(entities, func(a, b Entity) int { return strings.Compare(a.Ref(), b.Ref()) })
	// The services of two claims have one System: that of the claim that was first.
	return slices.CompactFunc(entities, func(a, b Entity) bool { return a.Ref() == b.Ref() })
}

// A subject is a claim that entities are about.
type subject struct {
	claim      inventory.Claim
	config     Config
	card       score.Card
	production bool
}

func (s subject) entity(kind, name string) Entity {
	e := Entity{APIVersion: apiVersion, Kind: kind}
	e.Metadata.Namespace = strings.ReplaceAll(s.config.Namespace, "{team}", s.claim.Namespace)
	e.Metadata.Name = name
	e.Spec.Owner = s.owner()
	return e
}

// owner is the group behind the claim's namespace, which says who owns it.
func (s subject) owner() string {
	if owner, ok := s.config.Owners[s.claim.Namespace]; ok {
		return owner
	}
	return strings.ReplaceAll(s.config.Owner, "{team}", s.claim.Namespace)
}

// named is the name of something of the environment. A claim whose name another has
// says so under a name of its own, so that it hides nothing of the other.
func (s subject) named(called string) string {
	if s.claim.Displaced() {
		return distinct(called, s.claim.Title()+"/"+called)
	}
	return nameOf(called)
}

// annotations that say which claim an entity is from, so that a reader finds the line
// in Git.
func (s subject) annotations() map[string]string {
	return map[string]string{
		AnnotationClaim: s.claim.Title(),
	}
}

func (s subject) labels() map[string]string {
	return map[string]string{
		"plumbline.dev/team":        s.claim.Namespace,
		"plumbline.dev/service":     s.claim.Spec.Service,
		"plumbline.dev/environment": s.claim.Spec.Environment,
	}
}

// links returns the links of a type of entity, with everything filled in.
func (s subject) links(kind, name string, own ...Link) []Link {
	groupID := ""
	if e := s.claim.Status.Endpoints; e != nil && e.GroupID != noGroup {
		groupID = e.GroupID
	}
	fill := map[string]string{
		"{team}": s.claim.Namespace, "{service}": s.claim.Spec.Service, "{environment}": s.claim.Spec.Environment,
		"{namespace}": s.claim.Status.Namespace, "{name}": name, "{groupId}": groupID,
	}
	out := slices.Clone(own)
	for _, l := range slices.Concat(builtIn(kind), s.config.Links[kind]) {
		known := true
		l.URL = inBraces.ReplaceAllStringFunc(l.URL, func(place string) string {
			known = known && fill[place] != ""
			return fill[place]
		})
		if known {
			out = append(out, l)
		}
	}
	return out
}

// noGroup stands for an object id that only Entra ID could tell, in a claim that no
// control plane has seen.
const noGroup = "00000000-0000-0000-0000-000000000000"

func builtIn(kind string) []Link {
	if kind == TypeGroup {
		return []Link{{Title: "Entra ID", URL: entra, Icon: "group"}}
	}
	return nil
}
