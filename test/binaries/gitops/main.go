// Command gitops applies what a Git repository holds to a control plane, and keeps it
// so, with the engine that Argo CD is made of: its cache, diff, sync and prune.
//
// Each folder that a pattern matches is an application of its own, as the Git
// generator of an ApplicationSet makes them: it is synced, pruned and healed alone,
// and is pruned as a whole when its folder goes. Sync options are read from the
// objects, as in Argo CD, and a prune that wants to be confirmed is not done: there is
// nobody who could confirm it. Of a ConfigManagementPlugin only the command that generates
// is run, in the folder of the application, with none of Argo CD's own variables. What is missing is all around the engine: the
// Application and its API, projects, Helm, Kustomize, and the health of kinds in Lua.
package main

import (
	"context"
	"flag"
	"log"
	"os/signal"
	"syscall"
	"time"
)

// interval is how often the repository is asked for a new commit.
const interval = 500 * time.Millisecond

func main() {
	kubeconfig := flag.String("kubeconfig", "", "Kubeconfig of the control plane.")
	repository := flag.String("repository", "", "Repository to clone, by path or URL.")
	branch := flag.String("branch", "main", "Branch to follow.")
	work := flag.String("work", "", "Folder to clone into.")
	config := flag.String("plugin", "", "ConfigManagementPlugin that makes the objects of each folder; without one its files are read.")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	p, err := readPlugin(*config)
	if err != nil {
		log.Fatal(err)
	}
	if err := run(ctx, *kubeconfig, p, checkout{repository: *repository, branch: *branch, dir: *work}, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, kubeconfig string, p plugin, c checkout, patterns []string) error {
	if err := c.clone(ctx); err != nil {
		return err
	}
	e, err := newEngine(kubeconfig, p)
	if err != nil {
		return err
	}
	defer e.close()
	log.Print("gitops is running")
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		revision, err := c.pull(ctx)
		if err != nil {
			return err
		}
		folders, err := c.folders(patterns)
		if err != nil {
			return err
		}
		e.reconcile(ctx, revision, c.dir, folders)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
