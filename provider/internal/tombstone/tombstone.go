// Package tombstone remembers the external objects that outlive their managed
// resources, and ends those whose time is over.
//
// A managed resource whose managementPolicies keep its object leaves a Tombstone in
// its namespace when it goes. A resource of the same name that finds the object
// again removes it. That is all in a Finalizer, which the managed reconciler of
// every kind uses; no kind knows of it.
//
// When spec.until of a Tombstone has passed, the Reconciler makes the managed
// resource once more, with the right to observe and to delete alone, and deletes it.
// So the controller of its kind deletes the object as it always does: it checks the
// mark first, tries again while the backend is down, and says why it cannot.
//
// The resource that is made for this is controlled by the Tombstone. Its name is
// also the lock against a claim that comes back in the same moment: of two who
// create it one wins, and Crossplane changes nothing that another controls.
package tombstone

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/custody/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/claim"
)

// Managed is a managed resource whose external object is in custody.
type Managed interface {
	resource.Managed
	custody.Keeper
}

// nameOf returns the name of the Tombstone of a managed resource.
func nameOf(kind, name string) string {
	full := strings.ToLower(kind) + "." + name
	if len(full) <= validation.DNS1123SubdomainMaxLength {
		return full
	}
	sum := sha256.Sum256([]byte(full))
	return strings.ToLower(kind) + "." + hex.EncodeToString(sum[:])
}

// of returns the Tombstone of a managed resource that is being deleted. It follows
// from the resource alone, so to write it twice is to write it once.
func of(mg Managed, kind schema.GroupVersionKind) (*v1alpha1.Tombstone, error) {
	c := mg.Custody()
	again, err := manifest(mg, kind)
	if err != nil {
		return nil, err
	}
	t := &v1alpha1.Tombstone{
		ObjectMeta: metav1.ObjectMeta{Namespace: mg.GetNamespace(), Name: nameOf(kind.Kind, mg.GetName())},
		Spec: v1alpha1.TombstoneSpec{
			Object:   v1alpha1.KeptObject{Kind: kind.Kind, Name: ObjectName(mg), ID: c.Object.ID},
			Claim:    claim.Of(mg),
			Since:    *mg.GetDeletionTimestamp(),
			Resource: runtime.RawExtension{Raw: again},
		},
	}
	if c.Terms.Grace != nil {
		t.Spec.Until = &metav1.Time{Time: t.Spec.Since.Add(c.Terms.Grace.Duration)}
	}
	return t, nil
}

// ObjectName is the name of the object of a resource as people know it.
func ObjectName(mg Managed) string {
	return cmp.Or(mg.Custody().Object.Name, meta.GetExternalName(mg))
}

func inWords(t metav1.Time) string { return t.UTC().Format(time.RFC3339) }

// manifest returns a managed resource as somebody would apply it again.
func manifest(mg Managed, kind schema.GroupVersionKind) ([]byte, error) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(mg)
	if err != nil {
		return nil, errors.Wrapf(err, "cannot read %s %q", kind.Kind, mg.GetName())
	}
	metadata := map[string]any{"name": mg.GetName(), "namespace": mg.GetNamespace()}
	if name := meta.GetExternalName(mg); name != "" {
		metadata["annotations"] = map[string]any{meta.AnnotationKeyExternalName: name}
	}
	b, err := json.Marshal(map[string]any{
		"apiVersion": kind.GroupVersion().String(), "kind": kind.Kind, "metadata": metadata, "spec": content["spec"],
	})
	return b, errors.Wrapf(err, "cannot write %s %q", kind.Kind, mg.GetName())
}

// executor returns the managed resource that deletes the object of a Tombstone. Of
// the manifest only name and spec count, and its kind is one of kinds: the provider
// makes nothing else for whoever may write Tombstones.
func executor(t *v1alpha1.Tombstone, kinds []schema.GroupVersionKind) (*unstructured.Unstructured, error) {
	was := &unstructured.Unstructured{}
	if err := json.Unmarshal(t.Spec.Resource.Raw, &was.Object); err != nil {
		return nil, errors.Wrap(err, "cannot read spec.resource")
	}
	mr := &unstructured.Unstructured{Object: map[string]any{"spec": was.Object["spec"]}}
	for _, k := range kinds {
		if was.GroupVersionKind() == k && nameOf(k.Kind, was.GetName()) == t.GetName() {
			mr.SetGroupVersionKind(k)
		}
	}
	if mr.GetKind() == "" {
		return nil, errors.Errorf("cannot delete what spec.resource names: %s %q is not what this Tombstone stands for", was.GetKind(), was.GetName())
	}
	mr.SetNamespace(t.GetNamespace())
	mr.SetName(was.GetName())
	// With the finalizer from the start, a deletion cannot come before the controller
	// of the kind knows of the resource.
	mr.SetFinalizers([]string{managed.FinalizerName})
	if name := meta.GetExternalName(was); name != "" {
		meta.SetExternalName(mr, name)
	}
	mr.SetOwnerReferences([]metav1.OwnerReference{meta.AsController(meta.TypedReferenceTo(t, v1alpha1.TombstoneGroupVersionKind))})
	for path, value := range map[string]any{
		"managementPolicies": []any{string(xpv2.ManagementActionObserve), string(xpv2.ManagementActionDelete)},
		// Its time is over, whatever it holds.
		"deletion": map[string]any{"data": string(custody.DataDelete)},
	} {
		if err := unstructured.SetNestedField(mr.Object, value, "spec", path); err != nil {
			return nil, errors.Wrap(err, "cannot read spec.resource")
		}
	}
	return mr, nil
}
