// Package rehearsal shows what a claim becomes, without a control plane.
//
// It runs the very code of the function, pass after pass. After each pass it plays
// the control plane on which all goes well: what was desired is observed in the next
// pass, with the status that the controller of its kind would write. A namespace is
// active; managed resources are ready; the group has an object id, which is all
// zeros, as only Entra ID could tell the true one; an API key is the word placeholder. It ends when a pass changes
// nothing any more.
//
// It cannot know what only a control plane knows: whether a name is taken, whether a
// member exists, whether a backend answers.
package rehearsal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/expand"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

// uid is the composite's. Any one will do, as it appears nowhere.
const uid = "00000000-0000-0000-0000-000000000001"

// maxPasses bounds the rehearsal. Each pass opens at least one gate or is the last.
const maxPasses = 10

// A Resource is one that the claim becomes.
type Resource struct {
	Part   string         // The name by which Crossplane finds it again.
	Pass   int            // The pass in which it was first desired, from 1.
	Object map[string]any // As it is applied.
}

// A Result is what a claim becomes.
type Result struct {
	Resources []Resource // In the order a user meets them.
	Adopted   []Resource // What is taken over, as it would be if it were composed.
	Status    v1alpha1.ServiceEnvironmentStatus
	Notices   []string // What somebody has to do though nothing is wrong, each at its field.
}

// A RefusedError says why the claim becomes nothing.
type RefusedError struct {
	Reason   string
	Mistakes []string // Each with its field and its remedy.
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused as %s, with %d mistakes", e.Reason, len(e.Mistakes))
}

// Run rehearses a claim under a Blueprint: an EnvironmentConfig, or nil for the
// built-in one. Of the time only the day counts.
func Run(claim *v1alpha1.ServiceEnvironment, blueprint map[string]any, now time.Time) (Result, error) {
	req, err := request(claim, blueprint)
	if err != nil {
		return Result{}, err
	}
	return stage{function: expand.At(now), answer: answer, play: Live{}.Play}.rehearse(req, claim.GetName())
}

// A stage is the control plane on which a claim is rehearsed.
type stage struct {
	function expand.Function // It parses a Blueprint once for all passes.

	// answer tells the next request what a response asks for, and says whether any of
	// it was not told before.
	answer func(*fnv1.RunFunctionRequest, *fnv1.Requirements) (news bool, err error)

	// play makes of a response what the next request observes.
	play func(*fnv1.RunFunctionRequest, *fnv1.RunFunctionResponse, expand.Outcome) error
}

// rehearse runs passes until one changes nothing any more.
func (st stage) rehearse(req *fnv1.RunFunctionRequest, name string) (Result, error) {
	first := map[string]int{}
	var last *fnv1.RunFunctionResponse
	for pass := 1; pass <= maxPasses; pass++ {
		rsp, outcome, err := st.call(req)
		if err != nil {
			return Result{}, err
		}
		if r := outcome.Refusal; r != nil {
			return Result{}, &RefusedError{Reason: r.Reason, Mistakes: r.Mistakes}
		}
		if err := expand.Failure(rsp); err != nil {
			return Result{}, err
		}
		for name := range rsp.GetDesired().GetResources() {
			if first[name] == 0 {
				first[name] = pass
			}
		}
		if proto.Equal(last.GetDesired(), rsp.GetDesired()) && proto.Equal(last.GetRequirements(), rsp.GetRequirements()) {
			return result(rsp, outcome, first)
		}
		last = rsp
		if err := st.play(req, rsp, outcome); err != nil {
			return Result{}, err
		}
	}
	return Result{}, fmt.Errorf("cannot settle %q within %d passes", name, maxPasses)
}

