package expand

import (
	"errors"
	"fmt"
	"maps"
	"time"

	xpv1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/response"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
	"github.com/plumbline-dev/plumbline/functions/internal/typed"
)

// Crossplane calls again when the time of an answer is over, and then writes every
// object anew, changed or not: that is nearly all that an environment costs while
// nothing happens. Crossplane watches what it composes and what it looks up, so a call is
// only a net below that. An environment that waits for a name which another has is told
// by the watch, and left alone as one that is ready. While its circuit breaker is open
// Crossplane drops what it watches, the last change as well, so there is no more than
// the net.
//
// What is settled is also looked at often enough to notice a new day soon after it has
// begun: the words about a lifetime depend on it.
const (
	ttlSettled = time.Hour
	ttlShort   = time.Minute
)

// An answer is what the stages have found out.
type answer struct {
	plan     environment.Plan
	parts    []compose.Part
	there    compose.Observed // What is observed, with what was taken over.
	desired  []compose.Desired
	report   status.Report
	lifetime status.Lifetime
	taken    *status.Refusal
}

// write answers with resources, status, conditions and readiness.
func write(req *fnv1.RunFunctionRequest, in input, a answer) (*fnv1.RunFunctionResponse, error) {
	ready := a.taken == nil && a.report.Ready()
	rsp := response.To(req, in.ttl(ready || a.report.Taken()))
	rsp.Desired = clone(req.GetDesired())
	for _, d := range a.desired {
		rsp.Desired.Resources[d.Name] = &fnv1.Resource{Resource: d.Object, Ready: readiness(d.Ready)}
	}
	if err := setComposite(rsp, in, statusOf(a, in.observed), ready); err != nil {
		return nil, err
	}
	accepted := status.Accepted()
	if a.taken != nil {
		accepted = a.taken.Condition()
	}
	setConditions(rsp, append([]status.Condition{accepted, a.lifetime.Condition()}, a.report.Conditions()...))
	tell(rsp, a.events(in.past()))
	rsp.Requirements = requirements(in, a)
	return rsp, nil
}

func lifetimeOf(l environment.Lifetime) status.Lifetime {
	return status.Lifetime{Expires: string(l.Expires), Review: string(l.Review), Ended: l.Ended, ReviewDue: l.ReviewDue}
}

// notices are what the day asks for.
func (a answer) notices() []string {
	if notice := a.lifetime.Notice(); notice != "" {
		return []string{notice}
	}
	return nil
}

// fatal answers that the call failed. Crossplane then changes no resource.
func fatal(req *fnv1.RunFunctionRequest, err error) *fnv1.RunFunctionResponse {
	rsp := response.To(req, ttlShort)
	response.Fatal(rsp, err)
	return rsp
}

// Failure is why a call failed as a whole, if it did. Its other results are events.
func Failure(rsp *fnv1.RunFunctionResponse) error {
	for _, r := range rsp.GetResults() {
		if r.GetSeverity() == fnv1.Severity_SEVERITY_FATAL {
			return errors.New(r.GetMessage())
		}
	}
	return nil
}

func statusOf(a answer, o compose.Observed) v1alpha1.ServiceEnvironmentStatus {
	s := v1alpha1.ServiceEnvironmentStatus{
		Summary:     a.lifetime.Add(a.report.Summary(a.plan.Name)),
		Environment: a.plan.Name,
		Resources:   a.report.Resources(),
	}
	if a.taken != nil {
		s.Summary = a.taken.Sentence()
		return s
	}
	if heir := a.plan.HandOver; heir != "" {
		s.Summary += "; it is being marked for " + heir
		if compose.HandedOver(a.parts, a.there, heir) {
			s.Summary = a.report.Summary(a.plan.Name) + "; all of it is marked for " + heir
		}
	}
	s.Namespace = a.plan.Namespace.Name
	s.InUse = compose.InUse(o)
	endpoints := v1alpha1.Endpoints{GroupID: compose.GroupID(o[compose.PartGroup])}
	for _, h := range a.plan.Hosts {
		endpoints.URLs = append(endpoints.URLs, h.URLs()...)
	}
	for _, i := range a.plan.Indices {
		endpoints.Indices = append(endpoints.Indices, i.Name)
	}
	for _, i := range a.plan.Streams {
		endpoints.DataStreams = append(endpoints.DataStreams, i.Name)
	}
	if endpoints.GroupID != "" || len(endpoints.URLs)+len(endpoints.Indices)+len(endpoints.DataStreams) > 0 {
		s.Endpoints = &endpoints
	}
	return s
}

