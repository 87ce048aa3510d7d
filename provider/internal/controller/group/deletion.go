package group

import (
	"context"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
	"github.com/plumbline-dev/plumbline/provider/internal/owner"
)

// Delete moves the group to the deleted items, if it is ours. One that was adopted
// is left behind without our mark.
func (e *external) Delete(ctx context.Context, cr *v1alpha1.Group) (managed.ExternalDelete, error) {
	found, mark, err := e.owned(ctx, cr)
	switch {
	case graph.IsNotFound(err):
		return managed.ExternalDelete{}, e.deleteMissing(ctx, cr)
	case owner.IsRefusal(err):
		return managed.ExternalDelete{}, nil
	case err != nil:
		return managed.ExternalDelete{}, err
	case mark.State == owner.Adopted:
		err := e.svc.UpdateGroup(ctx, found.ID, found.DisplayName, unmarked(found.Description))
		return managed.ExternalDelete{}, errors.Wrapf(err, "cannot release group %q", cr.Spec.ForProvider.UniqueName)
	}
	if err := e.svc.DeleteGroup(ctx, found.ID); err != nil && !graph.IsNotFound(err) {
		return managed.ExternalDelete{}, errors.Wrapf(err, "cannot delete group %q", cr.Spec.ForProvider.UniqueName)
	}
	return managed.ExternalDelete{}, nil
}

// deleteMissing deletes a group that cannot be found. If that may be because it
// is not known everywhere yet, it is an error, so that the resource stays until
// the group is certainly gone.
func (e *external) deleteMissing(ctx context.Context, cr *v1alpha1.Group) error {
	unsettled, err := e.unsettled(ctx, cr)
	if err != nil || !unsettled {
		return err
	}
	return errors.Errorf("group %q was created a moment ago and cannot be found yet; it is deleted as soon as it can", cr.Spec.ForProvider.UniqueName)
}
