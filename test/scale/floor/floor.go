// Package floor is the least that an engine can be asked for: a claim that becomes a
// Namespace and ConfigMaps, by a function that does no more than list them. What it
// costs is what Crossplane and Kubernetes cost, whatever a function does.
package floor

import (
	"context"
	"embed"
	"fmt"
	"time"

	"github.com/crossplane/function-sdk-go"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/response"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/structpb"
)

// Manifests are the definition, the Composition, and the role that lets Crossplane
// write ConfigMaps.
//
//go:embed *.yaml
var Manifests embed.FS

// FunctionName is what the Composition calls.
const FunctionName = "floor-function"

// ttl is that of a ServiceEnvironment that is ready.
const ttl = 10 * time.Minute

// A Function makes a Namespace, and the ConfigMaps once that is observed, as a
// ServiceEnvironment's function has to.
type Function struct {
	fnv1.UnimplementedFunctionRunnerServiceServer
}

// Serve answers Crossplane until the process ends.
func Serve(address, certificates string) error {
	return function.Serve(Function{}, function.Listen("tcp", address), function.MTLSCertificates(certificates), function.WithMetricsServer(""))
}

// RunFunction returns as many objects as the claim asks for.
func (Function) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp := response.To(req, ttl)
	rsp.Meta.Ttl = durationpb.New(ttl)
	composite := req.GetObserved().GetComposite().GetResource().GetFields()
	labels := composite["metadata"].GetStructValue().GetFields()["labels"].GetStructValue().GetFields()
	name := labels["crossplane.io/claim-name"].GetStringValue()
	objects := int(composite["spec"].GetStructValue().GetFields()["objects"].GetNumberValue())
	rsp.Desired = &fnv1.State{Composite: &fnv1.Resource{}, Resources: map[string]*fnv1.Resource{}}
	observed := req.GetObserved().GetResources()
	for i := range objects {
		part := fmt.Sprintf("part-%d", i)
		o := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
		if i > 0 {
			o = map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap",
				"metadata": map[string]any{"namespace": name, "name": part}, "data": map[string]any{"of": name},
			}
		}
		if i > 0 && observed["part-0"] == nil {
			continue
		}
		s, err := structpb.NewStruct(o)
		if err != nil {
			return nil, err
		}
		rsp.Desired.Resources[part] = &fnv1.Resource{Resource: s, Ready: readyIf(observed[part] != nil)}
	}
	rsp.Desired.Composite.Ready = readyIf(len(observed) == objects)
	return rsp, nil
}

func readyIf(yes bool) fnv1.Ready {
	if yes {
		return fnv1.Ready_READY_TRUE
	}
	return fnv1.Ready_READY_FALSE
}
