// Package lifecyclepolicy manages index lifecycle policies of Elasticsearch. A phase
// or action that somebody added is taken away again: it could delete data. A policy
// that is in use stays until nothing follows it.
package lifecyclepolicy

import (
	"encoding/json"
	"strings"
	"unicode"

	"github.com/crossplane/crossplane-runtime/v2/pkg/controller"
	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/document"
)

// Setup adds the controller of kind LifecyclePolicy to a manager.
func Setup(mgr ctrl.Manager, o controller.Options, c *connect.Elasticsearch) error {
	return documents().Setup(mgr, o, c)
}

// External returns the external client of the kind's resources.
func External(conn connect.Connection[*elasticsearch.Client]) managed.TypedExternalClient[*v1alpha1.LifecyclePolicy] {
	return documents().External(conn)
}

func documents() document.Kind[*v1alpha1.LifecyclePolicy] {
	return document.Kind[*v1alpha1.LifecyclePolicy]{
		Of:       v1alpha1.LifecyclePolicyGroupVersionKind,
		Object:   &v1alpha1.LifecyclePolicy{},
		List:     &v1alpha1.LifecyclePolicyList{},
		Noun:     "lifecycle policy",
		Path:     elasticsearch.LifecyclePolicies,
		Metadata: []string{"policy", "_meta"},
		Desire:   desire,
		Status: func(cr *v1alpha1.LifecyclePolicy) *v1alpha1.DocumentObservation {
			return &cr.Status.AtProvider.DocumentObservation
		},
		Report: report,
		Users:  users,
	}
}

// phases and actions are all that a policy can have. Those that a resource leaves
// out must not be there.
func phases() []string { return []string{"hot", "warm", "cold", "frozen", "delete"} }

func actions() []string {
	return []string{"set_priority", "unfollow", "rollover", "readonly", "downsample", "allocate", "migrate", "shrink",
		"forcemerge", "searchable_snapshot", "wait_for_snapshot", "delete"}
}

func desire(cr *v1alpha1.LifecyclePolicy) (elasticsearch.Document, error) {
	p := *cr.Spec.ForProvider.DeepCopy()
	metadata, err := document.Metadata("spec.forProvider.metadata", p.Metadata)
	if err != nil {
		return nil, err
	}
	p.Metadata = nil
	b, err := json.Marshal(p)
	if err != nil {
		return nil, errors.Wrap(err, "cannot encode phases")
	}
	var given map[string]any
	if err := json.Unmarshal(b, &given); err != nil {
		return nil, errors.Wrap(err, "cannot encode phases")
	}
	all := complete(inSnakeCase(given), phases())
	for _, phase := range all {
		if phase, ok := phase.(map[string]any); ok {
			done, _ := phase["actions"].(map[string]any)
			phase["actions"] = complete(done, actions())
		}
	}
	return elasticsearch.Document{"policy": map[string]any{"phases": all, "_meta": metadata}}, nil
}

// complete has null for what is not there.
func complete(given map[string]any, names []string) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		out[name] = given[name]
	}
	return out
}

// inSnakeCase spells the names of fields as Elasticsearch does. Attributes of nodes
// are the user's own words.
func inSnakeCase(in map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range in {
		if o, ok := v.(map[string]any); ok && k != "include" && k != "exclude" && k != "require" {
			v = inSnakeCase(o)
		}
		out[snakeCase(k)] = v
	}
	return out
}

func snakeCase(name string) string {
	var b strings.Builder
	for _, r := range name {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func report(cr *v1alpha1.LifecyclePolicy, got elasticsearch.Document) {
	status := &cr.Status.AtProvider
	version, _ := got["version"].(float64)
	status.Version = int64(version)
	status.ModifiedDate, _ = got["modified_date"].(string)
	status.InUseBy = int64(len(users(got)))
}

// users names the indices, data streams and templates that follow a policy.
func users(got elasticsearch.Document) []string {
	var all []string
	inUse, _ := got["in_use_by"].(map[string]any)
	for _, by := range []struct{ field, noun string }{
		{"indices", "index"}, {"data_streams", "data stream"}, {"composable_templates", "index template"},
	} {
		names, _ := inUse[by.field].([]any)
		for _, name := range names {
			if name, ok := name.(string); ok {
				all = append(all, by.noun+" \""+name+"\"")
			}
		}
	}
	return all
}
