package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// stopWithin is how long requests may take to finish once the program stops.
const stopWithin = 5 * time.Second

// run serves all backends that have an address until ctx ends, or until one of
// them fails.
func run(ctx context.Context, log *slog.Logger, o options) error {
	all, err := backends(o)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(all))
	started := 0
	for _, b := range all {
		var listener net.Listener
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", b.address); err != nil {
			err = fmt.Errorf("cannot serve %q: %w", b.name, err)
			break
		}
		log.Info("Serving", "backend", b.name, "address", listener.Addr().String())
		go func() { ended <- b.serve(ctx, log, listener, o) }()
		started++
	}
	if err != nil {
		stop()
	}
	for range started {
		if e := <-ended; e != nil {
			err = errors.Join(err, e)
		}
		stop() // One that ended ends all.
	}
	log.Info("Stopped")
	return err
}

// serve answers at a listener until ctx ends, and then lets the requests that are
// being answered finish.
func (b backend) serve(ctx context.Context, log *slog.Logger, listener net.Listener, o options) error {
	server := &http.Server{
		Handler: b.handler, ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(log.With("backend", b.name).Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	finish := context.AfterFunc(ctx, func() {
		within, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		stopped <- server.Shutdown(within)
	})
	var err error
	if b.tls {
		err = server.ServeTLS(listener, o.TLSCertFile, o.TLSKeyFile)
	} else {
		err = server.Serve(listener)
	}
	if finish() || !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve %q: %w", b.name, err)
	}
	if err := <-stopped; err != nil {
		_ = server.Close() // A request that does not end must not keep the program.
	}
	return nil
}
