package index

import (
	"context"
	"fmt"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Delete deletes the index of exactly this name, if it is ours. One that was
// adopted is left behind without our mark.
func (e *external) Delete(ctx context.Context, cr *v1alpha1.Index) (managed.ExternalDelete, error) {
	got, mark, err := e.owned(ctx, cr)
	if elasticsearch.IsNotFound(err) || owner.IsRefusal(err) {
		return managed.ExternalDelete{}, nil
	}
	if err != nil {
		return managed.ExternalDelete{}, err
	}
	name := meta.GetExternalName(cr)
	if mark.State == owner.Adopted {
		return managed.ExternalDelete{}, errors.Wrapf(e.release(ctx, name, got), "cannot release index %q", name)
	}
	if err := e.svc.DeleteIndex(ctx, name); err != nil && !elasticsearch.IsNotFound(err) {
		return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete index %q", name)
	}
	return managed.ExternalDelete{}, nil
}

// Data tells how many documents would go with the index. One that was adopted is
// not deleted.
func (e *external) Data(ctx context.Context, cr *v1alpha1.Index) (string, error) {
	if d := cr.Spec.Deletion; d != nil && d.Data == custody.DataDelete || cr.Status.AtProvider.Adopted {
		return "", nil
	}
	name := meta.GetExternalName(cr)
	health, err := e.svc.Health(ctx, name)
	if err != nil && !elasticsearch.IsUnsupported(err) {
		return "", errors.Wrapf(err, "cannot get health of index %q", name)
	}
	if health == "red" {
		return "documents that cannot be counted while the index is red", nil
	}
	n, err := e.svc.Documents(ctx, name)
	if err != nil || n == 0 {
		return "", errors.Wrapf(err, "cannot count the documents of index %q", name)
	}
	return fmt.Sprintf("%d documents", n), nil
}

// release takes our mark off an index.
func (e *external) release(ctx context.Context, name string, got elasticsearch.Index) error {
	return e.svc.PutMapping(ctx, name, map[string]any{"_meta": overlay.Unmarked(got.Mappings)})
}
