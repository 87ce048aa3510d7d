package datastream

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

const (
	name   = "checkout-prod.events"
	marker = "local/payments/checkout-prod.events"
)

// A world is a cluster that keeps state, and the controller's client of it.
type world struct {
	t       *testing.T
	backend *faults.Handler
	server  *standin.Server
	client  *elasticsearch.Client
	e       *external
	cr      *v1alpha1.DataStream
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, server: standin.New(standin.Options{Username: "u", Password: "p",
		Now: func() time.Time { return time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC) }})}
	w.backend = faults.New(w.server)
	server := httptest.NewServer(w.backend)
	t.Cleanup(server.Close)
	var err error
	if w.client, err = elasticsearch.New(elasticsearch.Config{Endpoint: server.URL, Username: "u", Password: "p"}); err != nil {
		t.Fatal(err)
	}
	w.e = &external{svc: w.client, installation: "local", endpoint: "https://es"}
	w.cr = &v1alpha1.DataStream{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name}}
	meta.SetExternalName(w.cr, name)
	w.cr.Spec.ForProvider = v1alpha1.DataStreamParameters{
		NumberOfShards: new(int32(2)), NumberOfReplicas: new(int32(0)), Settings: map[string]string{"refresh_interval": "30s"},
		Mappings:  mappings(`{"properties":{"id":{"type":"keyword"}}}`),
		Lifecycle: &v1alpha1.DataStreamLifecycle{DataRetention: new("30d")},
	}
	return w
}

func mappings(text string) *apiextensionsv1.JSON { return &apiextensionsv1.JSON{Raw: []byte(text)} }

// reconcile does what the managed reconciler does: observe, then one step.
func (w *world) reconcile() error {
	ctx := w.t.Context()
	o, err := w.e.Observe(ctx, w.cr)
	switch {
	case err != nil:
	case meta.WasDeleted(w.cr) && o.ResourceExists:
		_, err = w.e.Delete(ctx, w.cr)
	case meta.WasDeleted(w.cr), o.ResourceExists && o.ResourceUpToDate:
	case !o.ResourceExists:
		_, err = w.e.Create(ctx, w.cr)
	default:
		_, err = w.e.Update(ctx, w.cr)
	}
	return err
}

// settle reconciles until nothing is left to do.
func (w *world) settle() {
	w.t.Helper()
	for range 5 {
		if err := w.reconcile(); err != nil {
			w.t.Fatal(err)
		}
		if o, err := w.e.Observe(w.t.Context(), w.cr); err == nil && (o.ResourceExists && o.ResourceUpToDate || meta.WasDeleted(w.cr) && !o.ResourceExists) {
			return
		}
	}
	w.t.Fatal("it does not settle")
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// put asks the cluster itself, as an operator would.
func (w *world) put(path, body string) {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPut, path, strings.NewReader(body))
	r.SetBasicAuth("u", "p")
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	if w.server.ServeHTTP(answer, r); answer.Code != http.StatusOK {
		w.t.Fatalf("%s: %d %s", path, answer.Code, answer.Body)
	}
}

// setting returns a setting of each backing index, the oldest first.
func (w *world) setting(setting string) []any {
	var out []any
	s, err := w.client.DataStream(w.t.Context(), name)
	w.must(err)
	for _, i := range s.Indices {
		out = append(out, w.server.State().Indices[i].Settings["index."+setting])
	}
	return out
}

// field returns the type of a field in each backing index, the oldest first.
func (w *world) field(field string) []any {
	var out []any
	s, err := w.client.DataStream(w.t.Context(), name)
	w.must(err)
	for _, i := range s.Indices {
		properties, _ := w.server.State().Indices[i].Mappings["properties"].(map[string]any)
		f, _ := properties[field].(map[string]any)
		out = append(out, f["type"])
	}
	return out
}

func (w *world) same(reason string, want, got any) {
	w.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("\n%s\n-want, +got:\n%s", reason, diff)
	}
}

