package index

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	"github.com/crossplane/crossplane-runtime/v2/pkg/reconciler/managed"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/overlay"
)

// A cluster is the part of Elasticsearch that these tests need, in memory.
type cluster struct {
	indices map[string]elasticsearch.Index
	health  string
	alias   string // Name that leads to an index of another name.
	fail    error  // Answer to everything.
	frozen  error  // Answer to every write.
}

func notFound() error {
	return &elasticsearch.Error{Status: 404, Type: "index_not_found_exception", Reason: "no such index"}
}

func (c *cluster) Index(_ context.Context, name string) (elasticsearch.Index, error) {
	if c.fail != nil {
		return elasticsearch.Index{}, c.fail
	}
	if name == c.alias {
		return elasticsearch.Index{}, &elasticsearch.TakenError{Name: name, By: "other-000001"}
	}
	if i, ok := c.indices[name]; ok {
		return i, nil
	}
	return elasticsearch.Index{}, notFound()
}

func (c *cluster) Health(context.Context, string) (string, error) { return c.health, c.fail }

func (c *cluster) CreateIndex(_ context.Context, name string, settings map[string]string, mappings map[string]any) error {
	if err := errors.Join(c.fail, c.frozen); err != nil {
		return err
	}
	if _, ok := c.indices[name]; ok {
		return &elasticsearch.Error{Status: 400, Type: "resource_already_exists_exception"}
	}
	c.indices[name] = elasticsearch.Index{UUID: "new", Settings: maps.Clone(settings), Mappings: mappings}
	return nil
}

func (c *cluster) PutSettings(_ context.Context, name string, settings map[string]string) error {
	if c.frozen != nil {
		return c.frozen
	}
	maps.Copy(c.indices[name].Settings, settings)
	return nil
}

func (c *cluster) PutMapping(_ context.Context, name string, mapping map[string]any) error {
	if c.frozen != nil {
		return c.frozen
	}
	maps.Copy(c.indices[name].Mappings, mapping)
	return nil
}

func (c *cluster) ChangeAliases(_ context.Context, name string, put map[string]map[string]any, remove []string) error {
	i := c.indices[name]
	i.Aliases = maps.Clone(i.Aliases)
	for _, alias := range remove {
		delete(i.Aliases, alias)
	}
	if i.Aliases == nil {
		i.Aliases = map[string]map[string]any{}
	}
	maps.Copy(i.Aliases, put)
	c.indices[name] = i
	return errors.Join(c.fail, c.frozen)
}

func (c *cluster) DeleteIndex(_ context.Context, name string) error {
	if c.frozen != nil {
		return c.frozen
	}
	delete(c.indices, name)
	return nil
}

func (c *cluster) Documents(context.Context, string) (int64, error) { return 0, c.fail }

const (
	name   = "checkout-prod.orders"
	marker = "local/payments/checkout-prod.orders"
)

// index returns an Index, changed by mods.
func index(mods ...func(*v1alpha1.Index)) *v1alpha1.Index {
	cr := &v1alpha1.Index{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name}}
	meta.SetExternalName(cr, name)
	cr.Spec.ForProvider = v1alpha1.IndexParameters{NumberOfShards: new(int32(1)), NumberOfReplicas: new(int32(0))}
	for _, mod := range mods {
		mod(cr)
	}
	return cr
}

func deleted(cr *v1alpha1.Index) { cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }

func moreReplicas(cr *v1alpha1.Index) { cr.Spec.ForProvider.NumberOfReplicas = new(int32(2)) }

// holding returns a cluster with one index under the marker of owner.
func holding(owner string) *cluster {
	mapping := map[string]any{}
	if owner != "" {
		mapping["_meta"] = map[string]any{"plumbline.dev/owner": owner}
	}
	return &cluster{health: "green", indices: map[string]elasticsearch.Index{name: {
		UUID:     "u1",
		Settings: map[string]string{"number_of_shards": "1", "number_of_replicas": "0", "uuid": "u1"},
		Mappings: mapping,
	}}}
}

func empty() *cluster { return &cluster{health: "green", indices: map[string]elasticsearch.Index{}} }

func with(c *cluster, mod func(*cluster)) *cluster { mod(c); return c }

