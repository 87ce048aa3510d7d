package main

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// reconciles are how many the provider does a second, by default.
const reconciles = 50

// lead has another process take the lead: it remembers nothing, looks at each resource
// once, and sweeps as often as the provider looks whether a sweep is due.
func lead(ctx context.Context, next, before client, n int, count func() (int, error)) (int, error) {
	if g, ok := next.(*groups); ok {
		g.ids = before.(*groups).ids //nolint:forcetypeassert // They are of one backend.
	}
	if _, err := count(); err != nil {
		return 0, err
	}
	sweeping, stop := context.WithCancel(ctx)
	var sweeps sync.WaitGroup
	sweeps.Go(func() {
		for every := time.Tick(time.Second); sweeping.Err() == nil; {
			next.Sweep(ctx)
			select {
			case <-every:
			case <-sweeping.Done():
			}
		}
	})
	// As many a second as the provider reconciles.
	pace := rate.NewLimiter(reconciles, reconciles)
	err := forEach(n, func(i int) error {
		if err := pace.Wait(ctx); err != nil {
			return err
		}
		return patiently(ctx, func() error { return next.observe(resource(ctx, i), i) })
	})
	stop()
	sweeps.Wait()
	if err != nil {
		return 0, err
	}
	return count()
}
