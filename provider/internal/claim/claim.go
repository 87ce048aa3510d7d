// Package claim tells the developer, on the claim, what becomes of the managed
// resources that were composed for it.
//
// A developer knows the claim and not what it is made of. While a claim is being
// deleted nobody writes its status any more, so an event is all that can reach it.
package claim

import (
	"context"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/event"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// Labels by which Crossplane leads from what it composes back to the claim.
const (
	labelName      = "crossplane.io/claim-name"
	labelNamespace = "crossplane.io/claim-namespace"
)

// patience bounds the look at a claim, which an event can do without.
const patience = 5 * time.Second

// Of returns the name of the claim that an object was composed for, if there is one
// in the object's namespace.
func Of(o metav1.Object) string {
	if o.GetLabels()[labelNamespace] != o.GetNamespace() {
		return ""
	}
	return o.GetLabels()[labelName]
}

// An Object of Kubernetes.
type Object interface {
	metav1.Object
	runtime.Object
}

// A Teller sends events on claims.
type Teller struct {
	// Reader reads a claim from the API server, uncached: it is asked rarely.
	Reader client.Reader
	Events event.Recorder
}

// Tell sends an event on the claim that an object was composed for, or on the object
// itself if there is none.
func (t Teller) Tell(ctx context.Context, o Object, e event.Event) {
	name := Of(o)
	if name == "" {
		t.Events.Event(o, e)
		return
	}
	ref := &corev1.ObjectReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "ServiceEnvironment", Namespace: o.GetNamespace(), Name: name,
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	claim := &metav1.PartialObjectMetadata{}
	claim.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(ref.Kind))
	// Without its UID kubectl describe does not show the event, and kubectl events does.
	if err := t.Reader.Get(ctx, client.ObjectKey{Namespace: ref.Namespace, Name: ref.Name}, claim); err == nil {
		ref.UID = claim.GetUID()
	}
	t.Events.Event(ref, e)
}