func TestLife(t *testing.T) {
	w := newWorld(t)
	w.settle()
	w.same("The status tells what Elasticsearch says.", v1alpha1.DataStreamObservation{
		Generation: 1, BackingIndices: 1, WriteIndex: ".ds-" + name + "-2026.03.04-000001", Health: "green", Template: name,
		Lifecycle: v1alpha1.ObservedLifecycle{ManagedBy: "Data stream lifecycle", EffectiveRetention: "30d"}, Endpoint: "https://es", Owner: marker,
	}, w.cr.Status.AtProvider)
	if got := w.cr.GetCondition(xpv2.TypeReady); !got.Equal(xpv2.Available()) {
		t.Errorf("\nA stream with all its shards is ready.\nReady: %v", got)
	}
	template, err := w.client.Template(t.Context(), name)
	w.must(err)
	w.same("The template is for this stream alone, and carries the marker.", elasticsearch.Template{
		Patterns: []string{name}, Priority: 500, Meta: map[string]any{"plumbline.dev/owner": marker},
		Settings:  map[string]string{"number_of_shards": "2", "number_of_replicas": "0", "refresh_interval": "30s"},
		Mappings:  map[string]any{"_meta": map[string]any{"plumbline.dev/owner": marker}, "properties": map[string]any{"id": map[string]any{"type": "keyword"}}},
		Lifecycle: &elasticsearch.Lifecycle{DataRetention: "30d"},
	}, template)

	w.backend.Forget()
	w.must(w.reconcile())
	w.must(w.reconcile())
	w.same("A stream that is as desired is not written to.", 0, w.backend.Requests().Mutating)

	w.cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
	w.settle()
	w.same("The stream, its indices and its template go with the resource.", 0,
		len(w.server.State().DataStreams)+len(w.server.State().Templates)+len(w.server.State().Indices))
}

func TestChanges(t *testing.T) {
	both := []any{"30s", "30s"}
	cases := map[string]struct {
		reason string
		change func(*world, *v1alpha1.DataStreamParameters)
		check  func(*world)
	}{
		"Dynamic": {
			"A dynamic setting reaches the template and all backing indices.",
			func(_ *world, p *v1alpha1.DataStreamParameters) { p.Settings["refresh_interval"] = "5s" },
			func(w *world) {
				w.same("all indices", []any{"5s", "5s"}, w.setting("refresh_interval"))
				w.must(w.client.Rollover(w.t.Context(), name))
				w.same("the next index", []any{"5s", "5s", "5s"}, w.setting("refresh_interval"))
			},
		},
		"Field": {
			"A field is added to the template and to all backing indices.",
			func(_ *world, p *v1alpha1.DataStreamParameters) {
				p.Mappings = mappings(`{"properties":{"id":{"type":"keyword"},"total":{"type":"long"}}}`)
			},
			func(w *world) {
				w.same("all indices", []any{"long", "long"}, w.field("total"))
				w.must(w.client.Rollover(w.t.Context(), name))
				w.same("the next index", []any{"long", "long", "long"}, w.field("total"))
			},
		},
		"Static": {
			"A setting that is fixed when an index is made has the stream rolled over, once.",
			func(_ *world, p *v1alpha1.DataStreamParameters) { p.NumberOfShards = new(int32(3)) },
			func(w *world) { w.same("one more index", []any{"2", "2", "3"}, w.setting("number_of_shards")) },
		},
		"Retention": {
			"Another retention reaches the stream itself, which does not follow its template.",
			func(_ *world, p *v1alpha1.DataStreamParameters) { p.Lifecycle.DataRetention = new("7d") },
			func(w *world) { w.same("status", "7d", w.cr.Status.AtProvider.Lifecycle.EffectiveRetention) },
		},
		"Policy": {
			"An ILM policy takes over from the data stream lifecycle.",
			func(_ *world, p *v1alpha1.DataStreamParameters) {
				p.Lifecycle, p.LifecyclePolicyName = nil, new("hot-warm")
			},
			func(w *world) {
				w.same("all indices", []any{"hot-warm", "hot-warm"}, w.setting("lifecycle.name"))
				w.same("status", v1alpha1.ObservedLifecycle{ManagedBy: "Index Lifecycle Management", Policy: "hot-warm"}, w.cr.Status.AtProvider.Lifecycle)
			},
		},
		"Tags": {
			"A tag that is gone is gone from the template and all backing indices, and what others put into _meta stays.",
			func(w *world, p *v1alpha1.DataStreamParameters) {
				p.Mappings = mappings(`{"_meta":{"tags":{"a":"1","b":"2"}}}`)
				w.settle()
				got, err := w.client.Template(w.t.Context(), name)
				w.must(err)
				got.Meta["theirs"] = "x"
				w.must(w.client.PutTemplate(w.t.Context(), name, got))
				p.Mappings = mappings(`{"_meta":{"tags":{"a":"1"}}}`)
			},
			func(w *world) {
				got, err := w.client.Template(w.t.Context(), name)
				w.must(err)
				w.same("template", map[string]any{"plumbline.dev/owner": marker, "tags": map[string]any{"a": "1"}, "theirs": "x"}, got.Meta)
				s, err := w.client.DataStream(w.t.Context(), name)
				w.must(err)
				for _, i := range s.Indices {
					w.same("index", map[string]any{"plumbline.dev/owner": marker, "tags": map[string]any{"a": "1"}}, w.server.State().Indices[i].Mappings["_meta"])
				}
			},
		},
		"DriftOfTheWriteIndex": {
			"What was changed by hand in the index that is written to is put right.",
			func(w *world, _ *v1alpha1.DataStreamParameters) {
				w.must(w.client.PutSettings(w.t.Context(), name, map[string]string{"refresh_interval": "1s"}))
			},
			func(w *world) { w.same("all indices", both, w.setting("refresh_interval")) },
		},
		"DriftOfTheTemplate": {
			"What was changed by hand in the template is put right, as a whole.",
			func(w *world, _ *v1alpha1.DataStreamParameters) {
				got, err := w.client.Template(w.t.Context(), name)
				w.must(err)
				got.Settings = map[string]string{"codec": "best_compression"}
				w.must(w.client.PutTemplate(w.t.Context(), name, got))
			},
			func(w *world) {
				got, err := w.client.Template(w.t.Context(), name)
				w.must(err)
				w.same("template", map[string]string{"number_of_shards": "2", "number_of_replicas": "0", "refresh_interval": "30s"}, got.Settings)
			},
		},
		"TemplateGone": {
			"A template that somebody deleted, as another stood in for it, comes back.",
			func(w *world, p *v1alpha1.DataStreamParameters) {
				w.must(w.client.PutTemplate(w.t.Context(), "other", elasticsearch.Template{Patterns: []string{"checkout-*"}, Priority: 100}))
				w.must(w.client.DeleteTemplate(w.t.Context(), name))
			},
			func(w *world) { w.same("status", name, w.cr.Status.AtProvider.Template) },
		},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			w := newWorld(t)
			w.settle()
			w.must(w.client.Rollover(t.Context(), name))
			tc.change(w, &w.cr.Spec.ForProvider)
			w.settle()
			tc.check(w)
			if t.Failed() {
				t.Log(tc.reason)
			}
			w.backend.Forget()
			w.must(w.reconcile())
			w.same("Then nothing is left to do.", 0, w.backend.Requests().Mutating)
		})
	}
}