// request is the first that Crossplane would send for a claim: the composite has its
// spec, its labels lead back to it, and its name is the claim's with five letters.
func request(claim *v1alpha1.ServiceEnvironment, blueprint map[string]any) (*fnv1.RunFunctionRequest, error) {
	spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&claim.Spec)
	if err != nil {
		return nil, fmt.Errorf("cannot convert claim %q: %w", claim.GetName(), err)
	}
	composite, err := structpb.NewStruct(map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(),
		"kind":       v1alpha1.XServiceEnvironmentGroupVersionKind.Kind,
		"metadata": map[string]any{
			"name": compositeName(claim),
			"uid":  uid,
			"labels": map[string]any{
				"crossplane.io/claim-name":      claim.GetName(),
				"crossplane.io/claim-namespace": claim.GetNamespace(),
			},
		},
		"spec": spec,
	})
	if err != nil {
		return nil, fmt.Errorf("cannot convert claim %q: %w", claim.GetName(), err)
	}
	req := &fnv1.RunFunctionRequest{
		Observed: &fnv1.State{
			Composite: &fnv1.Resource{Resource: composite},
			Resources: map[string]*fnv1.Resource{},
		},
		RequiredResources: map[string]*fnv1.Resources{
			"namespace": {}, // Looked up, and free.
			"blueprint": {},
		},
	}
	if blueprint == nil {
		if err := yaml.Unmarshal(environment.DefaultBlueprint, &blueprint); err != nil {
			return nil, fmt.Errorf("cannot read the built-in Blueprint: %w", err)
		}
	}
	s, err := structpb.NewStruct(blueprint)
	if err != nil {
		return nil, fmt.Errorf("cannot convert the Blueprint: %w", err)
	}
	req.RequiredResources["blueprint"].Items = []*fnv1.Resource{{Resource: s}}
	return req, nil
}

// compositeName is as long as the one Crossplane would choose, and always the same.
func compositeName(claim *v1alpha1.ServiceEnvironment) string {
	const longest, random = 57, 5
	sum := sha256.Sum256([]byte(claim.GetNamespace() + "/" + claim.GetName()))
	name := claim.GetName()
	return name[:min(len(name), longest)] + "-" + hex.EncodeToString(sum[:])[:random]
}

// call calls the function until it asks for nothing that it was not told, as Crossplane
// does within one pass.
func (st stage) call(req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, expand.Outcome, error) {
	for {
		rsp, outcome := st.function.Expand(req)
		news, err := st.answer(req, rsp.GetRequirements())
		if err != nil || !news {
			return rsp, outcome, err
		}
	}
}

// answer finds every kind that was asked for, and no object that stands in the way.
// Whether a Service exists stays open: it is the developer's own. It says whether there
// was anything to answer.
func answer(req *fnv1.RunFunctionRequest, asked *fnv1.Requirements) (news bool, err error) {
	before := req.GetRequiredSchemas()
	req.RequiredSchemas = map[string]*fnv1.Schema{}
	for name := range asked.GetSchemas() {
		_, answered := before[name]
		news = news || !answered
		req.RequiredSchemas[name] = &fnv1.Schema{OpenapiV3: &structpb.Struct{Fields: map[string]*structpb.Value{
			"type": structpb.NewStringValue("object"),
		}}}
	}
	for name := range asked.GetResources() {
		if _, answered := req.GetRequiredResources()[name]; !answered && !strings.HasPrefix(name, "service-") {
			req.RequiredResources[name] = &fnv1.Resources{}
			news = true
		}
	}
	return news, nil
}

func result(rsp *fnv1.RunFunctionResponse, outcome expand.Outcome, first map[string]int) (Result, error) {
	r := Result{Notices: outcome.Notices}
	for _, p := range outcome.Parts {
		if d, ok := rsp.GetDesired().GetResources()[p.Name]; ok {
			r.Resources = append(r.Resources, Resource{Part: p.Name, Pass: first[p.Name], Object: d.GetResource().AsMap()})
		}
		if p.Adopted {
			object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(p.Resource)
			if err != nil {
				return r, err
			}
			r.Adopted = append(r.Adopted, Resource{Part: p.Name, Object: object})
		}
	}
	status, _ := rsp.GetDesired().GetComposite().GetResource().AsMap()["status"].(map[string]any)
	err := runtime.DefaultUnstructuredConverter.FromUnstructured(status, &r.Status)
	return r, err
}
