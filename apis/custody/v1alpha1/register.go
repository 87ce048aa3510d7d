package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion of the kinds in this package.
var GroupVersion = schema.GroupVersion{Group: "custody.plumbline.dev", Version: "v1alpha1"}

// TombstoneGroupVersionKind is the kind of a Tombstone.
var TombstoneGroupVersionKind = GroupVersion.WithKind("Tombstone")

// AddToScheme adds the kinds of this package to a scheme.
func AddToScheme(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion, &Tombstone{}, &TombstoneList{})
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