// TestBlocked has an operator, or a disk that is full, block indices of a stream.
func TestBlocked(t *testing.T) {
	cases := map[string]struct {
		reason string
		block  string
		oldest bool // The index that is blocked is not written to any more.
		want   xpv2.Condition
	}{
		"Disk":     {"A stream that nobody can write to is not ready.", "read_only_allow_delete", false, xpv2.Unavailable().WithMessage("Elasticsearch lets nobody write to it, as when a disk is full: index.blocks.read_only_allow_delete")},
		"Operator": {"Nor is one that an operator has made read-only.", "read_only", false, xpv2.Unavailable().WithMessage("Elasticsearch lets nobody write to it, as when a disk is full: index.blocks.read_only")},
		"Oldest":   {"Lifecycles make indices read-only that are not written to any more, and the stream serves.", "write", true, xpv2.Available()},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			w := newWorld(t)
			w.settle()
			w.must(w.client.Rollover(t.Context(), name))
			w.settle()
			s, err := w.client.DataStream(t.Context(), name)
			w.must(err)
			index := s.WriteIndex()
			if tc.oldest {
				index = s.Indices[0]
			}
			block := func(yes string) { w.put("/"+index+"/_settings", `{"index.blocks.`+tc.block+`":`+yes+`}`) }
			block("true")
			w.backend.Forget()
			w.must(w.reconcile())
			if got := w.cr.GetCondition(xpv2.TypeReady); !got.Equal(tc.want) {
				t.Errorf("\n%s\nReady: want %v, got %v", tc.reason, tc.want, got)
			}
			w.same("The block is left to who set it.", 0, w.backend.Requests().Mutating)
			block("null")
			w.must(w.reconcile())
			if got := w.cr.GetCondition(xpv2.TypeReady); !got.Equal(xpv2.Available()) {
				t.Errorf("\nIt is ready again when the block is lifted.\nReady: %v", got)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	put := func(w *world, template string, t elasticsearch.Template) {
		w.must(w.client.PutTemplate(w.t.Context(), template, t))
	}
	mine := map[string]any{"plumbline.dev/owner": marker}
	cases := map[string]struct {
		reason string
		setup  func(*world)
		err    string
	}{
		"ForeignStream": {
			"A stream that another template made is refused.",
			func(w *world) {
				put(w, "theirs", elasticsearch.Template{Patterns: []string{name}, Meta: map[string]any{"plumbline.dev/owner": "other/a/b"}})
				w.must(w.client.CreateDataStream(w.t.Context(), name))
			},
			`OwnedElsewhere: data stream "` + name + `" belongs to "other/a/b", not to "` + marker + `"; choose another name, or delete it there first`,
		},
		"StreamOfNobody": {
			"A stream without a marker is refused, with the only way there is to hand it over.",
			func(w *world) {
				put(w, "theirs", elasticsearch.Template{Patterns: []string{name}})
				w.must(w.client.CreateDataStream(w.t.Context(), name))
			},
			`ExistsNotOwned: data stream "` + name + `" exists and carries no owner marker; choose another name, remove it, or hand it over: ` +
				`create it anew from an index template whose _meta sets plumbline.dev/owner to "` + marker + `"`,
		},
		"ForeignTemplate": {
			"A template of the name that is another's is refused.",
			func(w *world) { put(w, name, elasticsearch.Template{Patterns: []string{"x"}}) },
			`ExistsNotOwned: index template "` + name + `" exists and carries no owner marker; choose another name, remove it, or hand it over: set plumbline.dev/owner in its _meta to "` + marker + `"`,
		},
		"Index": {
			"An index has its name to itself.",
			func(w *world) { w.must(w.client.CreateIndex(w.t.Context(), name, nil, nil)) },
			`ExistsNotOwned: the name "` + name + `" belongs to an index; choose another name`,
		},
		"Alias": {
			"So has an alias.",
			func(w *world) {
				w.must(w.client.CreateIndex(w.t.Context(), "other", nil, nil))
				w.must(w.client.ChangeAliases(w.t.Context(), "other", map[string]map[string]any{name: {}}, nil))
			},
			`ExistsNotOwned: the name "` + name + `" belongs to an alias or a data stream, which leads to index "other"; choose another name`,
		},
		"HigherTemplate": {
			"A template that would make the stream instead is named.",
			func(w *world) {
				put(w, "rival", elasticsearch.Template{Patterns: []string{"checkout-*"}, Priority: 600})
			},
			`TemplateConflict: index template "rival" of priority 600 matches data stream "` + name + `" as well, whose own template has priority 500; ` +
				`set spec.forProvider.priority higher, or narrow its index_patterns`,
		},
		"SamePriority": {
			"So is one that Elasticsearch would not have beside ours.",
			func(w *world) { put(w, "rival", elasticsearch.Template{Patterns: []string{"*.events"}, Priority: 500}) },
			`TemplateConflict: index template "rival" of priority 500 matches data stream "` + name + `" as well, whose own template has priority 500; ` +
				`set spec.forProvider.priority higher, or narrow its index_patterns`,
		},
		"LaterTemplate": {
			"So is one that came later.",
			func(w *world) {
				w.settle()
				put(w, "rival", elasticsearch.Template{Patterns: []string{"checkout-*"}, Priority: 600})
			},
			`TemplateConflict: index template "rival" of priority 600 matches data stream "` + name + `" as well, whose own template has priority 500; ` +
				`set spec.forProvider.priority higher, or narrow its index_patterns`,
		},
		"Retyped": {
			"A field that would change its type is refused, with the way out, and nothing else changes either.",
			func(w *world) {
				w.settle()
				w.cr.Spec.ForProvider.Mappings = mappings(`{"properties":{"id":{"type":"long"}}}`)
				w.cr.Spec.ForProvider.Settings["refresh_interval"] = "5s"
			},
			`ImmutableMapping: of data stream "` + name + `", field "id" has type "keyword" and cannot have type "long"; set it back, or make a data stream of another name and reindex into it`,
		},
		"RefusedParameter": {
			"A parameter that Elasticsearch does not let change is told in its words, and the template keeps what it said.",
			func(w *world) {
				w.settle()
				w.cr.Spec.ForProvider.Mappings = mappings(`{"properties":{"id":{"type":"keyword","doc_values":false}}}`)
			},
			`Refused: cannot add to mapping of data stream "` + name + `": illegal_argument_exception: Mapper for [id] conflicts with existing mapper: Cannot update parameter [doc_values] from [true] to [false]`,
		},
		"TemplateHandedOver": {
			"A template that carries our marker is ours.",
			func(w *world) { put(w, name, elasticsearch.Template{Patterns: []string{"x"}, Meta: mine}) }, "",
		},
		"NoObject": {
			"A mapping is an object.",
			func(w *world) { w.settle(); w.cr.Spec.ForProvider.Mappings = mappings(`[]`) }, `spec.forProvider.mappings is not a JSON object`,
		},
	}
	for test, tc := range cases {
		t.Run(test, func(t *testing.T) {
			w := newWorld(t)
			tc.setup(w)
			before := w.server.State()
			err := w.reconcile()
			if diff := cmp.Diff(tc.err, text(err)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if tc.err == "" {
				return
			}
			w.same("A refusal changes nothing.", before, w.server.State())
			w.cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
			if strings.Contains(tc.err, "NotOwned") || strings.Contains(tc.err, "OwnedElsewhere") {
				w.settle()
				w.same("What is not ours stays when the resource goes.", before, w.server.State())
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// A frail service is killed after so many writes: the next one and all after it fail.
type frail struct {
	service
	left int
}

var errKilled = errors.New("killed")

func (f *frail) write() error {
	if f.left--; f.left < 0 {
		return errKilled
	}
	return nil
}

func (f *frail) CreateTemplate(ctx context.Context, name string, t elasticsearch.Template) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.CreateTemplate(ctx, name, t) }))
}

func (f *frail) PutTemplate(ctx context.Context, name string, t elasticsearch.Template) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.PutTemplate(ctx, name, t) }))
}

