package expand

import (
	"fmt"
	"slices"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// crossplaneRole is the ClusterRole by which Crossplane's own chart lets it work.
// Kubernetes adds to its rules those of all roles with Crossplane's label.
const crossplaneRole = "crossplane"

// neededVerbs are those without which Crossplane cannot keep an object.
var neededVerbs = []string{"get", "list", "watch", "create", "patch", "delete"}

// rights are what Crossplane may do, as far as it can be known: nil where its role has
// another name than usual.
type rights []rbacv1.PolicyRule

// readRights reads the rules of Crossplane's role.
func readRights(found *fnv1.Resources) (rights, error) {
	if len(found.GetItems()) == 0 {
		return nil, nil
	}
	role := rbacv1.ClusterRole{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(found.GetItems()[0].GetResource().AsMap(), &role); err != nil {
		return nil, fmt.Errorf("cannot read ClusterRole %q: %w", crossplaneRole, err)
	}
	return append(rights{}, role.Rules...), nil
}

// allow says whether Crossplane may write a resource. Where the resource's name is
// only guessed, rights to any resource of the group will do: to let a refusal through
// is better than to hold back what is allowed.
func (r rights) allow(resource schema.GroupResource, guessed bool) bool {
	if r == nil {
		return true
	}
	for _, verb := range neededVerbs {
		if !slices.ContainsFunc(r, func(rule rbacv1.PolicyRule) bool {
			return len(rule.ResourceNames) == 0 && holds(rule.Verbs, verb) && holds(rule.APIGroups, resource.Group) &&
				(guessed || holds(rule.Resources, resource.Resource))
		}) {
			return false
		}
	}
	return true
}

func holds(list []string, item string) bool {
	return slices.Contains(list, item) || slices.Contains(list, "*")
}
