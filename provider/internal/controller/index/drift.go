package index

import (
	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// A drift is what separates an index from what is desired of it.
type drift struct {
	overlay.Drift

	aliases aliasDrift
}

func (d *drift) none() bool { return d.None() && d.aliases.none() }

// all lists the fields in which the index is not as desired.
func (d *drift) all() []custody.Difference { return append(d.Differences, d.aliases.differences...) }

// String tells the drift to people who debug; it is empty if there is none.
func (d *drift) String() string { return d.Drift.String() + d.aliases.String() }

// differ compares an index with what is desired of it.
func differ(cr *v1alpha1.Index, got elasticsearch.Index, mark owner.Mark) (drift, error) {
	want, err := desire(cr.Spec.ForProvider, mark)
	if err != nil {
		return drift{}, err
	}
	aliases, err := compareAliases(got.Aliases, cr.Spec.ForProvider.Aliases, cr.Status.AtProvider.Aliases, kind.Ignores(cr))
	return drift{Drift: overlay.Compare(got, want, kind.Ignores(cr)), aliases: aliases}, err
}
