package main

import (
	"context"
	"maps"
	"time"

	"github.com/crossplane/function-sdk-go/errors"
	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/crossplane/function-sdk-go/request"
	"github.com/crossplane/function-sdk-go/resource"
	"github.com/crossplane/function-sdk-go/resource/composed"
	"github.com/crossplane/function-sdk-go/response"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/expand"
)

// A handwritten function is what a careful developer writes with the SDK: the claim
// becomes a typed struct, resources are typed structs that composed.From converts, and
// readiness is their Ready condition. It returns the resources of the production
// example. Instead of building each it copies one that was built, and writes the claim's
// name and labels into it, which costs about as much. It checks nothing, has no
// Blueprint and writes no status, so an honest one would cost more.
type handwritten struct {
	fnv1.UnimplementedFunctionRunnerServiceServer

	built map[resource.Name]client.Object
}

func (h handwritten) RunFunction(_ context.Context, req *fnv1.RunFunctionRequest) (*fnv1.RunFunctionResponse, error) {
	rsp := response.To(req, response.DefaultTTL)
	if err := h.compose(req, rsp); err != nil {
		response.Fatal(rsp, err)
	}
	return rsp, nil
}

func (h handwritten) compose(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse) error {
	composite, err := request.GetObservedCompositeResource(req)
	if err != nil {
		return err
	}
	claim := v1alpha1.ServiceEnvironment{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(composite.Resource.Object, &claim); err != nil {
		return errors.Wrap(err, "cannot read composite")
	}
	observed, err := request.GetObservedComposedResources(req)
	if err != nil {
		return err
	}
	desired, err := request.GetDesiredComposedResources(req)
	if err != nil {
		return err
	}
	for name, built := range h.built {
		object := built.DeepCopyObject().(client.Object) //nolint:forcetypeassert // A copy is of the same type.
		labels := maps.Clone(object.GetLabels())
		labels["plumbline.dev/service"] = claim.Spec.Service
		object.SetLabels(labels)
		c, err := composed.From(object)
		if err != nil {
			return err
		}
		desired[name] = &resource.DesiredComposed{Resource: c}
		if o, exists := observed[name]; exists && (o.Resource.GetCondition("Ready").Status == corev1.ConditionTrue || o.Resource.GetCondition("Ready").Reason == "") {
			desired[name].Ready = resource.ReadyTrue
		}
	}
	return response.SetDesiredComposedResources(rsp, desired)
}

func serveHandwritten(address string) error {
	req, err := load("steady", 0)
	if err != nil {
		return err
	}
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, apis.AddToScheme} {
		if err := add(composed.Scheme); err != nil {
			return err
		}
	}
	h := handwritten{built: map[resource.Name]client.Object{}}
	rsp, _ := expand.Expand(req, time.Now())
	for name, r := range rsp.GetDesired().GetResources() {
		if h.built[resource.Name(name)], err = typed(r.GetResource().AsMap()); err != nil {
			return err
		}
	}
	return serve(h, address)
}

// typed returns the Go struct of an object, where Kubernetes or we have one.
func typed(object map[string]any) (client.Object, error) {
	u := &unstructured.Unstructured{Object: object}
	o, err := composed.Scheme.New(u.GroupVersionKind())
	if runtime.IsNotRegisteredError(err) {
		return u, nil
	}
	if err != nil {
		return nil, err
	}
	return o.(client.Object), runtime.DefaultUnstructuredConverter.FromUnstructured(object, o) //nolint:forcetypeassert // Every kind that is composed is an object.
}
