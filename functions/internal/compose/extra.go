package compose

import (
	"fmt"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// extras are the objects that the Blueprint adds. A part is named after the object's
// kind, place and name, not after the extra: to move an object to another extra
// changes nothing, and an object of another name is another object.
func extras(p environment.Plan, w World) []Part {
	var parts []Part
	for _, e := range p.Extras {
		part := Part{
			Name:       ExtraPart(e),
			Capability: status.Namespace,
			Hold:       w.Holds[ExtraPart(e)],
			Needs:      []string{PartNamespace},
			Resource:   extraObject(p, e),
		}
		if e.Condition != "" {
			part.Health = conditionHealth(e.Condition)
			part.Settle = func(o Object) {
				o.set([]any{map[string]any{"type": e.Condition, "status": "True", "reason": "Settled"}}, "status", "conditions")
			}
		}
		parts = append(parts, part)
	}
	return parts
}

// ExtraPart names the part of an object of an extra.
func ExtraPart(e environment.ExtraObject) string { return "extra/" + e.Identity }

// extraObject puts the object where it belongs, and marks it as all others are.
func extraObject(p environment.Plan, e environment.ExtraObject) *unstructured.Unstructured {
	u := (&unstructured.Unstructured{Object: e.Manifest}).DeepCopy()
	switch {
	case e.Namespace != "":
		u.SetNamespace(e.Namespace)
	case !e.Outside:
		u.SetNamespace(p.Namespace.Name)
	}
	labels := u.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, p.Labels)
	u.SetLabels(labels)
	return u
}

// conditionHealth reads the condition that the Blueprint names. One that was written
// for an earlier generation says nothing about this one.
func conditionHealth(kind string) func(Object) status.Health {
	return func(o Object) status.Health {
		c := o.condition(kind)
		said := strings.Trim(c.text("reason")+": "+c.text("message"), ": ")
		switch {
		case c.text("status") == "" || c.number("observedGeneration") != 0 && c.number("observedGeneration") < o.generation():
			return status.Progressing(status.ReasonCreating, fmt.Sprintf("Its controller does not say yet whether it is %s", kind))
		case c.text("status") == "True":
			return status.Available()
		case c.text("status") == "False":
			return status.Failed(status.ReasonExtraFailed, fmt.Sprintf("It is not %s: %s", kind, said), v1alpha1.FixerPlatformTeam)
		default:
			return status.Progressing(status.ReasonCreating, fmt.Sprintf("It is not known to be %s: %s", kind, said))
		}
	}
}

// Clashes names the objects that two parts would both write. The Blueprint has no
// mistake by itself then: it depends on the claim which names meet.
func Clashes(parts []Part) []string {
	var clashes []string
	seen := map[string]bool{}
	for _, p := range parts {
		kind := p.Resource.GetObjectKind().GroupVersionKind()
		key := strings.Join([]string{kind.Group, kind.Kind, p.Resource.GetNamespace(), p.Resource.GetName()}, "/")
		if seen[key] {
			clashes = append(clashes, p.kind()+" "+p.Resource.GetName())
		}
		seen[key] = true
	}
	return clashes
}
