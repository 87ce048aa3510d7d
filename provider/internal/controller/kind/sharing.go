package kind

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A SharingClient lists what the cache holds, without copies of it. It is for
// who only counts: the states of resources are counted every few seconds, and the last list
// is kept, so that copies would be all resources a second time.
type SharingClient struct{ client.Client }

func (c SharingClient) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	return c.Client.List(ctx, list, append(opts, client.UnsafeDisableDeepCopy)...)
}