func (f *frail) CreateDataStream(ctx context.Context, name string) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.CreateDataStream(ctx, name) }))
}

func (f *frail) DeleteDataStream(ctx context.Context, name string) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.DeleteDataStream(ctx, name) }))
}

func (f *frail) DeleteTemplate(ctx context.Context, name string) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.DeleteTemplate(ctx, name) }))
}

func (f *frail) PutSettings(ctx context.Context, name string, s map[string]string) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.PutSettings(ctx, name, s) }))
}

func (f *frail) PutMapping(ctx context.Context, name string, m map[string]any) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.PutMapping(ctx, name, m) }))
}

func (f *frail) PutLifecycle(ctx context.Context, name string, l elasticsearch.Lifecycle) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.PutLifecycle(ctx, name, l) }))
}

func (f *frail) Rollover(ctx context.Context, name string) error {
	return errors.Join(f.write(), f.alive(func() error { return f.service.Rollover(ctx, name) }))
}

func (f *frail) alive(do func() error) error {
	if f.left < 0 {
		return nil
	}
	return do()
}

// TestKilled kills the controller after every number of writes, in creation, in a
// change of everything and in deletion: it ends in the same world each time.
func TestKilled(t *testing.T) {
	for writes := range 6 {
		w := newWorld(t)
		killed := func(phase string) {
			w.e.svc = &frail{service: w.client, left: writes}
			if err := w.reconcile(); err != nil && !errors.Is(err, errKilled) {
				t.Errorf("\n%s, killed after %d writes: %v", phase, writes, err)
			}
			w.e.svc = w.client
			w.settle()
		}
		killed("creation")
		p := &w.cr.Spec.ForProvider
		p.NumberOfShards, p.NumberOfReplicas, p.Lifecycle.DataRetention = new(int32(3)), new(int32(1)), new("7d")
		p.Mappings = mappings(`{"properties":{"id":{"type":"keyword"},"total":{"type":"long"}}}`)
		killed("change")
		w.same("There is one rollover.", []any{"2", "3"}, w.setting("number_of_shards"))
		w.same("All indices have the field.", []any{"long", "long"}, w.field("total"))
		w.same("All indices have the replicas.", []any{"1", "1"}, w.setting("number_of_replicas"))
		w.same("The stream has the retention.", "7d", w.cr.Status.AtProvider.Lifecycle.EffectiveRetention)
		w.cr.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
		killed("deletion")
		w.same("Nothing is left.", 0, len(w.server.State().DataStreams)+len(w.server.State().Templates)+len(w.server.State().Indices))
	}
}

// TestDown holds that a cluster which says nothing sensible is believed nothing.
func TestDown(t *testing.T) {
	w := newWorld(t)
	w.settle()
	for _, err := range []error{&elasticsearch.Error{Status: 503, Type: "x"}, &elasticsearch.Error{Status: 404}} {
		w.e.svc = &deaf{w.client, err}
		if _, got := w.e.Observe(t.Context(), w.cr); !errors.Is(got, err) {
			t.Errorf("\nA stream that cannot be looked at is neither missing nor well.\nObserve(...): %v", got)
		}
		if _, got := w.e.Delete(t.Context(), w.cr); !errors.Is(got, err) {
			t.Errorf("\nA stream that cannot be looked at is not deleted.\nDelete(...): %v", got)
		}
	}
}

type deaf struct {
	service
	err error
}

func (d *deaf) DataStream(context.Context, string) (elasticsearch.DataStream, error) {
	return elasticsearch.DataStream{}, d.err
}
