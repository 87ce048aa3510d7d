package plan

import (
	"encoding/json"
	"fmt"
	"maps"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apimachinery/pkg/runtime"
	celconfig "k8s.io/apiserver/pkg/apis/cel"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// forbidden returns why the API server would refuse an edit of a claim, by the rules of
// its own definition of the kind: some fields cannot change.
func (c *Cluster) forbidden(claim *v1alpha1.ServiceEnvironment, was map[string]any) ([]string, error) {
	structural, err := c.schema(v1alpha1.GroupVersion.String(), v1alpha1.ServiceEnvironmentGroupVersionKind.Kind)
	if err != nil || structural == nil {
		return nil, err
	}
	will, err := runtime.DefaultUnstructuredConverter.ToUnstructured(claim)
	if err != nil {
		return nil, err
	}
	delete(will, "status")
	old := runtime.DeepCopyJSON(was)
	delete(old, "status")
	if spec, ok := old["spec"].(map[string]any); ok {
		maps.DeleteFunc(spec, func(key string, _ any) bool {
			_, ours := xcrd.CompositeResourceClaimSpecProps(nil)[key]
			return ours
		})
	}
	errs, _ := cel.NewValidator(structural, true, celconfig.PerCallLimit).
		Validate(c.ctx, nil, structural, will, old, celconfig.RuntimeCELCostBudget)
	var out []string
	for _, err := range errs {
		out = append(out, err.Error())
	}
	return out, nil
}

// defaulted returns a desired object with what the API server adds to it: in a list that
// is applied as a whole, a default would else count as removed.
func (c *Cluster) defaulted(desired map[string]any) (map[string]any, error) {
	structural, err := c.schema(text(desired, "apiVersion"), text(desired, "kind"))
	if err != nil || structural == nil {
		return desired, err
	}
	out := runtime.DeepCopyJSON(desired)
	defaulting.Default(out, structural)
	return out, nil
}

// schema returns that of a custom kind, or nil for one that is built in.
func (c *Cluster) schema(apiVersion, kind string) (*schema.Structural, error) {
	mapping, err := c.mapping(apiVersion, kind)
	if err != nil {
		return nil, fmt.Errorf("cannot look up kind %s: %w", kind, err)
	}
	if seen, ok := c.schemas[mapping.Resource]; ok {
		return seen, nil
	}
	definition := mapping.Resource.GroupResource().String()
	crd, err := c.get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", definition)
	if err != nil || crd == nil {
		return nil, err
	}
	structural, err := structuralOf(crd, mapping.Resource.Version)
	if err != nil {
		return nil, fmt.Errorf("cannot read definition %q: %w", definition, err)
	}
	c.schemas[mapping.Resource] = structural
	return structural, nil
}

func structuralOf(object map[string]any, version string) (*schema.Structural, error) {
	data, err := json.Marshal(object)
	if err != nil {
		return nil, err
	}
	crd := apiextensionsv1.CustomResourceDefinition{}
	if err := json.Unmarshal(data, &crd); err != nil {
		return nil, err
	}
	for _, v := range crd.Spec.Versions {
		if v.Name != version || v.Schema == nil {
			continue
		}
		internal := &apiextensions.JSONSchemaProps{}
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, internal, nil); err != nil {
			return nil, err
		}
		return schema.NewStructural(internal)
	}
	return nil, fmt.Errorf("it has no version %s", version)
}
