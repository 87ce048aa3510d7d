package expand

import (
	"fmt"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

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
		if hold := in.extraHold(p, e); hold != nil {
			holds[part] = hold
		}
	}
	return holds
}

func (in input) extraHold(p environment.Plan, e environment.ExtraObject) *status.Health {
	hold := in.kindHold(fmt.Sprintf("Extra %q", e.Extra), kindOf(e))
	if hold == nil && e.Outside {
		return in.outsideHold(p, e)
	}
	return hold
}

// outsideHold is mayHave for an object that lies outside the environment's namespace.
func (in input) outsideHold(p environment.Plan, e environment.ExtraObject) *status.Health {
	found, asked := in.outside[e.Identity]
	if !asked {
		return new(status.Progressing(status.ReasonCreating, "Looking whether the name is free"))
	}
	if found == nil {
		return nil
	}
	if in.mayTake(p, found) {
		return nil
	}
	owner := compose.Controller(found)
	if owner.Kind == in.kind {
		return new(status.Failed(status.ReasonNameTaken, fmt.Sprintf(
			"Extra %q needs %s %q, which belongs to %s", e.Extra, kindOf(e).kind, nameOf(e), owner.Claim), v1alpha1.FixerPlatformTeam))
	}
	return new(status.Failed(status.ReasonExistsNotOwned, fmt.Sprintf(
		"Extra %q needs %s %q, which exists, and Plumbline did not make it; remove it, or rename the one of the extra", e.Extra, kindOf(e).kind, nameOf(e)), v1alpha1.FixerPlatformTeam))
}

// lookUpExtras asks for what extraHolds has to know, and for nothing once an object
// exists. An object is asked for only when its kind is known to be served, and
// Crossplane may read it: a call that asks for another fails.
func (in input) lookUpExtras(p environment.Plan, out *fnv1.Requirements) {
	for _, e := range p.Extras {
		if _, exists := in.observed[compose.ExtraPart(e)]; exists {
			continue
		}
		in.lookUpKind(kindOf(e), out)
		if k := kindOf(e); e.Outside && in.role && in.served(k) && in.writable(k) {
			out.Resources[requireOutside+e.Identity] = named(k.apiVersion, k.kind, e.Namespace, nameOf(e))
		}
	}
}

func kindOf(e environment.ExtraObject) kind {
	apiVersion, _ := e.Manifest["apiVersion"].(string)
	name, _ := e.Manifest["kind"].(string)
	return kind{apiVersion: apiVersion, kind: name}
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
