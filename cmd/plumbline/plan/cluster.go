package plan

import (
	"context"
	"fmt"
	"strings"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	kerrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/plumbline-dev/plumbline/provider/survey"
)

// A Cluster is a control plane of which objects are read, each once.
type Cluster struct {
	// Backends, if there are any, are asked what has the name of something new.
	Backends *survey.Backends

	ctx    context.Context //nolint:containedctx // A Cluster lives as long as the plan that it is made for.
	client dynamic.Interface
	mapper meta.RESTMapper
	seen   map[string][]map[string]any

	schemas map[schema.GroupVersionResource]*structural.Structural
}

// Read returns the control plane of a configuration.
func Read(ctx context.Context, config *rest.Config) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // The API server itself says when it is too much.
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	discover, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("cannot connect: %w", err)
	}
	return &Cluster{
		ctx: ctx, client: client, seen: map[string][]map[string]any{},
		schemas: map[schema.GroupVersionResource]*structural.Structural{},
		mapper:  restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(discover)),
	}, nil
}

// Serves says whether the API server knows a kind.
func (c *Cluster) Serves(apiVersion, kind string) (bool, error) {
	_, err := c.mapping(apiVersion, kind)
	if meta.IsNoMatchError(err) {
		return false, nil
	}
	return err == nil, err
}

// Find returns the objects that a selector matches.
func (c *Cluster) Find(s *fnv1.ResourceSelector) ([]map[string]any, error) {
	if s.GetMatchLabels() != nil {
		return c.list(s.GetApiVersion(), s.GetKind(), s.GetNamespace(), s.GetMatchLabels().GetLabels())
	}
	object, err := c.get(s.GetApiVersion(), s.GetKind(), s.GetNamespace(), s.GetMatchName())
	if object == nil || err != nil {
		return nil, err
	}
	return []map[string]any{object}, nil
}

// get returns an object, or nil where there is none.
func (c *Cluster) get(apiVersion, kind, namespace, name string) (map[string]any, error) {
	key := strings.Join([]string{apiVersion, kind, namespace, name}, "|")
	if seen, ok := c.seen[key]; ok {
		return first(seen), nil
	}
	resources, err := c.resources(apiVersion, kind, namespace)
	if resources == nil || err != nil {
		return nil, err
	}
	u, err := resources.Get(c.ctx, name, metav1.GetOptions{})
	switch {
	case kerrors.IsNotFound(err):
		c.seen[key] = nil
	case err != nil:
		return nil, fmt.Errorf("cannot read %s %q: %w", kind, name, err)
	default:
		c.seen[key] = []map[string]any{u.Object}
	}
	return first(c.seen[key]), nil
}

func (c *Cluster) list(apiVersion, kind, namespace string, selected map[string]string) ([]map[string]any, error) {
	resources, err := c.resources(apiVersion, kind, namespace)
	if resources == nil || err != nil {
		return nil, err
	}
	list, err := resources.List(c.ctx, metav1.ListOptions{LabelSelector: labels.SelectorFromSet(selected).String()})
	if err != nil {
		return nil, fmt.Errorf("cannot list %s: %w", kind, err)
	}
	var out []map[string]any
	for _, item := range list.Items {
		out = append(out, item.Object)
	}
	return out, nil
}

// unread says whether a kind is never read. That somebody else has the name of such an
// object is seen when the claim is applied.
func unread(apiVersion, kind string) bool { return apiVersion == "v1" && kind == "Secret" }

// resources returns where objects of a kind are read, or nil where the API server does
// not know it, or it is not to be read.
func (c *Cluster) resources(apiVersion, kind, namespace string) (dynamic.ResourceInterface, error) {
	if unread(apiVersion, kind) {
		return nil, nil //nolint:nilnil // Nothing of it is seen.
	}
	mapping, err := c.mapping(apiVersion, kind)
	if meta.IsNoMatchError(err) {
		return nil, nil //nolint:nilnil // What is not served holds nothing.
	}
	if err != nil {
		return nil, fmt.Errorf("cannot look up kind %s: %w", kind, err)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return c.client.Resource(mapping.Resource).Namespace(namespace), nil
	}
	return c.client.Resource(mapping.Resource), nil
}

func (c *Cluster) mapping(apiVersion, kind string) (*meta.RESTMapping, error) {
	gv, err := schema.ParseGroupVersion(apiVersion)
	if err != nil {
		return nil, err
	}
	return c.mapper.RESTMapping(gv.WithKind(kind).GroupKind(), gv.Version)
}

func first(objects []map[string]any) map[string]any {
	if len(objects) == 0 {
		return nil
	}
	return objects[0]
}
