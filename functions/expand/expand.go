// Package expand is the composition function: it turns a ServiceEnvironment into
// the resources of an environment. The program that Crossplane calls, the command
// that shows the outcome beforehand and the tests all run this very code.
//
// Its entry point is one stage a line: read the request, parse Blueprint and claim,
// resolve a plan, compose, report.
//
// # What is refused
//
// A wrong claim, a wrong Blueprint and a name that somebody else has change nothing.
// Crossplane deletes what an answer leaves out, and a wrong claim has no plan to
// answer from. So the answer is what Crossplane itself applied last, which the API
// server has recorded on each resource, with a status that tells every mistake. A
// paused claim is answered in the same way. Were the record missing, the whole call
// would fail, and Crossplane touch nothing.
package expand

import (
	"context"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// A Function answers Crossplane's calls.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
}

// RunFunction answers one call. It has no error of its own: what is wrong is said
// in the answer.
func (Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp, _ := Expand(req)
	return rsp, nil
}

// An Outcome is what an answer is made of, for those who do not read protobuf.
type Outcome struct {
	Refusal *status.Refusal // Why the claim is refused, if it is.
	Parts   []compose.Part  // All parts of the plan, if there is one.
	Report  status.Report   // How they are.
}

// Expand answers a call.
func Expand(req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, Outcome) {
	in, err := read(req)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	if in.claim.Spec.Paused {
		return refuse(req, in, status.Paused())
	}
	blueprint, errs := environment.ParseBlueprint(in.blueprint)
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
	parts := compose.Parts(plan, compose.World{
		Observed: in.observed, Connections: in.secrets, Services: in.services, Issuers: in.issuers, Holds: in.holds(plan),
	})
	if refusal := clash(parts); refusal != nil {
		return refuse(req, in, refusal)
	}
	hold, taken := in.mayHave(plan.Namespace.Name)
	desired, report, err := compose.Compose(parts, in.observed, hold)
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	rsp, err := write(req, in, answer{plan: plan, desired: desired, report: report, taken: taken})
	if err != nil {
		return fatal(req, err), Outcome{}
	}
	return rsp, Outcome{Refusal: taken, Parts: parts, Report: report}
}
