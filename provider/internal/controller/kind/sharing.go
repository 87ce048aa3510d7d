package kind

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// A sharingClient lists what the cache holds, without copies of it. Who counts the states
// of resources does so every few seconds, changes none, and keeps the last list: copies
// would be all resources a second time.
type sharingClient struct{ client.Client }

func (c sharingClient) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	return c.Client.List(ctx, list, append(opts, client.UnsafeDisableDeepCopy)...)
}
