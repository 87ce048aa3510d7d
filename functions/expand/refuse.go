package expand

import (
	"errors"
	"fmt"

	xpmeta "github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/response"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
	"github.com/plumbline-dev/plumbline/functions/internal/wire"
)

// refuse answers a claim that has no plan: what exists is desired as it was last
// applied, and the status says why.
func refuse(req *fnv1.RunFunctionRequest, in input, r *status.Refusal) (*fnv1.RunFunctionResponse, Outcome) {
	rsp := response.To(req, in.ttl(true)) // Only a change, which Crossplane watches for, can help.
	rsp.Desired = clone(req.GetDesired())
	for name, o := range req.GetObserved().GetResources() {
		kept, err := keep(name, o, r)
		if err != nil {
			return unkept(req, in, r, err), Outcome{Refusal: r}
		}
		rsp.Desired.Resources[name] = kept
	}
	said := in.status
	said.Summary = in.lifetime().Add(r.Sentence())
	said.InUse = compose.InUse(in.observed) // What guards the claim's deletion follows the world even now.
	if err := setComposite(rsp, in, said, r.Reason == status.ReasonPaused && in.ready()); err != nil {
		return fatal(req, err), Outcome{Refusal: r}
	}
	setRefused(rsp, in, r)
	tell(rsp, r.Event(in.past()))
	return rsp, Outcome{Refusal: r}
}

// setRefused says why the claim is refused, and what its days ask for all the same. One
// that is no day says nothing, which Crossplane takes for Unknown.
func setRefused(rsp *fnv1.RunFunctionResponse, in input, r *status.Refusal) {
	setConditions(rsp, []status.Condition{r.Condition()})
	if _, readable := in.claim.Lifetime(); readable {
		setConditions(rsp, []status.Condition{in.lifetime().Condition()})
	}
	if len(in.observed) == 0 {
		setConditions(rsp, status.Refused())
		return
	}
	rsp.Conditions = append(rsp.Conditions, capabilities(in.conditions)...)
}

// lifetime of a claim that may have no plan.
func (in input) lifetime() status.Lifetime {
	l, _ := in.claim.Lifetime()
	return lifetimeOf(l)
}

// keep desires a resource as it is. While the claim is paused, so are its managed
// resources.
func keep(name string, o *fnv1.Resource, r *status.Refusal) (*fnv1.Resource, error) {
	whole, err := wire.Whole(o)
	if err != nil {
		return nil, fmt.Errorf("cannot read resource %q: %w", name, err)
	}
	last, known := Applied(whole.AsMap())
	if !known {
		return nil, fmt.Errorf("cannot tell what was applied of resource %q", name)
	}
	if r.Reason == status.ReasonPaused && compose.IsManaged(last) {
		compose.Annotate(last, xpmeta.AnnotationKeyReconciliationPaused, "true")
	}
	s, err := structpb.NewStruct(last)
	if err != nil {
		return nil, fmt.Errorf("cannot write resource %q: %w", name, err)
	}
	return &fnv1.Resource{Resource: s, Ready: fnv1.Ready_READY_TRUE}, nil
}

// unkept fails the call, which alone keeps Crossplane from deleting what cannot be
// desired.
func unkept(req *fnv1.RunFunctionRequest, in input, r *status.Refusal, err error) *fnv1.RunFunctionResponse {
	rsp := fatal(req, errors.Join(errors.New(r.Sentence()), err))
	setRefused(rsp, in, r)
	return rsp
}

// capabilities are the conditions of the capabilities as they are: a refusal says nothing
// new about them, and Crossplane would take silence for Unknown.
func capabilities(current []*fnv1.Condition) []*fnv1.Condition {
	ours := map[string]bool{}
	for _, c := range status.Capabilities() {
		ours[string(c)] = true
	}
	var out []*fnv1.Condition
	for _, c := range current {
		if ours[c.GetType()] {
			c.Target = fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum()
			out = append(out, c)
		}
	}
	return out
}

// ready says whether the composite is ready now.
func (in input) ready() bool {
	return condition(in.conditions, string(xpv2.TypeReady)).GetStatus() == fnv1.Status_STATUS_CONDITION_TRUE
}
