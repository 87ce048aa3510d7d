package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/functions/expand"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// captured is where `controlplane capture` writes requests.
const captured = "functions/expand/testdata"

// variants is how many claims take turns.
const variants = 64

// load returns the captured request of a scenario for one of the claims: another
// service, with its own names, hosts and UIDs, under the same Blueprint.
func load(scenario string, variant int) (*fnv1.RunFunctionRequest, error) {
	b, err := os.ReadFile(filepath.Join(captured, scenario+".json")) //nolint:gosec // It is one of ours.
	if err != nil {
		return nil, err
	}
	service := fmt.Sprintf("check%03d", variant) // As long as checkout.
	b = bytes.ReplaceAll(b, []byte("checkout"), []byte(service))
	req := &fnv1.RunFunctionRequest{}
	if err := protojson.Unmarshal(b, req); err != nil {
		return nil, fmt.Errorf("cannot read captured request %q: %w", scenario, err)
	}
	return req, nil
}

// payloads returns the variants of a scenario as they go over the wire.
func payloads(scenario string) ([][]byte, error) {
	var out [][]byte
	for i := range variants {
		req, err := load(scenario, i)
		if err != nil {
			return nil, err
		}
		if rsp, outcome := expand.Expand(req, time.Now()); refused(rsp, outcome) {
			return nil, fmt.Errorf("variant %d of %q is refused: %v %v", i, scenario, rsp.GetResults(), outcome.Refusal)
		}
		b, err := proto.Marshal(req)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// A claim is a claim of another size than the example.
type claim struct {
	members, routes int
	resources       int // Filled up to with peers and indices, if any.
}

// grown returns variants of the settled request of a claim: each object that is composed
// is observed, with its controller's status and as many field managers as the captured
// ones have.
func grown(c claim) ([][]byte, error) {
	var out [][]byte
	for i := range variants {
		req, err := load("create", i)
		if err != nil {
			return nil, err
		}
		steady, err := load("steady", i)
		if err != nil {
			return nil, err
		}
		managed := steady.GetObserved().GetResources()["group"].GetResource().GetFields()["metadata"].GetStructValue().GetFields()["managedFields"]
		if err := settle(req, c, managed); err != nil {
			return nil, err
		}
		b, err := proto.Marshal(req)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// settle writes the claim into a request, and has what is desired observed until
// nothing is added.
func settle(req *fnv1.RunFunctionRequest, c claim, managed *structpb.Value) error {
	spec := req.GetObserved().GetComposite().GetResource().GetFields()["spec"].GetStructValue()
	service := spec.GetFields()["service"].GetStringValue()
	for filled := 0; ; filled++ {
		wanted, err := structpb.NewStruct(c.spec(service, filled))
		if err != nil {
			return err
		}
		req.GetObserved().GetComposite().GetResource().Fields["spec"] = structpb.NewStructValue(wanted)
		n, err := observe(req, managed)
		if err != nil || n >= c.resources {
			return err
		}
	}
}

// spec is what the claim asks for, with so many indices and peers.
func (c claim) spec(service string, filled int) map[string]any {
	var members, routes, indices, peers []any
	for i := range c.members {
		members = append(members, fmt.Sprintf("member-%d@example.com", i))
	}
	for i := range c.routes {
		routes = append(routes, map[string]any{"host": fmt.Sprintf("h%d.%s.example.com", i/2, service), "path": fmt.Sprintf("/p%d", i%2), "service": "web", "port": 8080})
	}
	for i := range filled {
		if i%2 == 0 {
			peers = append(peers, map[string]any{"service": fmt.Sprintf("peer%d", i)})
		} else {
			indices = append(indices, map[string]any{"name": fmt.Sprintf("index%d", i)})
		}
	}
	return map[string]any{
		"service": service, "environment": "prod", "tags": map[string]any{"costCenter": "4711", "dataClass": "internal"},
		"access": map[string]any{"members": members}, "routes": routes,
		"search": map[string]any{"indices": indices}, "network": map[string]any{"allowTo": peers},
	}
}

// observe plays the control plane until a call desires nothing new, and returns how
// many resources there are.
func observe(req *fnv1.RunFunctionRequest, managed *structpb.Value) (int, error) {
	const passes = 8
	req.Observed.Resources = nil
	for range passes {
		rsp, outcome := expand.Expand(req, time.Now())
		if refused(rsp, outcome) {
			return 0, fmt.Errorf("the claim is refused: %v %v", rsp.GetResults(), outcome.Refusal)
		}
		for name := range rsp.GetRequirements().GetResources() {
			if req.GetRequiredResources()[name] == nil {
				req.RequiredResources[name] = &fnv1.Resources{}
			}
		}
		if err := (rehearsal.Live{}).Play(req, rsp, outcome); err != nil {
			return 0, err
		}
		for _, r := range req.GetObserved().GetResources() {
			r.GetResource().GetFields()["metadata"].GetStructValue().Fields["managedFields"] = managed
		}
		hear(req, rsp)
		if rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE {
			break
		}
	}
	req.RequiredResources = map[string]*fnv1.Resources{"blueprint": req.GetRequiredResources()["blueprint"]}
	req.RequiredSchemas = nil
	return len(req.GetObserved().GetResources()), nil
}

// refused says whether an answer is none. One that tells news is.
func refused(rsp *fnv1.RunFunctionResponse, outcome expand.Outcome) bool {
	return outcome.Refusal != nil || expand.Failure(rsp) != nil
}

// hear writes what was answered to the composite, as Crossplane does.
func hear(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) {
	words := map[fnv1.Status]string{fnv1.Status_STATUS_CONDITION_TRUE: "True", fnv1.Status_STATUS_CONDITION_FALSE: "False"}
	condition := func(kind, status, reason, message string) *structpb.Value {
		return structpb.NewStructValue(&structpb.Struct{Fields: map[string]*structpb.Value{
			"type": structpb.NewStringValue(kind), "status": structpb.NewStringValue(cmp.Or(status, "Unknown")),
			"reason": structpb.NewStringValue(reason), "message": structpb.NewStringValue(message),
		}})
	}
	ready := rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE
	list := &structpb.ListValue{Values: []*structpb.Value{condition("Ready", map[bool]string{true: "True", false: "False"}[ready], "Available", "")}}
	for _, c := range rsp.GetConditions() {
		list.Values = append(list.Values, condition(c.GetType(), words[c.GetStatus()], c.GetReason(), c.GetMessage()))
	}
	status := rsp.GetDesired().GetComposite().GetResource().GetFields()["status"]
	status.GetStructValue().Fields["conditions"] = structpb.NewListValue(list)
	req.GetObserved().GetComposite().GetResource().Fields["status"] = status
}
