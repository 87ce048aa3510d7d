package compose

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/custody"
	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/environment"
)

func TestIndexData(t *testing.T) {
	cases := map[string]struct {
		reason string
		policy v1alpha1.DeletionPolicy
		want   *custody.DeletionTerms
	}{
		"Delete": {"Data goes with an environment whose claim wants it so.", v1alpha1.DeletionDelete, &custody.DeletionTerms{Data: custody.DataDelete}},
		"Retain": {"Nothing allows to delete what is to be retained.", v1alpha1.DeletionRetain, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			parts := indices(environment.Plan{Indices: []environment.Index{{Key: "orders", Name: "a.orders", Policy: tc.policy}}}, World{})
			got := parts[0].Resource.(*elasticsearch.Index).Spec.Deletion
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\ndeletion: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
