package expand

import (
	"fmt"
	"slices"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	rbacv1 "k8s.io/api/rbac/v1"
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
// A kind that the API server does not serve, or that Crossplane may not write, would
// stop Crossplane's whole pass, of which a claim then says nothing: Crossplane waits
// minutes for objects that it may not list. So both are looked up first. What lies
// outside the environment's namespace could be somebody else's, so it is looked up
// too.
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
	_, asked := in.kinds[apiVersion+"/"+kind]
	switch {
	case !in.role || lookUpKind(e) && !asked:
		return new(status.Progressing(status.ReasonCreating, fmt.Sprintf("Looking whether the API server knows kind %s, and lets Crossplane write it", kind)))
	case !in.served(e):
		return new(status.Failed(status.ReasonKindMissing, fmt.Sprintf(
			"Extra %q needs kind %s of %s, which the API server does not know; install its CustomResourceDefinition", e.Extra, kind, apiVersion), v1alpha1.FixerPlatformTeam))
	case !in.writable(e):
		return new(status.Failed(status.ReasonNotAllowed, fmt.Sprintf(
			"Extra %q needs Crossplane to be allowed to write %s; grant it by a ClusterRole with the label rbac.crossplane.io/aggregate-to-crossplane", e.Extra, resourceOf(e)), v1alpha1.FixerPlatformTeam))
	case e.Outside:
		return in.outsideHold(e)
	default:
		return nil
	}
}

// served says whether the API server is known to serve the object's kind.
func (in input) served(e environment.ExtraObject) bool {
	apiVersion, kind := typeOf(e)
	return !lookUpKind(e) || in.kinds[apiVersion+"/"+kind]
}

// writable says whether Crossplane may write the object, as far as it is known.
func (in input) writable(e environment.ExtraObject) bool {
	apiVersion, kind := typeOf(e)
	return in.rights.allow(resourceOf(e), lookUpKind(e) && !in.defined[apiVersion+"/"+kind])
}

// outsideHold is mayHave for an object that lies outside the environment's namespace.
func (in input) outsideHold(e environment.ExtraObject) *status.Health {
	found, asked := in.outside[e.Identity]
	if !asked {
		return new(status.Progressing(status.ReasonCreating, "Looking whether the name is free"))
	}
	if found == nil {
		return nil
	}
	owner := compose.Controller(found)
	if owner.UID == in.uid && in.uid != "" {
		return nil
	}
	_, kind := typeOf(e)
	if owner.Kind == in.kind {
		return new(status.Failed(status.ReasonNameTaken, fmt.Sprintf(
			"Extra %q needs %s %q, which belongs to %s", e.Extra, kind, nameOf(e), owner.Claim), v1alpha1.FixerPlatformTeam))
	}
	return new(status.Failed(status.ReasonExistsNotOwned, fmt.Sprintf(
		"Extra %q needs %s %q, which exists, and Plumbline did not make it; remove it, or rename the one of the extra", e.Extra, kind, nameOf(e)), v1alpha1.FixerPlatformTeam))
}

// lookUpExtras asks for what extraHolds has to know, and for nothing once an object
// exists. An object is asked for only when its kind is known to be served, and
// Crossplane may read it: a call that asks for another fails.
func (in input) lookUpExtras(p environment.Plan, out *fnv1.Requirements) {
	for _, e := range p.Extras {
		if _, exists := in.observed[compose.ExtraPart(e)]; exists {
			continue
		}
		out.Resources[requireRole] = named(rbacv1.SchemeGroupVersion.String(), "ClusterRole", "", crossplaneRole)
		apiVersion, kind := typeOf(e)
		if lookUpKind(e) {
			name := requireKind + apiVersion + "/" + kind
			out.Schemas[name] = &fnv1.SchemaSelector{ApiVersion: apiVersion, Kind: kind}
			out.Resources[name] = named("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", resourceOf(e).String())
		}
		if e.Outside && in.role && in.served(e) && in.writable(e) {
			out.Resources[requireOutside+e.Identity] = named(apiVersion, kind, e.Namespace, nameOf(e))
		}
	}
}

// resourceOf returns the object's resource by the usual rules, after which its
// definition is named. A schema alone would not do to know a kind by: Crossplane may
// keep its answer that there is none for long after the kind is defined, while it
// watches the definition. Nor would the definition: some kinds have a plural of their
// own, and some are served by another program than the API server.
func resourceOf(e environment.ExtraObject) schema.GroupResource {
	apiVersion, kind := typeOf(e)
	plural, _ := meta.UnsafeGuessKindToResource(schema.FromAPIVersionAndKind(apiVersion, kind))
	return plural.GroupResource()
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
