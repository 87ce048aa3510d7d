package kind

import (
	"context"
	"regexp"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"k8s.io/apimachinery/pkg/api/equality"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

// frugalManager hands its client to the managed reconciler.
type frugalManager struct {
	ctrl.Manager
	client client.Client
}

func (m frugalManager) GetClient() client.Client { return m.client }

// frugalClient writes the status of a managed resource only if it changed. The
// managed reconciler writes it each time, which for a thousand resources that
// are looked at every minute is most of what the provider asks of the API
// server.
//
// It takes Ready back from those whose objects cannot be looked at, and forgets since
// when once they are gone.
type frugalClient struct {
	client.Client

	failures *failures
	readyFor time.Duration
}

func (c frugalClient) Get(ctx context.Context, k client.ObjectKey, o client.Object, opts ...client.GetOption) error {
	err := c.Client.Get(ctx, k, o, opts...)
	mg, ok := o.(resource.Managed)
	switch v := visitOf(ctx); {
	case !ok:
	case kerrors.IsNotFound(err):
		c.failures.forget(k)
	case err == nil && v.loaded == nil:
		v.loaded, _ = mg.DeepCopyObject().(resource.Managed)
	}
	return err
}

func (c frugalClient) Update(ctx context.Context, o client.Object, opts ...client.UpdateOption) error {
	if v := visitOf(ctx); v.announced {
		v.announced = false
		return nil
	}
	return noteStale(ctx, c.Client.Update(ctx, o, opts...))
}

func (c frugalClient) Status() client.SubResourceWriter {
	return frugalWriter{c.Client.Status(), c.failures, c.readyFor}
}

type frugalWriter struct {
	client.SubResourceWriter

	failures *failures
	readyFor time.Duration
}

func (w frugalWriter) Update(ctx context.Context, o client.Object, opts ...client.SubResourceUpdateOption) error {
	mg, ok := o.(resource.Managed)
	if !ok {
		return w.SubResourceWriter.Update(ctx, o, opts...)
	}
	loaded := visitOf(ctx).loaded
	openWithReason(mg, loaded)
	w.doubt(ctx, mg)
	// Not before: other writes of the reconciler bring back the status as stored.
	if k, ok := mg.(custody.Keeper); ok && visitOf(ctx).ledger != nil {
		*k.Custody().Record = visitOf(ctx).ledger.Record
	}
	if loaded != nil && equality.Semantic.DeepEqual(loaded, mg) || visitOf(ctx).passing(mg) {
		return nil
	}
	err := noteStale(ctx, w.SubResourceWriter.Update(ctx, o, opts...))
	if kerrors.IsConflict(err) {
		return errors.Join(err, w.record(ctx, loaded))
	}
	return err
}

// record writes the ledger alone, for a status that came too late: what was put right
// shows no more, so nobody would enter it again. Nobody else writes it.
func (w frugalWriter) record(ctx context.Context, loaded resource.Managed) error {
	before, known := loaded.(custody.Keeper)
	l := visitOf(ctx).ledger
	if !known || l == nil || equality.Semantic.DeepEqual(*before.Custody().Record, l.Record) {
		return nil
	}
	after, ok := loaded.DeepCopyObject().(resource.Managed)
	if !ok {
		return nil
	}
	if k, ok := after.(custody.Keeper); ok {
		*k.Custody().Record = l.Record
	}
	return errors.Wrap(client.IgnoreNotFound(w.Patch(ctx, after, client.MergeFrom(loaded))), "cannot write the ledger of drift")
}

// noteStale notes a conflict: the managed reconciler comes back as if it had
// failed, which after a row of failures would take a minute.
func noteStale(ctx context.Context, err error) error {
	if kerrors.IsConflict(err) {
		visitOf(ctx).stale = true
	}
	return err
}

// step is what the managed reconciler puts before a message that opens with a
// reason in one word, such as ExistsNotOwned.
var step = regexp.MustCompile(`^(?:connect|observe|create|update|delete) failed: ([A-Z][A-Za-z]+: )`)

// openWithReason has the message of condition Synced open with its reason, so
// that people and programs find it. The time of the last transition is that of
// the condition that was stored in the same words.
func openWithReason(mg, loaded resource.Managed) {
	synced := mg.GetCondition(xpv2.TypeSynced)
	message := step.ReplaceAllString(synced.Message, "$1")
	if message == synced.Message {
		return
	}
	synced.Message = message
	if loaded != nil {
		if stored := loaded.GetCondition(xpv2.TypeSynced); stored.Equal(synced) {
			synced.LastTransitionTime = stored.LastTransitionTime
		}
	}
	mg.SetConditions(synced)
}
