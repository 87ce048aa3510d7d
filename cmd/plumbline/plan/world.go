package plan

import (
	"slices"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
)

// Find is what the function finds: what is there, without what goes with claims that
// the same plan removes.
func (p planner) Find(s *fnv1.ResourceSelector) ([]map[string]any, error) {
	found, err := p.cluster.Find(s)
	return slices.DeleteFunc(slices.Clone(found), func(o map[string]any) bool {
		claim := text(o, "metadata", "labels", "crossplane.io/claim-namespace") + "/" + text(o, "metadata", "labels", "crossplane.io/claim-name")
		return p.leaves[claim]
	}), err
}

// Serves says whether the API server knows a kind.
func (p planner) Serves(apiVersion, kind string) (bool, error) {
	return p.cluster.Serves(apiVersion, kind)
}
