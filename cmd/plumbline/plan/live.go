package plan

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// annotationPart is where Crossplane notes which part an object is.
const annotationPart = "crossplane.io/composition-resource-name"

// A live claim is what the control plane has of it.
type live struct {
	claim     map[string]any // Nil: there is none.
	composite map[string]any
	refs      []Resource                // What it is composed of.
	objects   map[string]map[string]any // Those that exist and are read, by key.
}

// has says whether the claim has an object by now, composed or taken over: then it has a
// row in the status that is ready.
func (l live) has(r Resource) bool {
	rows, _, _ := unstructured.NestedSlice(l.claim, "status", "resources")
	return slices.ContainsFunc(rows, func(row any) bool {
		is, _ := row.(map[string]any)
		return is["kind"] == r.Kind && is["name"] == r.Name && is["state"] == string(v1alpha1.ResourceReady)
	})
}

func (c *Cluster) live(namespace, name string) (live, error) {
	l := live{objects: map[string]map[string]any{}}
	var err error
	if l.claim, err = c.get(v1alpha1.GroupVersion.String(), v1alpha1.ServiceEnvironmentGroupVersionKind.Kind, namespace, name); err != nil || l.claim == nil {
		return l, err
	}
	composite := text(l.claim, "spec", "resourceRef", "name")
	if composite == "" {
		return l, nil
	}
	if l.composite, err = c.get(v1alpha1.GroupVersion.String(), v1alpha1.XServiceEnvironmentGroupVersionKind.Kind, "", composite); err != nil || l.composite == nil {
		return l, err
	}
	refs, _, _ := unstructured.NestedSlice(l.composite, "spec", "resourceRefs")
	for _, entry := range refs {
		ref, _ := entry.(map[string]any)
		r := Resource{APIVersion: text(ref, "apiVersion"), Kind: text(ref, "kind"), Namespace: text(ref, "namespace"), Name: text(ref, "name")}
		if unread(r.APIVersion, r.Kind) {
			l.refs = append(l.refs, r)
			continue
		}
		object, err := c.get(r.APIVersion, r.Kind, r.Namespace, r.Name)
		if err != nil {
			return l, err
		}
		// What somebody made anew in its place is not the claim's, as Crossplane sees it.
		if object != nil && controllerOf(object)["uid"] == text(l.composite, "metadata", "uid") {
			l.refs = append(l.refs, r)
			l.objects[r.key()] = object
		}
	}
	return l, nil
}

// rehearsed is what the function sees of it.
func (l live) rehearsed() rehearsal.Live {
	out := rehearsal.Live{Composite: l.composite, Resources: map[string]map[string]any{}}
	for _, object := range l.objects {
		out.Resources[text(object, "metadata", "annotations", annotationPart)] = object
	}
	return out
}

// protection says why the control plane would refuse to delete the claim, if it would:
// it is that of package/admission.
func (l live) protection(blueprint map[string]any) string {
	environment := text(l.claim, "spec", "environment")
	protect, said, _ := unstructured.NestedBool(l.claim, "spec", "deletion", "protect")
	if !said {
		protect, _, _ = unstructured.NestedBool(blueprint, "data", "environments", environment, "protect")
	}
	paused, _, _ := unstructured.NestedBool(l.claim, "spec", "paused")
	switch {
	case protect:
		return "it is protected: first commit spec.deletion.protect: false, let that be applied, and then remove the claim"
	case paused:
		return "it is paused: first commit spec.paused: false, let that be applied, and then remove the claim"
	default:
		return ""
	}
}

// remade are kinds that hold nothing of their own: what is deleted of them comes back
// from a claim as it was. Of any other kind, something is lost.
var remade = []string{
	"ResourceQuota", "LimitRange", "NetworkPolicy", "RoleBinding", "ServiceAccount", "Secret", "ConfigMap",
	"Role", "RoleMapping", "APIKey", "LifecyclePolicy", "Lease", "Ingress", "HTTPRoute", "DNSEndpoint", "Certificate",
}

// removal says what becomes of an object that leaves its claim.
func (l live) removal(r Resource) Resource {
	object := l.objects[r.key()]
	r.Action = Destroy
	policies, managed, _ := unstructured.NestedStringSlice(object, "spec", "managementPolicies")
	ours := strings.HasSuffix(groupOf(r.APIVersion), "."+v1alpha1.GroupVersion.Group)
	adopted, _, _ := unstructured.NestedBool(object, "status", "atProvider", "adopted")
	switch {
	case ours && managed && !slices.Contains(policies, "*") && !slices.Contains(policies, "Delete"):
		r.Action, r.Note = Retain, "stays in its system, with its owner's mark"
	case ours && adopted:
		r.Action, r.Note = Retain, "was adopted, and stays in its system without its mark"
	case slices.Contains(remade, r.Kind):
		r.Action = Delete
	case r.Kind == "Namespace":
		r.Note = "with everything in it"
	case ours:
		r.Note = fmt.Sprintf("with its data: %s", externalName(object))
	}
	return r
}

func externalName(object map[string]any) string {
	name := text(object, "metadata", "annotations", "crossplane.io/external-name")
	if name == "" {
		return text(object, "metadata", "name")
	}
	return name
}

func text(object map[string]any, path ...string) string {
	s, _, _ := unstructured.NestedString(object, path...)
	return s
}

func groupOf(apiVersion string) string {
	group, _, versioned := strings.Cut(apiVersion, "/")
	if !versioned {
		return ""
	}
	return group
}
