package environment

import (
	"cmp"
	"strings"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const (
	// identity is what every template holds, once and in this form: it is what
	// keeps environments apart.
	identity = "{service}-{environment}"

	// indexPlace ends the template of an index name. No environment's name holds a
	// dot, so what follows the last one is the index.
	indexPlace = ".{index}"

	// maxNamespace is the longest name of a namespace.
	maxNamespace = 63

	// maxTemplate is the most letters that a template may add. With it the longest
	// names of an index (255 bytes) and of a group (120) cannot be reached.
	maxTemplate = 40
)

// names makes the names of one environment.
type names struct {
	environment string
	templates   v1alpha1.Names
}

func (s Spec) names() names {
	c := s.claim.Spec
	return names{environment: c.Service + "-" + cmp.Or(s.class.Formerly, c.Environment), templates: s.blueprint.Names}
}

func (n names) namespace() string { return n.fill(n.templates.Namespace) }

func (n names) group() string { return n.fill(n.templates.Group) }

func (n names) index(index string) string { return n.indexPrefix() + index }

// indexPrefix is what the names of an environment's indices begin with, and of no
// other's: it ends with the only dot that can follow the environment's name.
func (n names) indexPrefix() string {
	return strings.TrimSuffix(n.fill(n.templates.Index), indexPlace) + "."
}

func (n names) fill(template string) string {
	return strings.Replace(template, identity, n.environment, 1)
}

// filled returns templates of DNS names with the claim's own names filled in.
func (s Spec) filled(templates []string) []string {
	fill := strings.NewReplacer("{team}", s.team, "{service}", s.claim.Spec.Service, "{environment}", s.claim.Spec.Environment)
	names := make([]string, len(templates))
	for i, template := range templates {
		names[i] = fill.Replace(template)
	}
	return names
}
