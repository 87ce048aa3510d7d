package expand

import (
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// past is what the composite says of the environment now.
func (in input) past() status.Past {
	p := status.Past{Ready: in.ready(), Resources: in.status.Resources}
	if c := condition(in.conditions, v1alpha1.ConditionAccepted); c.GetStatus() == fnv1.Status_STATUS_CONDITION_FALSE {
		p.Refusal = c.GetMessage()
	}
	return p
}

// events are what has happened since the last call.
func (a answer) events(p status.Past) []status.Event {
	if a.taken != nil {
		return a.taken.Event(p)
	}
	return a.report.Events(a.plan.Name, p)
}

// tell has Crossplane send events on the claim. It sends each as often as it is
// answered, so that only news may be.
func tell(rsp *fnv1.RunFunctionResponse, events []status.Event) {
	for _, e := range events {
		severity := fnv1.Severity_SEVERITY_NORMAL
		if e.Warning {
			severity = fnv1.Severity_SEVERITY_WARNING
		}
		rsp.Results = append(rsp.Results, &fnv1.Result{
			Severity: severity, Reason: &e.Reason, Message: e.Message, Target: fnv1.Target_TARGET_COMPOSITE_AND_CLAIM.Enum(),
		})
	}
}
