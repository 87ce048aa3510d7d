// Package role manages roles of Elasticsearch. What a resource does not grant is
// not granted: a privilege that somebody added is taken away again.
package role

import (
	"maps"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
)

// Setup adds the controller of kind Role to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return documents().Setup(mgr, o, c)
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[*v1alpha1.Role] {
	return documents().External(conn)
}

func documents() document.Kind[*v1alpha1.Role] {
	return document.Kind[*v1alpha1.Role]{
		Of:       v1alpha1.RoleGroupVersionKind,
		Object:   &v1alpha1.Role{},
		List:     &v1alpha1.RoleList{},
		Noun:     "role",
		Path:     elasticsearch.Roles,
		Metadata: []string{"metadata"},
		Desire:   desire,
		Status: func(cr *v1alpha1.Role) *v1alpha1.DocumentObservation {
			return &cr.Status.AtProvider.DocumentObservation
		},
	}
}

func desire(cr *v1alpha1.Role) (elasticsearch.Document, error) {
	p := cr.Spec.ForProvider
	metadata, err := document.Metadata("spec.forProvider.metadata", p.Metadata)
	if err != nil {
		return nil, err
	}
	want := elasticsearch.Document{"metadata": metadata, "description": nil}
	if p.Description != nil {
		want["description"] = *p.Description
	}
	maps.Copy(want, document.Privileges(p.Privileges))
	return want, nil
}
