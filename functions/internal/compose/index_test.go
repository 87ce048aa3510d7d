package compose

import (
	"slices"
	"testing"
	"time"

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
		grace  time.Duration
		want   *custody.DeletionTerms
		goes   bool // With its resource.
	}{
		"Delete": {"Data goes with an environment whose claim wants it so.", v1alpha1.DeletionDelete, 0, &custody.DeletionTerms{Data: custody.DataDelete}, true},
		"Retain": {"Nothing allows to delete what is to be retained.", v1alpha1.DeletionRetain, 0, nil, false},
		"Grace":  {"Nor what is to be kept for a while first.", v1alpha1.DeletionDelete, time.Hour, nil, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			parts := indices(environment.Plan{Indices: []environment.Index{{Key: "orders", Name: "a.orders", Policy: tc.policy, Grace: tc.grace}}}, World{})
			spec := parts[0].Resource.(*elasticsearch.Index).Spec
			if got := slices.Contains(spec.ManagementPolicies, "*"); got != tc.goes || (spec.Grace != nil) != (tc.grace > 0) {
				t.Errorf("\n%s\nmanagementPolicies %v, grace %v", tc.reason, spec.ManagementPolicies, spec.Grace)
			}
			if diff := cmp.Diff(tc.want, spec.Deletion); diff != "" {
				t.Errorf("\n%s\ndeletion: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
