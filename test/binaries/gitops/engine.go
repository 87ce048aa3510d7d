package main

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync"

	"github.com/argoproj/gitops-engine/pkg/cache"
	"github.com/argoproj/gitops-engine/pkg/diff"
	"github.com/argoproj/gitops-engine/pkg/engine"
	enginesync "github.com/argoproj/gitops-engine/pkg/sync"
	"github.com/argoproj/gitops-engine/pkg/sync/common"
	"github.com/argoproj/gitops-engine/pkg/utils/kube"
	"github.com/argoproj/gitops-engine/pkg/utils/tracing"
	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

const (
	// trackingID is the annotation by which Argo CD finds what it applied.
	trackingID = "argocd.argoproj.io/tracking-id"
	// manager is the name under which Argo CD applies on the server's side.
	manager = "argocd-controller"
	// workers sync at the same time.
	workers = 4
)

// An engine syncs applications.
type gitOps struct {
	config *rest.Config
	cache  cache.ClusterCache
	engine engine.GitOpsEngine
	plugin plugin
	runner diff.ServerSideDryRunner
	stop   []func()

	mu    sync.Mutex
	apps  map[string]string // Those that were ever seen, with the commit they are at.
	dirty map[string]bool   // Those of which an object changed since.
}

func newEngine(kubeconfig string, p plugin) (*gitOps, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 100, 200
	e := &gitOps{config: config, plugin: p, apps: map[string]string{}, dirty: map[string]bool{}}
	e.cache = cache.NewClusterCache(config, cache.SetLogr(logr.Discard()), cache.SetPopulateResourceInfoHandler(
		func(u *unstructured.Unstructured, _ bool) (any, bool) {
			app := appOf(u)
			return app, app != ""
		}))
	e.cache.OnResourceUpdated(e.changed)
	e.engine = engine.NewEngine(config, e.cache, engine.WithLogr(logr.Discard()))
	stop, err := e.engine.Run()
	if err != nil {
		return nil, err
	}
	applier, cleanup, err := kube.ManageServerSideDiffDryRuns(config, e.cache.GetOpenAPISchema(), tracing.NopTracer{}, logr.Discard(),
		func(string) (kube.CleanupFunc, error) { return func() {}, nil })
	if err != nil {
		return nil, err
	}
	e.runner = diff.NewK8sServerSideDryRunner(applier)
	e.stop = append(e.stop, cleanup, func() { stop() })
	return e, nil
}

func (e *gitOps) close() {
	for _, stop := range e.stop {
		stop()
	}
}

// changed notes whose object changed.
func (e *gitOps) changed(now, before *cache.Resource, _ map[kube.ResourceKey]*cache.Resource) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range []*cache.Resource{now, before} {
		if r != nil {
			if app, _ := r.Info.(string); app != "" {
				e.dirty[app] = true
			}
		}
	}
}

// reconcile brings all applications to a commit: those whose folder changed or is gone,
// those of which an object changed, and those that failed before.
func (e *gitOps) reconcile(ctx context.Context, revision, dir string, folders []string) {
	e.mu.Lock()
	for _, folder := range folders {
		if _, known := e.apps[folder]; !known {
			e.apps[folder] = ""
		}
	}
	var due []string
	for app, at := range e.apps {
		if at != revision || e.dirty[app] {
			due = append(due, app)
		}
		delete(e.dirty, app)
	}
	e.mu.Unlock()
	var running sync.WaitGroup
	slots := make(chan struct{}, workers)
	for _, app := range due {
		slots <- struct{}{}
		running.Add(1)
		go func() {
			defer running.Done()
			defer func() { <-slots }()
			at := revision
			if err := e.sync(ctx, app, dir, revision); err != nil {
				log.Printf("%s: %s", app, err)
				at = "" // Again with the next tick.
			}
			e.mu.Lock()
			e.apps[app] = at
			e.mu.Unlock()
		}()
	}
	running.Wait()
}

// sync brings one application to what its folder holds.
func (e *gitOps) sync(ctx context.Context, app, dir, revision string) error {
	target, err := e.manifests(ctx, dir, app)
	if err != nil {
		return err
	}
	for _, o := range target {
		annotations := o.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[trackingID] = idOf(app, o)
		o.SetAnnotations(annotations)
	}
	ours := func(r *cache.Resource) bool { info, _ := r.Info.(string); return info == app }
	modified, err := e.modified(target, ours)
	if err != nil || !modified {
		return err
	}
	propagation := metav1.DeletePropagationForeground
	results, err := e.engine.Sync(ctx, target, ours, revision, "default", enginesync.WithPrune(true), enginesync.WithServerSideApply(true),
		enginesync.WithServerSideApplyManager(manager), enginesync.WithPrunePropagationPolicy(&propagation), enginesync.WithLogr(logr.Discard()))
	if err != nil {
		return err
	}
	var failed []string
	for _, r := range results {
		log.Printf("%s: %s %s: %s: %s", app, r.ResourceKey.Kind, r.ResourceKey.Name, r.Status, r.Message)
		if r.Status == common.ResultCodeSyncFailed {
			failed = append(failed, r.Message)
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("sync failed: %s", strings.Join(failed, "; "))
	}
	return nil
}

// modified says whether anything differs from what the folder holds. The API server
// itself says what an apply would make of each object, so that a default that it sets
// is no difference.
func (e *gitOps) modified(target []*unstructured.Unstructured, ours func(*cache.Resource) bool) (bool, error) {
	live, err := e.cache.GetManagedLiveObjs(target, ours)
	if err != nil {
		return false, err
	}
	for key, o := range live {
		live[key] = o.DeepCopy() // The comparison changes what it is given.
	}
	result := enginesync.Reconcile(target, live, "default", e.cache)
	for i := range result.Target {
		if result.Target[i] == nil || result.Live[i] == nil {
			return true, nil
		}
	}
	diffs, err := diff.DiffArray(result.Target, result.Live, diff.WithServerSideDiff(true), diff.WithServerSideDryRunner(e.runner),
		diff.WithManager(manager), diff.WithIgnoreMutationWebhook(false), diff.WithLogr(logr.Discard()))
	if err != nil {
		return true, nil //nolint:nilerr // The sync tells it better: which object, and why.
	}
	return diffs.Modified, nil
}

// idOf is the tracking id of an object of an application.
func idOf(app string, o *unstructured.Unstructured) string {
	gvk := o.GroupVersionKind()
	return fmt.Sprintf("%s:%s/%s:%s/%s", app, gvk.Group, gvk.Kind, o.GetNamespace(), o.GetName())
}

// appOf returns the application whose object it is. A tracking id that names another
// object was copied, as Crossplane copies annotations of a claim to its composite.
func appOf(o *unstructured.Unstructured) string {
	id := o.GetAnnotations()[trackingID]
	app, _, _ := strings.Cut(id, ":")
	if id != idOf(app, o) {
		return ""
	}
	return app
}
