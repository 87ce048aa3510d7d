package kubernetes

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/coordination"
	_ "k8s.io/kubernetes/pkg/apis/coordination/install"
	coordinationvalidation "k8s.io/kubernetes/pkg/apis/coordination/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	_ "k8s.io/kubernetes/pkg/apis/rbac/install"
	rbacvalidation "k8s.io/kubernetes/pkg/apis/rbac/validation"
)

// strict decodes as the API server does that is asked to refuse unknown fields, with
// defaults filled in.
var strict = serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()

// checkBuiltIn returns what the API server would say of an object of a kind of its own.
func checkBuiltIn(o map[string]any) error {
	data, err := json.Marshal(o)
	if err != nil {
		return err
	}
	decoded, _, err := strict.Decode(data, nil, nil)
	if err != nil {
		return err
	}
	errs, err := validate(decoded)
	if err != nil {
		return err
	}
	return errs.ToAggregate()
}

func validate(o runtime.Object) (field.ErrorList, error) {
	switch o := o.(type) {
	case *core.Namespace:
		return corevalidation.ValidateNamespace(o), nil
	case *core.ResourceQuota:
		return corevalidation.ValidateResourceQuota(o), nil
	case *core.LimitRange:
		return corevalidation.ValidateLimitRange(o), nil
	case *core.Service:
		return corevalidation.ValidateServiceCreate(o), nil
	case *core.ServiceAccount:
		return corevalidation.ValidateServiceAccount(o), nil
	case *core.Secret:
		return corevalidation.ValidateSecret(o), nil
	case *networking.NetworkPolicy:
		return networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{}), nil
	case *networking.Ingress:
		return networkingvalidation.ValidateIngressCreate(o), nil
	case *rbac.RoleBinding:
		return rbacvalidation.ValidateRoleBinding(o), nil
	case *coordination.Lease:
		return coordinationvalidation.ValidateLease(o), nil
	default:
		return nil, fmt.Errorf("cannot validate %T: add its validation", o)
	}
}
