// Package door is what the API server does with an object of a
// CustomResourceDefinition before it stores it: it looks for unknown fields, fills in
// defaults, and holds the object to the schema and its rules, by the API server's own
// code.
package door

import (
	"context"
	"fmt"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// A Door lets in objects of one version of a definition.
type Door struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

// New makes the door of a definition's version.
func New(crd *apiextensionsv1.CustomResourceDefinition, version string) (Door, error) {
	for _, v := range crd.Spec.Versions {
		if v.Name != version {
			continue
		}
		props := &apiextensions.JSONSchemaProps{}
		if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(v.Schema.OpenAPIV3Schema, props, nil); err != nil {
			return Door{}, fmt.Errorf("cannot convert schema of %q: %w", crd.GetName(), err)
		}
		structural, err := schema.NewStructural(props)
		if err != nil {
			return Door{}, fmt.Errorf("cannot read schema of %q: %w", crd.GetName(), err)
		}
		validator, _, err := validation.NewSchemaValidator(props)
		if err != nil {
			return Door{}, fmt.Errorf("cannot read schema of %q: %w", crd.GetName(), err)
		}
		return Door{structural: structural, validator: validator, rules: cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
	}
	return Door{}, fmt.Errorf("cannot find version %q of %q", version, crd.GetName())
}

// Admit fills in the defaults of a new object, or of a change of one, and returns every
// mistake. Numbers are as the API server reads them: whole ones are int64.
func (d Door) Admit(ctx context.Context, o, old map[string]any) field.ErrorList {
	var errs field.ErrorList
	unknown := pruning.PruneWithOptions(runtime.DeepCopyJSON(o), d.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		errs = append(errs, field.Forbidden(field.NewPath(path), "unknown field"))
	}
	defaulting.Default(o, d.structural)
	if old == nil {
		errs = append(errs, validation.ValidateCustomResource(nil, o, d.validator)...)
		errs = append(errs, listtype.ValidateListSetsAndMaps(nil, d.structural, o)...)
		broken, _ := d.rules.Validate(ctx, nil, d.structural, o, nil, celconfig.RuntimeCELCostBudget)
		return append(errs, broken...)
	}
	errs = append(errs, validation.ValidateCustomResourceUpdate(nil, o, old, d.validator)...)
	broken, _ := d.rules.Validate(ctx, nil, d.structural, o, old, celconfig.RuntimeCELCostBudget)
	return append(errs, broken...)
}

// Whole makes whole numbers of what JSON has read as others.
func Whole(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = Whole(v[key])
		}
	case []any:
		for i := range v {
			v[i] = Whole(v[i])
		}
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	}
	return v
}
