package scale

import (
	"strings"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
)

// An Amount says how much a provider has to look after, in one of two ways.
type Amount struct{ Resources, Environments int }

// enough reports whether there is as much.
func (a Amount) enough(resources, environments int) bool {
	if a.Resources > 0 {
		return resources >= a.Resources
	}
	return environments >= a.Environments
}

// A crowdOfResources is the managed resources of some environments.
type crowdOfResources struct {
	environments int
	objects      []*unstructured.Unstructured
	next         *unstructured.Unstructured // Of the environment after the last.
}

// gather makes managed resources as the claims of a mix become them. The last environment
// may have only some of its own.
func gather(root string, of Amount) (crowdOfResources, error) {
	mix, err := newMix(root, providerShares())
	if err != nil {
		return crowdOfResources{}, err
	}
	blueprint, err := blueprintOf(root)
	if err != nil {
		return crowdOfResources{}, err
	}
	var out crowdOfResources
	for !of.enough(len(out.objects), out.environments) {
		more, err := mix.managed(out.environments, blueprint)
		if err != nil {
			return out, err
		}
		out.objects = append(out.objects, more...)
		out.environments++
	}
	if of.Resources > 0 {
		out.objects = out.objects[:of.Resources]
	}
	more, err := mix.managed(out.environments, blueprint)
	if err != nil {
		return out, err
	}
	out.next = more[0] // Every environment has a group at least.
	return out, nil
}

// managed returns the managed resources of the claim of a number, as Crossplane would
// apply them: with its labels, though without an owner, as there is none.
func (m *Mix) managed(number int, blueprint map[string]any) ([]*unstructured.Unstructured, error) {
	claim, err := m.Claim(number)
	if err != nil {
		return nil, err
	}
	became, err := rehearsal.Run(claim, blueprint, time.Now())
	if err != nil {
		return nil, errors.Wrapf(err, "cannot expand claim %d", number)
	}
	var out []*unstructured.Unstructured
	for _, r := range became.Resources {
		u := &unstructured.Unstructured{Object: r.Object}
		group, _, _ := strings.Cut(u.GetAPIVersion(), "/")
		if group != elasticsearch.GroupVersion.Group && group != entra.GroupVersion.Group {
			continue
		}
		labels := u.GetLabels()
		labels["crossplane.io/claim-name"], labels["crossplane.io/claim-namespace"] = claim.GetName(), claim.GetNamespace()
		labels["crossplane.io/composite"] = claim.GetName() + "-abcde"
		u.SetLabels(labels)
		annotations := u.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations["crossplane.io/composition-resource-name"] = r.Part
		u.SetAnnotations(annotations)
		out = append(out, u)
	}
	return out, nil
}
