package catalog

import (
	"strconv"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/score"
)

// Annotations of ours. docs/backstage.md says who reads each.
const (
	AnnotationClaim   = "plumbline.dev/claim"
	AnnotationState   = "plumbline.dev/state"
	AnnotationReason  = "plumbline.dev/reason"
	AnnotationSummary = "plumbline.dev/summary"
	AnnotationWhoActs = "plumbline.dev/who-acts"
	AnnotationScore   = "plumbline.dev/score"
	// PrefixCheck begins the annotation of each check: pass or fail.
	PrefixCheck = "score.plumbline.dev/"

	// The two by which Backstage's Kubernetes plugin finds what runs in the namespace.
	annotationKubernetesNamespace = "backstage.io/kubernetes-namespace"
	annotationKubernetesSelector  = "backstage.io/kubernetes-label-selector"

	// The service's own objects: all in its namespace but what Plumbline composed, which
	// is in the catalog as Resources.
	selectorOwn = "app.kubernetes.io/managed-by!=plumbline"
)

// States of an environment.
const (
	stateReady    = "Ready"
	stateNotReady = "NotReady"
	stateDeleting = "Deleting"
)

// system is the service, whatever environments it has.
func (s subject) system() Entity {
	e := s.entity(kindSystem, nameOf(s.claim.Spec.Service))
	e.Metadata.Title = s.claim.Spec.Service
	return e
}

// component is the environment: what a developer looks at first.
func (s subject) component(resources []Entity) Entity {
	c := s.claim
	e := s.entity(kindComponent, s.named(c.Environment()))
	e.Metadata.Title = c.Spec.Service + " in " + c.Spec.Environment
	e.Metadata.Description = c.Spec.Description
	e.Metadata.Labels = s.labels()
	e.Metadata.Annotations = s.annotations()
	tags := map[string]string{}
	for key, value := range c.Spec.Tags {
		tags[key] = string(value)
	}
	e.Metadata.Tags = tagsOf(c.Spec.Environment, tags)
	e.Metadata.Links = s.links(TypeEnvironment, c.Environment(), s.urls()...)
	e.Spec.Type = TypeEnvironment
	e.Spec.Lifecycle = s.lifecycle()
	e.Spec.System = s.entity(kindSystem, nameOf(c.Spec.Service)).Ref()
	for _, r := range resources {
		e.Spec.DependsOn = append(e.Spec.DependsOn, r.Ref())
	}
	if c.Status.Namespace != "" && !c.Displaced() {
		e.Metadata.Annotations[annotationKubernetesNamespace] = c.Status.Namespace
		e.Metadata.Annotations[annotationKubernetesSelector] = selectorOwn
	}
	if c.Live() {
		s.tell(e.Metadata.Annotations)
	}
	return e
}

// tell writes the live state and what the checks say of it.
func (s subject) tell(annotations map[string]string) {
	c := s.claim
	annotations[AnnotationState] = stateNotReady
	switch {
	case c.DeletionTimestamp != nil:
		annotations[AnnotationState] = stateDeleting
	case c.Ready():
		annotations[AnnotationState] = stateReady
	}
	annotations[AnnotationSummary] = c.Summary()
	set(annotations, AnnotationReason, c.Reason())
	set(annotations, AnnotationWhoActs, string(c.WhoActs()))
	annotations[AnnotationScore] = strconv.Itoa(s.card.Passed()) + "/" + strconv.Itoa(len(s.card))
	for _, r := range s.card {
		annotations[PrefixCheck+r.Check] = verdict(r)
	}
}

func verdict(r score.Result) string {
	if r.Pass {
		return "pass"
	}
	return "fail"
}

// set leaves out what says nothing.
func set(annotations map[string]string, key, value string) {
	if value != "" {
		annotations[key] = value
	}
}

func (s subject) urls() []Link {
	if s.claim.Status.Endpoints == nil {
		return nil
	}
	var links []Link
	for _, u := range s.claim.Status.Endpoints.URLs {
		links = append(links, Link{Title: u, URL: u, Icon: "web"})
	}
	return links
}

// lifecycle is one of those that Backstage knows, or the company's own.
func (s subject) lifecycle() string {
	switch own, ok := s.config.Lifecycles[s.claim.Spec.Environment]; {
	case s.claim.DeletionTimestamp != nil:
		return "deprecated"
	case ok:
		return own
	case s.production:
		return "production"
	default:
		return "experimental"
	}
}

// A Name is how programs of Backstage name an entity.
type Name struct{ Kind, Namespace, Name string }

// Environment names the Component of a claim.
func Environment(c inventory.Claim, config Config) Name {
	s := subject{claim: c, config: config}
	e := s.entity(kindComponent, s.named(c.Environment()))
	return Name{Kind: e.Kind, Namespace: e.Metadata.Namespace, Name: e.Metadata.Name}
}
