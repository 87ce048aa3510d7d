package rehearsal

import (
	"fmt"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/expand"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
)

// A World is a control plane as it is. It is only read.
type World interface {
	// Find returns the objects that a selector matches, none where there are none.
	Find(selector *fnv1.ResourceSelector) ([]map[string]any, error)
	// Serves says whether the API server knows a kind.
	Serves(apiVersion, kind string) (bool, error)
}

// Live is what a claim is by now. It is empty for a claim that is new.
type Live struct {
	Composite map[string]any            // As Crossplane made it of the claim.
	Resources map[string]map[string]any // As observed, by the name of their part.
}

// Foresee tells what a claim becomes in a world as it is: the passes begin with what
// exists, and what the function looks up is found there. What a pass adds goes well,
// as in Run; what is not ready by now becomes so. A name that somebody else has is
// refused, or told in the status, as the control plane would.
func Foresee(claim *v1alpha1.ServiceEnvironment, blueprint map[string]any, live Live, world World, now time.Time) (Result, error) {
	req, err := request(claim, blueprint)
	if err != nil {
		return Result{}, err
	}
	delete(req.GetRequiredResources(), "namespace")
	if err := live.observe(req); err != nil {
		return Result{}, err
	}
	lookUp := func(req *fnv1.RunFunctionRequest, asked *fnv1.Requirements) (bool, error) {
		return lookUp(req, asked, world)
	}
	return stage{function: expand.At(now), answer: lookUp, play: live.Play}.rehearse(req, claim.GetName())
}

// observe puts what exists into the first request.
func (l Live) observe(req *fnv1.RunFunctionRequest) error {
	if l.Composite != nil {
		composite, err := structpb.NewStruct(l.Composite)
		if err != nil {
			return fmt.Errorf("cannot convert the composite: %w", err)
		}
		composite.Fields["spec"] = req.GetObserved().GetComposite().GetResource().GetFields()["spec"]
		req.Observed.Composite.Resource = composite
	}
	for part, object := range l.Resources {
		s, err := structpb.NewStruct(object)
		if err != nil {
			return fmt.Errorf("cannot convert resource %q: %w", part, err)
		}
		req.Observed.Resources[part] = &fnv1.Resource{Resource: s}
	}
	return nil
}

// Play makes what was desired observed, over what exists of it, and lets the controllers
// of all else have their way.
func (l Live) Play(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse, outcome expand.Outcome) error {
	observed := map[string]*fnv1.Resource{}
	for _, p := range outcome.Parts {
		desired, ok := rsp.GetDesired().GetResources()[p.Name]
		if !ok {
			continue
		}
		object := compose.Object(desired.GetResource().AsMap())
		found, exists := l.Resources[p.Name]
		if exists {
			object = over(runtime.DeepCopyJSON(found), object)
		} else {
			object.Admit()
		}
		if p.Settle != nil && (!exists || p.Usable != nil && !p.Usable(object)) {
			p.Settle(object)
		}
		s, err := structpb.NewStruct(object)
		if err != nil {
			return fmt.Errorf("cannot observe %q: %w", p.Name, err)
		}
		observed[p.Name] = &fnv1.Resource{Resource: s, ConnectionDetails: p.Connection}
	}
	req.Observed.Resources = observed
	return nil
}

// over writes what is desired over what exists.
func over(out, desired map[string]any) map[string]any {
	for key, want := range desired {
		is, isObject := out[key].(map[string]any)
		wanted, wantsObject := want.(map[string]any)
		if isObject && wantsObject {
			out[key] = over(is, wanted)
			continue
		}
		out[key] = want
	}
	return out
}

// lookUp finds in the world what a call asked for. The Blueprint stays as it is given.
func lookUp(req *fnv1.RunFunctionRequest, asked *fnv1.Requirements, world World) (news bool, err error) {
	found := map[string]*fnv1.Resources{"blueprint": req.GetRequiredResources()["blueprint"]}
	for name, selector := range asked.GetResources() {
		_, told := req.GetRequiredResources()[name]
		news = news || !told
		if found[name], err = find(selector, world); err != nil {
			return false, err
		}
	}
	schemas := map[string]*fnv1.Schema{}
	for name, selector := range asked.GetSchemas() {
		_, told := req.GetRequiredSchemas()[name]
		news = news || !told
		served, err := world.Serves(selector.GetApiVersion(), selector.GetKind())
		if err != nil {
			return false, err
		}
		schemas[name] = &fnv1.Schema{}
		if served {
			schemas[name].OpenapiV3 = &structpb.Struct{Fields: map[string]*structpb.Value{"type": structpb.NewStringValue("object")}}
		}
	}
	req.RequiredResources, req.RequiredSchemas = found, schemas
	return news, nil
}

func find(selector *fnv1.ResourceSelector, world World) (*fnv1.Resources, error) {
	objects, err := world.Find(selector)
	if err != nil {
		return nil, err
	}
	found := &fnv1.Resources{}
	for _, o := range objects {
		s, err := structpb.NewStruct(o)
		if err != nil {
			return nil, fmt.Errorf("cannot convert %s: %w", selector.GetKind(), err)
		}
		found.Items = append(found.Items, &fnv1.Resource{Resource: s})
	}
	return found, nil
}

// UnknownGroupID stands in a Result for the object id that only Entra ID can tell.
const UnknownGroupID = compose.PlaceholderGroupID
