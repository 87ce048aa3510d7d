package scale

import (
	"context"
	"sync"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// A readiness remembers when each claim of a kind was first seen Ready. It watches, as
// asking again and again for a thousand claims would cost what is measured.
type readiness struct {
	mu    sync.Mutex
	since map[string]time.Time // By namespace/name.
	words map[string]string    // What those that are not Ready say.
}

// watchReadiness watches the claims of a kind until the context ends.
func watchReadiness(ctx context.Context, config *rest.Config, claims schema.GroupVersionResource) (*readiness, error) {
	k, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, errors.Wrap(err, "cannot connect")
	}
	r := &readiness{since: map[string]time.Time{}, words: map[string]string{}}
	factory := dynamicinformer.NewDynamicSharedInformerFactory(k, 0)
	informer := factory.ForResource(claims).Informer()
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    r.see,
		UpdateFunc: func(_, o any) { r.see(o) },
		DeleteFunc: r.forget,
	}); err != nil {
		return nil, errors.Wrap(err, "cannot watch claims")
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return nil, errors.New("cannot list claims")
	}
	return r, nil
}

func (r *readiness) see(o any) {
	u, ok := o.(*unstructured.Unstructured)
	if !ok {
		return
	}
	c := &claim.Unstructured{Unstructured: *u}
	name := c.GetNamespace() + "/" + c.GetName()
	r.mu.Lock()
	defer r.mu.Unlock()
	if c.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue {
		r.words[name], _, _ = unstructured.NestedString(c.Object, "status", "summary")
		if r.words[name] == "" { // As of a managed resource.
			r.words[name] = c.GetCondition(xpv2.TypeSynced).Message
		}
		return
	}
	delete(r.words, name)
	if r.since[name].IsZero() {
		r.since[name] = time.Now()
	}
}

func (r *readiness) forget(o any) {
	name, err := cache.DeletionHandlingMetaNamespaceKeyFunc(o)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.since, name)
	delete(r.words, name)
}

// of returns when each of the claims was first seen Ready, of those that were, and
// what one of the others says.
func (r *readiness) of(names []string) (ready map[string]time.Time, missing string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ready = map[string]time.Time{}
	for _, name := range names {
		if t, ok := r.since[name]; ok {
			ready[name] = t
		} else {
			missing = name + ": " + r.words[name]
		}
	}
	return ready, missing
}
