// Package expand is the composition function: it turns a ServiceEnvironment into
// the resources of an environment. The program that Crossplane calls, the command
// that shows the outcome beforehand and the tests all run this very code.
//
// Its entry point is one stage a line: read the request, parse Blueprint and claim,
// resolve a plan, compose, report.
//
// # What is refused
//
// A wrong claim, a wrong or missing Blueprint and a name that somebody else has change
// nothing. Crossplane deletes what an answer leaves out, and a wrong claim has no plan to
// answer from. So the answer is what Crossplane itself applied last, which the API
// server has recorded on each resource, with a status that tells every mistake. A
// paused claim is answered in the same way. Were the record missing, the whole call
// would fail, and Crossplane touch nothing.
package expand

import (
	"context"
	"maps"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// A Function answers Crossplane's calls.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	now       func() time.Time
	blueprint *latest
}

// NewFunction returns a Function with a clock. Only its day counts, so an answer is
// the same all day.
func NewFunction(now func() time.Time) Function {
	return Function{now: now, blueprint: &latest{}}
}

// At returns a Function whose clock stands still.
func At(now time.Time) Function {
	return NewFunction(func() time.Time { return now })
}

// RunFunction answers one call. It has no error of its own: what is wrong is said
// in the answer.
func (f Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp, _ := f.Expand(req)
	return rsp, nil
}

// An Outcome is what an answer is made of, for those who do not read protobuf.
type Outcome struct {
	Refusal *status.Refusal // Why the claim is refused, if it is.
	Parts   []compose.Part  // All parts of the plan, if there is one.
	Report  status.Report   // How they are.

	// Notices are what somebody has to do though nothing is wrong, each at its field.
	Notices []string
}

// Expand answers a call by itself.
func Expand(req *fnv1.RunFunctionRequest, now time.Time) (*fnv1.RunFunctionResponse, Outcome) {
	return At(now).Expand(req)
}

// Expand is the whole function, one stage a line.
func (f Function) Expand(req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, Outcome) {
	in, err := read(req)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	in.claim.Today = environment.DayOf(f.now())
	if in.claim.Spec.Paused {
		return refuse(req, in, status.Paused())
	}
	if in.blueprint == nil {
		return refuse(req, in, status.BlueprintMissing(environment.BlueprintName))
	}
	blueprint, errs, err := f.blueprint.parse(in.blueprint)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	if len(errs) > 0 {
		return refuse(req, in, status.RefuseBlueprint(errs))
	}
	spec, errs := environment.Parse(in.claim, blueprint)
	if len(errs) > 0 {
		return refuse(req, in, status.RefuseClaim(errs))
	}
	plan := environment.Resolve(spec)
	if errs := compose.BelowUse(plan, in.observed); len(errs) > 0 {
		return refuse(req, in, status.RefuseClaim(errs))
	}
	a, err := in.answer(plan)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	if refusal := clash(a.parts); refusal != nil {
		return refuse(req, in, refusal)
	}
	rsp, err := write(req, in, a)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	return rsp, Outcome{Refusal: a.taken, Parts: a.parts, Report: a.report, Notices: a.notices()}
}

// answer composes a plan, once it is looked at what has its names.
func (in input) answer(plan environment.Plan) (answer, error) {
	namespace, found, err := in.mayHave(plan)
	if err != nil {
		return answer{}, err
	}
	world := compose.World{
		Observed: in.observed, Connections: in.secrets, Services: in.services, Issuers: in.issuers,
		Holds: in.holds(plan), Adopts: namespace.adopted,
	}
	a := answer{plan: plan, parts: compose.Parts(plan, world), lifetime: lifetimeOf(plan.Lifetime), taken: namespace.accepted()}
	there, err := in.look(plan, a.parts)
	if err != nil {
		return answer{}, err
	}
	if namespace.adopted {
		there[compose.PartNamespace] = found
		compose.Adopt(a.parts, compose.PartNamespace, namespace.differs)
	}
	maps.Copy(there, in.observed)
	a.there = there
	if plan.HandOver != "" {
		compose.HandOver(a.parts, plan.HandOver)
	}
	a.desired, a.report, err = compose.Compose(a.parts, there, namespace.refusal)
	return a, err
}