// setComposite sets the composite's readiness and our fields of its status; those
// of functions before us stay.
func setComposite(rsp *fnv1.RunFunctionResponse, in input, s v1alpha1.ServiceEnvironmentStatus, ready bool) error {
	ours, err := typed.Struct(s)
	if err != nil {
		return fmt.Errorf("cannot write status: %w", err)
	}
	all := map[string]*structpb.Value{}
	maps.Copy(all, at(rsp.GetDesired().GetComposite().GetResource(), "status").GetStructValue().GetFields())
	maps.Copy(all, ours.GetFields())
	rsp.Desired.Composite = &fnv1.Resource{
		ConnectionDetails: rsp.GetDesired().GetComposite().GetConnectionDetails(),
		Ready:             readiness(ready),
		Resource: &structpb.Struct{Fields: map[string]*structpb.Value{
			"apiVersion": structpb.NewStringValue(in.apiVersion),
			"kind":       structpb.NewStringValue(in.kind),
			"status":     structpb.NewStructValue(&structpb.Struct{Fields: all}),
		}},
	}
	return nil
}

func setConditions(rsp *fnv1.RunFunctionResponse, conditions []status.Condition) {
	for _, c := range conditions {
		condition := &fnv1.Condition{
			Type:   c.Type,
			Status: fnv1.Status_STATUS_CONDITION_FALSE,
			Reason: c.Reason,
			Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum(),
		}
		if c.True {
			condition.Status = fnv1.Status_STATUS_CONDITION_TRUE
		}
		if c.Message != "" {
			condition.Message = &c.Message
		}
		rsp.Conditions = append(rsp.Conditions, condition)
	}
}

// requirements are what the function wants to see in the next call: the namespace of
// that name, the Lease of each host and whatever has the name of another part, whoever
// has them, until they are ours; the Services that a host lacks; and what has to be
// known of kinds. Crossplane watches them, so that a name which becomes free is a call.
func requirements(in input, a answer) *fnv1.Requirements {
	p := a.plan
	out := &fnv1.Requirements{Resources: map[string]*fnv1.ResourceSelector{}, Schemas: map[string]*fnv1.SchemaSelector{}}
	if _, ours := in.observed[compose.PartNamespace]; !ours {
		out.Resources[requireNamespace] = named("v1", "Namespace", "", p.Namespace.Name)
	}
	for _, l := range p.Leases {
		if _, ours := in.observed[compose.HostPart(l)]; !ours {
			out.Resources[requireHost+l.Host] = named("coordination.k8s.io/v1", "Lease", l.Namespace, l.Name)
		}
	}
	for _, service := range compose.ServicesToLookUp(p, a.there) {
		out.Resources[requireService+service] = named("v1", "Service", p.Namespace.Name, service)
	}
	for _, issuer := range compose.IssuersToLookUp(p, in.observed) {
		out.Resources[requireIssuer+issuer] = named("cert-manager.io/v1", "ClusterIssuer", "", issuer)
	}
	in.lookUpExtras(p, out)
	in.lookUp(p, a.parts, out)
	return out
}

// named selects one object. One without a namespace has a cluster's scope.
func named(apiVersion, kind, namespace, name string) *fnv1.ResourceSelector {
	s := &fnv1.ResourceSelector{ApiVersion: apiVersion, Kind: kind, Match: &fnv1.ResourceSelector_MatchName{MatchName: name}}
	if namespace != "" {
		s.Namespace = &namespace
	}
	return s
}

// clone copies what functions before us desire, so that ours is added to the answer
// and not to the request.
func clone(s *fnv1.State) *fnv1.State {
	resources := map[string]*fnv1.Resource{}
	maps.Copy(resources, s.GetResources())
	return &fnv1.State{Composite: s.GetComposite(), Resources: resources}
}

// ttl is for how long an answer holds.
func (in input) ttl(settled bool) time.Duration {
	unheard := condition(in.conditions, string(xpv1.TypeResponsive)).GetStatus() == fnv1.Status_STATUS_CONDITION_FALSE
	if settled && !unheard {
		return ttlSettled
	}
	return ttlShort
}

func readiness(ready bool) fnv1.Ready {
	if ready {
		return fnv1.Ready_READY_TRUE
	}
	return fnv1.Ready_READY_FALSE
}