func TestObserve(t *testing.T) {
	type want struct {
		Observation managed.ExternalObservation
		Status      v1alpha1.IndexObservation
		Ready       xpv2.Condition
		Err         string
	}
	ours := v1alpha1.IndexObservation{UUID: "u1", Health: "green", Endpoint: "https://es", Owner: marker}
	cases := map[string]struct {
		reason  string
		cluster *cluster
		cr      *v1alpha1.Index
		want    want
	}{
		"Missing": {
			reason:  "An index that Elasticsearch does not know does not exist.",
			cluster: empty(), cr: index(),
		},
		"UpToDate": {
			reason:  "An index as desired is up to date and ready.",
			cluster: holding(marker), cr: index(),
			want: want{Observation: managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true}, Status: ours, Ready: xpv2.Available()},
		},
		"Yellow": {
			reason:  "An index without its replicas serves its users.",
			cluster: with(holding(marker), func(c *cluster) { c.health = "yellow" }), cr: index(),
			want: want{
				Observation: managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true},
				Status:      v1alpha1.IndexObservation{UUID: "u1", Health: "yellow", Endpoint: "https://es", Owner: marker}, Ready: xpv2.Available(),
			},
		},
		"Red": {
			reason:  "An index without a primary shard is not ready.",
			cluster: with(holding(marker), func(c *cluster) { c.health = "red" }), cr: index(),
			want: want{
				Observation: managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true},
				Status:      v1alpha1.IndexObservation{UUID: "u1", Health: "red", Endpoint: "https://es", Owner: marker},
				Ready:       xpv2.Unavailable().WithMessage("Elasticsearch reports health red: a primary shard is not allocated"),
			},
		},
		"Blocked": {
			reason:  "An index that nobody can write to is not ready, and is left so: Elasticsearch lifts the block itself.",
			cluster: with(holding(marker), func(c *cluster) { c.indices[name].Settings["blocks.read_only_allow_delete"] = "true" }), cr: index(),
			want: want{
				Observation: managed.ExternalObservation{ResourceExists: true, ResourceUpToDate: true},
				Status:      ours,
				Ready:       xpv2.Unavailable().WithMessage("Elasticsearch lets nobody write to it, as when a disk is full: index.blocks.read_only_allow_delete"),
			},
		},
		"Drift": {
			reason:  "A setting that differs is drift.",
			cluster: holding(marker), cr: index(moreReplicas),
			want: want{Observation: managed.ExternalObservation{ResourceExists: true,
				Diff: "settings to put map[number_of_replicas:2], mapping to merge map[], fixed []"}, Status: ours, Ready: xpv2.Available()},
		},
		"NotOwned": {
			reason:  "An index without a marker is refused.",
			cluster: holding(""), cr: index(),
			want: want{Err: `ExistsNotOwned: index "checkout-prod.orders" exists and carries no owner marker; choose another name, remove it, ` +
				`or take it over: set spec.adoption to Adopt, and set plumbline.dev/owner in the _meta of its mapping to "local/payments/checkout-prod.orders;offered"`},
		},
		"OwnedElsewhere": {
			reason:  "An index with another marker is refused, and its holder named.",
			cluster: holding("other/x/y"), cr: index(),
			want: want{Err: `OwnedElsewhere: index "checkout-prod.orders" belongs to "other/x/y", not to "local/payments/checkout-prod.orders"; ` +
				`choose another name, or delete it there first`},
		},
		"Alias": {
			reason:  "A name that is an alias is another's.",
			cluster: with(empty(), func(c *cluster) { c.alias = name }), cr: index(),
			want: want{Err: `ExistsNotOwned: the name "checkout-prod.orders" belongs to an alias or a data stream, which leads to index "other-000001"; choose another name`},
		},
		"Down": {
			reason:  "A cluster that is down says nothing about the index, and Ready keeps what it was.",
			cluster: &cluster{fail: &elasticsearch.Error{Status: 503, Type: "x"}}, cr: index(),
			want: want{Err: `cannot get index "checkout-prod.orders": Elasticsearch answered 503 Service Unavailable (x)`},
		},
		"ProxyNotFound": {
			reason:  "A 404 that is not Elasticsearch's does not mean that the index is missing.",
			cluster: &cluster{fail: &elasticsearch.Error{Status: 404}}, cr: index(),
			want: want{Err: `cannot get index "checkout-prod.orders": answer 404 Not Found does not come from Elasticsearch; check the endpoint and what stands before it`},
		},
		"DeletedNotOurs": {
			reason:  "A resource whose name is another's can go without touching that.",
			cluster: holding("other/x/y"), cr: index(deleted),
		},
		"Deleted": {
			reason:  "An index of a deleted resource exists until it is gone.",
			cluster: holding(marker), cr: index(deleted),
			want: want{Observation: managed.ExternalObservation{ResourceExists: true}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := maps.Clone(tc.cluster.indices)
			e := &external{svc: tc.cluster, installation: "local", endpoint: "https://es"}
			o, err := e.Observe(t.Context(), tc.cr)
			got := want{Observation: o, Status: tc.cr.Status.AtProvider, Err: words(err)}
			if ready := tc.cr.GetCondition(xpv2.TypeReady); ready.Reason != "" {
				got.Ready = ready
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreTypes(metav1.Time{})); diff != "" {
				t.Errorf("\n%s\nObserve(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, tc.cluster.indices); diff != "" {
				t.Errorf("\nObserving changes nothing.\nObserve(...): -before, +after:\n%s", diff)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	cases := map[string]struct {
		reason  string
		cluster *cluster
		owner   string
		err     string
	}{
		"New":    {"A new index carries our marker from its first moment.", empty(), marker, ""},
		"Twice":  {"An index that is there already is no mistake: the next observation looks at it.", holding(marker), marker, ""},
		"Others": {"An index that another made meanwhile is left as it is.", holding("other/x/y"), "other/x/y", ""},
		"Refused": {
			"A refusal is reported.", with(empty(), func(c *cluster) {
				c.frozen = &elasticsearch.Error{Status: 400, Type: "illegal_argument_exception", Reason: "unknown setting [index.x]"}
			}), "", `Refused: cannot create index "checkout-prod.orders": illegal_argument_exception: unknown setting [index.x]`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := &external{svc: tc.cluster, installation: "local"}
			_, err := e.Create(t.Context(), index())
			if diff := cmp.Diff(tc.err, words(err)); diff != "" {
				t.Errorf("\n%s\nCreate(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.owner, overlay.MarkOf(tc.cluster.indices[index().GetName()].Mappings).String()); diff != "" {
				t.Errorf("\n%s\nowner: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	cases := map[string]struct {
		reason   string
		cluster  *cluster
		cr       *v1alpha1.Index
		replicas string
		err      string
	}{
		"Dynamic": {"A dynamic setting changes in place.", holding(marker), index(moreReplicas), "2", ""},
		"FixedToo": {
			"What can change changes, and what cannot is reported; nothing is deleted.", holding(marker),
			index(moreReplicas, func(cr *v1alpha1.Index) { cr.Spec.ForProvider.NumberOfShards = new(int32(3)) }), "2",
			`ImmutableIndex: of index "checkout-prod.orders", number_of_shards is "1" and cannot become "3"; set it back, or reindex into an index of another name`,
		},
		"NotOwned": {
			"What is not ours is not written to, whoever asks.", holding("other/x/y"), index(moreReplicas), "0",
			`OwnedElsewhere: index "checkout-prod.orders" belongs to "other/x/y", not to "local/payments/checkout-prod.orders"; choose another name, or delete it there first`,
		},
		"Blocked": {
			"A cluster short of disk refuses writes for a while; the block is not ours to lift.",
			with(holding(marker), func(c *cluster) { c.frozen = &elasticsearch.Error{Status: 429, Type: "cluster_block_exception"} }), index(moreReplicas), "0",
			`cannot change settings of index "checkout-prod.orders": Elasticsearch answered 429 Too Many Requests (cluster_block_exception)`,
		},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			e := &external{svc: tc.cluster, installation: "local"}
			_, err := e.Update(t.Context(), tc.cr)
			if diff := cmp.Diff(tc.err, words(err)); diff != "" {
				t.Errorf("\n%s\nUpdate(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.replicas, tc.cluster.indices[name].Settings["number_of_replicas"]); diff != "" {
				t.Errorf("\n%s\nreplicas: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff("u1", tc.cluster.indices[name].UUID); diff != "" {
				t.Errorf("\nAn index is never made anew.\nuuid: -want, +got:\n%s", diff)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	cases := map[string]struct {
		reason  string
		cluster *cluster
		left    int
		err     string
	}{
		"Ours":     {"Our index is deleted.", holding(marker), 0, ""},
		"Gone":     {"An index that is gone is deleted.", empty(), 0, ""},
		"NotOwned": {"An index without a marker stays.", holding(""), 1, ""},
		"Others":   {"Another's index stays.", holding("other/x/y"), 1, ""},
		"Down": {
			"An index that cannot be looked at is not deleted.",
			with(holding(marker), func(c *cluster) { c.fail = &elasticsearch.Error{Status: 500, Type: "x"} }), 1,
			`cannot get index "checkout-prod.orders": Elasticsearch answered 500 Internal Server Error (x)`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := &external{svc: tc.cluster, installation: "local"}
			_, err := e.Delete(t.Context(), index(deleted))
			if diff := cmp.Diff(tc.err, words(err)); diff != "" {
				t.Errorf("\n%s\nDelete(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.left, len(tc.cluster.indices)); diff != "" {
				t.Errorf("\n%s\nindices left: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// words returns the words of an error, which must fit on one line.
func words(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "⏎")
}
