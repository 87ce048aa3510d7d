// Package managed judges the managed resources of a claim without the claim's status,
// for whoever looks at one that is being deleted: the function is not called then, and
// the status stays as it was.
package managed

import (
	"cmp"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// Resources are those that claims are made of, as the API server names them.
func Resources() []schema.GroupVersionResource {
	var all []schema.GroupVersionResource
	for _, name := range []string{"indices", "datastreams", "lifecyclepolicies", "roles", "rolemappings", "apikeys"} {
		all = append(all, elasticsearch.GroupVersion.WithResource(name))
	}
	return append(all, entra.GroupVersion.WithResource("groups"))
}

// Leaving tells how far the deletion of a managed resource has come, what holds it up,
// and who has to act.
func Leaving(u unstructured.Unstructured) v1alpha1.ResourceStatus {
	health := compose.ManagedHealth(u.Object)
	if health.State != v1alpha1.ResourceFailed {
		health = status.Progressing(status.ReasonDeleting, "Being deleted")
	}
	name, _, _ := unstructured.NestedString(u.Object, "spec", "forProvider", "uniqueName")
	return v1alpha1.ResourceStatus{
		Kind: u.GetKind(), Name: cmp.Or(name, meta.GetExternalName(&u), u.GetName()),
		State: health.State, Reason: health.Reason, Message: health.Message, WhoFixes: health.WhoFixes,
	}
}
