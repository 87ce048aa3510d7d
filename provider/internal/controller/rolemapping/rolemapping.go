// Package rolemapping manages role mappings of Elasticsearch. Elasticsearch does
// not check that the roles of a mapping exist, so neither waits for the other.
package rolemapping

import (
	"encoding/json"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
)

// Setup adds the controller of kind RoleMapping to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return documents().Setup(mgr, o, c)
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[*v1alpha1.RoleMapping] {
	return documents().External(conn)
}

func documents() document.Kind[*v1alpha1.RoleMapping] {
	return document.Kind[*v1alpha1.RoleMapping]{
		Of:       v1alpha1.RoleMappingGroupVersionKind,
		Object:   &v1alpha1.RoleMapping{},
		List:     &v1alpha1.RoleMappingList{},
		Noun:     "role mapping",
		Path:     elasticsearch.RoleMappings,
		Metadata: []string{"metadata"},
		Desire:   desire,
		Status: func(cr *v1alpha1.RoleMapping) *v1alpha1.DocumentObservation {
			return &cr.Status.AtProvider.DocumentObservation
		},
	}
}

func desire(cr *v1alpha1.RoleMapping) (elasticsearch.Document, error) {
	p := cr.Spec.ForProvider
	metadata, err := document.Metadata("spec.forProvider.metadata", p.Metadata)
	if err != nil {
		return nil, err
	}
	var rules any
	if err := json.Unmarshal(p.Rules.Raw, &rules); err != nil {
		return nil, errors.New("spec.forProvider.rules is not JSON")
	}
	if errs := checkRule(field.NewPath("spec", "forProvider", "rules"), rules, false); len(errs) > 0 {
		return nil, errs.ToAggregate()
	}
	roles := make([]any, len(p.Roles))
	for i, r := range p.Roles {
		roles[i] = r
	}
	enabled := p.Enabled == nil || *p.Enabled
	// Templates would give further roles.
	return elasticsearch.Document{"enabled": enabled, "roles": roles, "role_templates": nil, "rules": rules, "metadata": metadata}, nil
}
