package expand

import (
	"fmt"
	"slices"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// builtInGroups are served by every API server, so nobody has to look.
var builtInGroups = []string{
	"", "apps", "autoscaling", "batch", "policy",
	"networking.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
}

// extraHolds says which objects of extras cannot be created now, and why. What exists
// is none of them.
//
// A kind that the API server does not serve would fail Crossplane's whole pass, of
// which a claim then says nothing, so kinds are looked up first. What lies outside
// the environment's namespace could be somebody else's, so it is looked up too.
func (in input) extraHolds(p environment.Plan) map[string]*status.Health {
	holds := map[string]*status.Health{}
	for _, e := range p.Extras {
		part := compose.ExtraPart(e)
		if _, exists := in.observed[part]; exists {
			continue
		}
		if hold := in.extraHold(e); hold != nil {
			holds[part] = hold
		}
	}
	return holds
}

func (in input) extraHold(e environment.ExtraObject) *status.Health {
	apiVersion, kind := typeOf(e)
	served, asked := in.kinds[apiVersion+"/"+kind]
	switch {
	case lookUpKind(e) && !asked:
		return hold(status.Progressing(status.ReasonCreating, fmt.Sprintf("Looking whether the API server knows kind %s", kind)))
	case lookUpKind(e) && !served:
		return hold(status.Failed(status.ReasonKindMissing, fmt.Sprintf(
			"Extra %q needs kind %s of %s, which the API server does not know; install its CustomResourceDefinition", e.Extra, kind, apiVersion), v1alpha1.FixerPlatformTeam))
	case e.Outside:
		return in.outsideHold(e)
	default:
		return nil
	}
}

// outsideHold is mayHave for an object that lies outside the environment's namespace.
func (in input) outsideHold(e environment.ExtraObject) *status.Health {
	found, asked := in.outside[e.Identity]
	if !asked {
		return hold(status.Progressing(status.ReasonCreating, "Looking whether the name is free"))
	}
	if found == nil {
		return nil
	}
	owner := compose.Controller(found)
	if owner.UID == in.uid && in.uid != "" {
		return nil
	}
	_, kind := typeOf(e)
	message := fmt.Sprintf("Extra %q needs %s %q, which exists, and Plumbline did not make it; remove it, or rename the one of the extra", e.Extra, kind, compose.Name(found))
	if owner.Kind == in.kind {
		message = fmt.Sprintf("Extra %q needs %s %q, which belongs to %s", e.Extra, kind, compose.Name(found), owner.Claim)
	}
	return hold(status.Failed(status.ReasonExistsNotOwned, message, v1alpha1.FixerPlatformTeam))
}

// lookUpExtras asks for what extraHolds has to know, and for nothing once an object
// exists. An object is asked for only when its kind is known to be served: Crossplane
// fails a call that asks for another.
func (in input) lookUpExtras(p environment.Plan, out *fnv1.Requirements) {
	for _, e := range p.Extras {
		if _, exists := in.observed[compose.ExtraPart(e)]; exists {
			continue
		}
		apiVersion, kind := typeOf(e)
		if lookUpKind(e) {
			name := requireKind + apiVersion + "/" + kind
			out.Schemas[name] = &fnv1.SchemaSelector{ApiVersion: apiVersion, Kind: kind}
			out.Resources[name] = &fnv1.ResourceSelector{
				ApiVersion: "apiextensions.k8s.io/v1", Kind: "CustomResourceDefinition",
				Match: &fnv1.ResourceSelector_MatchName{MatchName: definition(apiVersion, kind)},
			}
			if !in.kinds[apiVersion+"/"+kind] {
				continue
			}
		}
		if e.Outside {
			selector := &fnv1.ResourceSelector{ApiVersion: apiVersion, Kind: kind, Match: &fnv1.ResourceSelector_MatchName{MatchName: nameOf(e)}}
			if e.Namespace != "" {
				selector.Namespace = &e.Namespace
			}
			out.Resources[requireOutside+e.Identity] = selector
		}
	}
}

// definition returns the name that the kind's definition has by the usual rules. The
// schema alone would not do: Crossplane may keep its answer that there is none for
// long after the kind is defined, while it watches the definition. Nor would the
// definition: some kinds have a plural of their own, and some are served by another
// program than the API server.
func definition(apiVersion, kind string) string {
	plural, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(apiVersion, kind))
	return plural.GroupResource().String()
}

func lookUpKind(e environment.ExtraObject) bool {
	apiVersion, _ := typeOf(e)
	group, _, ok := strings.Cut(apiVersion, "/")
	return ok && !slices.Contains(builtInGroups, group)
}

func typeOf(e environment.ExtraObject) (apiVersion, kind string) {
	apiVersion, _ = e.Manifest["apiVersion"].(string)
	kind, _ = e.Manifest["kind"].(string)
	return apiVersion, kind
}

func nameOf(e environment.ExtraObject) string { return compose.Name(e.Manifest) }

func hold(h status.Health) *status.Health { return &h }

// clash refuses a plan in which two parts are one object: they would overwrite each
// other for ever.
func clash(parts []compose.Part) *status.Refusal {
	var errs field.ErrorList
	for _, object := range compose.Clashes(parts) {
		errs = append(errs, field.Forbidden(field.NewPath("data", "extras"), fmt.Sprintf(
			"%s is composed already, by Plumbline itself or by another extra; give the extra's object another name", object)))
	}
	if len(errs) == 0 {
		return nil
	}
	return status.RefuseBlueprint(errs)
}
