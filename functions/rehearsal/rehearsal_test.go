package rehearsal

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/expand"
	"github.com/plumbline-dev/plumbline/functions/internal/compose"
)

var update = flag.Bool("update", false, "rewrite the golden files in examples/ from what the function returns")

const examples = "../../examples"

// today is the day of the tests. The days that examples name lie ahead of it.
var today = time.Date(2026, time.November, 24, 23, 59, 0, 0, time.UTC)

func read(tb testing.TB, file string, into any) {
	tb.Helper()
	y, err := os.ReadFile(file) //nolint:gosec // The test chooses what it runs and reads.
	if err != nil {
		tb.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(y, into); err != nil {
		tb.Fatal(err)
	}
}

func example(tb testing.TB, name string) (*v1alpha1.ServiceEnvironment, map[string]any) {
	tb.Helper()
	claim, blueprint := &v1alpha1.ServiceEnvironment{}, map[string]any{}
	read(tb, filepath.Join(examples, name, "claim.yaml"), claim)
	read(tb, filepath.Join(examples, "blueprint.yaml"), &blueprint)
	return claim, blueprint
}

// TestExamples renders every example and compares the outcome with the
// resources.yaml beside it. The examples that people copy are the inputs, so they
// cannot rot.
func TestExamples(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(examples, "*", "claim.yaml"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	for _, file := range dirs {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			claim, blueprint := example(t, filepath.Base(dir))
			r, err := Run(claim, blueprint, today)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "resources.yaml"), stream(t, r.Resources))
		})
	}
}

func stream(t *testing.T, resources []Resource) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, resource := range resources {
		y, err := yaml.Marshal(resource.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(y))
	}
	return out.Bytes()
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil { //nolint:gosec // The test chooses what it runs and reads.
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file) //nolint:gosec // The test chooses what it runs and reads.
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("the example becomes something else; if that is right, run with -update and read the diff: -want, +got:\n%s", diff)
	}
}

// settled returns the last request of the production example's rehearsal, in which
// everything is observed and ready, and its answer.
func settled(tb testing.TB) (*fnv1.RunFunctionRequest, *fnv1.RunFunctionResponse) {
	tb.Helper()
	claim, blueprint := example(tb, "production")
	req, err := request(claim, blueprint)
	if err != nil {
		tb.Fatal(err)
	}
	for range maxPasses {
		rsp, outcome := expand.Expand(req, today)
		if rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE {
			return req, rsp
		}
		if err := next(req, rsp, outcome); err != nil {
			tb.Fatal(err)
		}
	}
	tb.Fatal("the production example does not settle")
	return nil, nil
}

// next makes the next request of a response.
func next(req *fnv1.RunFunctionRequest, rsp *fnv1.RunFunctionResponse, outcome expand.Outcome) error {
	if err := (Live{}).Play(req, rsp, outcome); err != nil {
		return err
	}
	_, err := answer(req, rsp.GetRequirements())
	return err
}

func marshal(tb testing.TB, m proto.Message) []byte {
	tb.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestSettled holds that an environment that is ready stays as it is: the next call
// wants the same.
func TestSettled(t *testing.T) {
	req, first := settled(t)
	if got := first.GetRequirements().GetResources(); len(got) > 0 {
		t.Errorf("an environment whose namespace is its own looks nothing up, got %v", got)
	}
	for _, c := range first.GetConditions() {
		if c.GetStatus() != fnv1.Status_STATUS_CONDITION_TRUE {
			t.Errorf("all conditions of a ready environment are true, got %v", c)
		}
	}
	for name, r := range first.GetDesired().GetResources() {
		if r.GetReady() != fnv1.Ready_READY_TRUE {
			t.Errorf("all resources of a ready environment are ready, got %s", name)
		}
	}
	second, outcome := expand.Expand(req, today)
	if !bytes.Equal(marshal(t, first), marshal(t, second)) {
		t.Error("the same request has the same answer, byte for byte")
	}
	if err := next(req, second, outcome); err != nil {
		t.Fatal(err)
	}
	third, _ := expand.Expand(req, today)
	if !bytes.Equal(marshal(t, first), marshal(t, third)) {
		t.Error("a settled environment is a fixpoint")
	}
}

// TestTakenIsLeftAlone holds that a claim which lacks nothing but a host that another
// has is called when that changes, and not again and again before.
func TestTakenIsLeftAlone(t *testing.T) {
	req, _ := settled(t)
	for name := range req.GetObserved().GetResources() {
		if strings.HasSuffix(name, "-pay.checkout.example.com") {
			delete(req.Observed.Resources, name)
		}
	}
	lease := foreign(t)
	req.RequiredResources["host-pay.checkout.example.com"] = &fnv1.Resources{Items: []*fnv1.Resource{{Resource: lease}}}
	owner, err := structpb.NewValue([]any{map[string]any{"kind": "XServiceEnvironment", "name": "other", "uid": "other", "controller": true}})
	if err != nil {
		t.Fatal(err)
	}
	lease.Fields["metadata"].GetStructValue().Fields["ownerReferences"] = owner
	for range 2 { // Crossplane looks up kinds, and then objects.
		rsp, _ := expand.Expand(req, today)
		if _, err := answer(req, rsp.GetRequirements()); err != nil {
			t.Fatal(err)
		}
	}
	rsp, outcome := expand.Expand(req, today)
	if !outcome.Report.Taken() || rsp.GetDesired().GetComposite().GetReady() == fnv1.Ready_READY_TRUE {
		t.Fatalf("a claim whose host another has is not ready: %v", outcome.Report)
	}
	if ttl := rsp.GetMeta().GetTtl().AsDuration(); ttl.Minutes() < 10 {
		t.Errorf("it is left alone for 10 minutes, got %s", ttl)
	}
	if rsp.GetRequirements().GetResources()["host-pay.checkout.example.com"] == nil {
		t.Error("Crossplane watches the Lease that it waits for")
	}
	if rsp.GetDesired().GetResources()["ingress-checkout.example.com"] == nil {
		t.Error("its other host is served")
	}
}

// TestNeverDrop takes away some of what is observed, and the status of some of what
// is left, again and again: what exists is desired, or the call fails as a whole.
func TestNeverDrop(t *testing.T) {
	full, _ := settled(t)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // A repeatable order is the point.
	for range 200 {
		req := proto.Clone(full).(*fnv1.RunFunctionRequest)
		for name, r := range req.GetObserved().GetResources() {
			switch random.IntN(4) {
			case 0:
				delete(req.Observed.Resources, name)
			case 1:
				delete(r.GetResource().GetFields(), "status")
			}
		}
		if random.IntN(4) == 0 {
			req.RequiredResources["namespace"] = &fnv1.Resources{Items: []*fnv1.Resource{{Resource: foreign(t)}}}
		}
		if random.IntN(4) == 0 {
			req.Observed.Composite.Resource.Fields["spec"].GetStructValue().Fields["size"] = structpb.NewStringValue("huge")
		}
		rsp, _ := expand.Expand(req, today)
		if expand.Failure(rsp) != nil {
			continue // The whole call failed, which changes nothing.
		}
		for name := range req.GetObserved().GetResources() {
			if rsp.GetDesired().GetResources()[name] == nil {
				t.Fatalf("%s is left out, so Crossplane would delete it; observed: %v", name, req.GetObserved().GetResources())
			}
		}
	}
}

// TestBlueprintGone takes the Blueprint away from an environment that is ready, as a
// slip of the hand or a half restored control plane does: all stays as it was applied.
func TestBlueprintGone(t *testing.T) {
	req, before := settled(t)
	record(t, req, before)
	req.RequiredResources["blueprint"] = &fnv1.Resources{}
	rsp, outcome := expand.Expand(req, today)
	if expand.Failure(rsp) != nil || outcome.Refusal == nil || outcome.Refusal.Reason != "BlueprintMissing" {
		t.Fatalf("the claim is refused, and the call does not fail: %v, %v", rsp.GetResults(), outcome.Refusal)
	}
	if diff := cmp.Diff(before.GetDesired().GetResources(), rsp.GetDesired().GetResources(), protocmp.Transform()); diff != "" {
		t.Errorf("no quota, no host and no rule becomes another: -before, +without a Blueprint:\n%s", diff)
	}
	for _, c := range before.GetConditions() {
		stays := slices.ContainsFunc(rsp.GetConditions(), func(now *fnv1.Condition) bool { return proto.Equal(c, now) })
		if c.GetType() == "WithinLifetime" && !stays {
			t.Errorf("%s stays as it was", c)
		}
	}
}

// record notes on what is observed who applied it, as the API server does.
func record(t *testing.T, req *fnv1.RunFunctionRequest, applied *fnv1.RunFunctionResponse) {
	t.Helper()
	for name, r := range req.GetObserved().GetResources() {
		desired := applied.GetDesired().GetResources()[name].GetResource().GetFields()
		fields := map[string]any{"f:metadata": fieldsOf(desired["metadata"].GetStructValue().GetFields(), "name", "namespace")}
		maps.Copy(fields, fieldsOf(desired, "apiVersion", "kind", "metadata"))
		by, err := structpb.NewValue([]any{map[string]any{"manager": "apiextensions.crossplane.io/composed/x", "operation": "Apply", "fieldsV1": fields}})
		if err != nil {
			t.Fatal(err)
		}
		r.GetResource().GetFields()["metadata"].GetStructValue().Fields["managedFields"] = by
	}
}

func fieldsOf(o map[string]*structpb.Value, but ...string) map[string]any {
	out := map[string]any{}
	for key := range o {
		if !slices.Contains(but, key) {
			out["f:"+key] = map[string]any{}
		}
	}
	return out
}

func foreign(t *testing.T) *structpb.Struct {
	t.Helper()
	s, err := structpb.NewStruct(map[string]any{"metadata": map[string]any{"name": "checkout-prod"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestOrderOfArrival lets what is desired become observed one at a time, in any
// order: every order ends in the same environment.
func TestOrderOfArrival(t *testing.T) {
	_, want := settled(t)
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // A repeatable order is the point.
	for range 5 {
		claim, blueprint := example(t, "production")
		req, err := request(claim, blueprint)
		if err != nil {
			t.Fatal(err)
		}
		if got := arrive(t, req, random); !bytes.Equal(marshal(t, want), marshal(t, got)) {
			t.Fatalf("the order in which resources come up changes nothing in the end: -want, +got:\n%s", cmp.Diff(want.String(), got.String()))
		}
	}
}

// arrive observes one more resource in each pass, until all are there.
func arrive(t *testing.T, req *fnv1.RunFunctionRequest, random *rand.Rand) *fnv1.RunFunctionResponse {
	t.Helper()
	seen := map[string]*fnv1.Resource{}
	for range 100 {
		req.Observed.Resources = seen
		rsp, outcome := expand.Expand(req, today)
		var missing []string
		for _, p := range outcome.Parts {
			if _, ok := seen[p.Name]; !ok && rsp.GetDesired().GetResources()[p.Name] != nil {
				missing = append(missing, p.Name)
			}
		}
		if len(missing) == 0 {
			return rsp
		}
		if err := next(req, rsp, outcome); err != nil {
			t.Fatal(err)
		}
		next := missing[random.IntN(len(missing))]
		seen[next] = req.GetObserved().GetResources()[next]
	}
	t.Fatal("the example does not settle")
	return nil
}

// FuzzClaim holds that no claim makes the function panic, and that whatever it
// composes lies within the claim's own names: nothing reaches another team. A plenty
// Blueprint has every extra of the examples, teams, and lets all be taken over.
func FuzzClaim(f *testing.F) {
	seed := func(claim *v1alpha1.ServiceEnvironment, plenty bool) {
		spec, err := json.Marshal(claim.Spec)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(claim.GetName(), claim.GetNamespace(), spec, plenty)
	}
	for _, name := range []string{"minimal", "web", "internal-api", "production", "events", "preview", "build"} {
		claim, _ := example(f, name)
		seed(claim, false)
	}
	for _, dir := range extraDirs(f) {
		claim, _ := extra(f, dir)
		claim.Spec.Tags = map[string]v1alpha1.TagValue{"alerts": "shop-oncall"} // That one of them requires of all.
		seed(claim, true)
	}
	for _, spec := range []string{
		`{"service":"kube","environment":"system"}`,
		`{"service":"a","environment":"dev","search":{"indices":[{"name":"i","mappings":{"_meta":{"plumbline.dev/owner":"x"}},
			"aliases":[{"name":"j"}],"settings":{"number_of_shards":"9"}}],"streams":[{"name":"s","retention":"99999d","mappings":null}]}}`,
		`{"service":"a","environment":"dev","adoption":"Adopt","handOver":"b/c","lifetime":{"expires":"2026-12-01","review":"2026-11-24"},"tags":{"alerts":"x"}}`,
		`{"service":"a","environment":"staging","adoption":"IfIdentical","deletion":{"protect":true},"tags":{"alerts":"x"},"serviceAccountName":"b"}`,
	} {
		f.Add("a", "b", []byte(spec), false)
		f.Add("a", "b", []byte(spec), true)
		f.Add("a", "trial-b", []byte(spec), true)
	}
	_, plain := example(f, "production")
	rich := plenty(f)
	f.Fuzz(func(t *testing.T, name, team string, spec []byte, plenty bool) {
		claim, blueprint := &v1alpha1.ServiceEnvironment{}, plain
		if plenty {
			blueprint = rich
		}
		claim.Name, claim.Namespace = name, team
		if json.Unmarshal(spec, &claim.Spec) != nil {
			t.Skip("no spec")
		}
		r, err := Run(claim, blueprint, today)
		if refused := (*RefusedError)(nil); errors.As(err, &refused) {
			return
		}
		if err != nil {
			if !utf8.ValidString(name) || !utf8.ValidString(team) {
				return // No API server hands over such a name.
			}
			t.Fatalf("a claim is taken or refused: %v", err)
		}
		own := claim.Spec.Service + "-" + claim.Spec.Environment
		home := claim.Namespace
		if home == "" {
			home = "plumbline-system"
		}
		again, err := Run(claim, blueprint, today)
		if diff := cmp.Diff(r, again); err != nil || diff != "" {
			t.Errorf("the same claim becomes the same: %v\n-first, +second:\n%s", err, diff)
		}
		among, err := Foresee(claim, blueprint, Live{}, offers(home+"/"+claim.GetName()), today)
		if refused := (*RefusedError)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatalf("a claim is taken or refused among what exists: %v", err)
		}
		for _, resource := range slices.Concat(r.Resources, among.Resources, among.Adopted) {
			if problem := outside(resource, claim.GetName(), home, own); problem != "" {
				t.Errorf("%s of %q: %s", resource.Part, own, problem)
			}
		}
		for _, taken := range among.Adopted {
			if claim.Spec.Adoption != custody.AdoptionAdopt || slices.ContainsFunc(among.Resources, func(r Resource) bool { return r.Part == taken.Part }) {
				t.Errorf("%s is taken over only where the claim says so, and is never written, with adoption %q", taken.Part, claim.Spec.Adoption)
			}
		}
	})
}

// offers is a world in which a namespace and what lies in it exist already, with the
// mark by which their owner offers them to a claim.
type offers string

func (holder offers) Find(s *fnv1.ResourceSelector) ([]map[string]any, error) {
	if !slices.Contains([]string{"Namespace", "ResourceQuota", "LimitRange", "ServiceAccount", "NetworkPolicy"}, s.GetKind()) {
		return nil, nil
	}
	metadata := map[string]any{"name": s.GetMatchName(), "annotations": map[string]any{"plumbline.dev/owner": string(holder) + ";offered"}}
	if s.GetNamespace() != "" {
		metadata["namespace"] = s.GetNamespace()
	}
	return []map[string]any{{"apiVersion": s.GetApiVersion(), "kind": s.GetKind(), "metadata": metadata, "status": map[string]any{"phase": "Active"}}}, nil
}

func (offers) Serves(string, string) (bool, error) { return true, nil }

// plenty is the example Blueprint with every extra of the examples, that lets every
// environment be taken over and gives some teams something otherwise.
func plenty(tb testing.TB) map[string]any {
	tb.Helper()
	_, blueprint := example(tb, "minimal")
	for _, dir := range extraDirs(tb) {
		part := map[string]any{}
		read(tb, filepath.Join(dir, "blueprint.yaml"), &part)
		blueprint["data"] = overlay(blueprint["data"], part)
	}
	data, _ := blueprint["data"].(map[string]any)
	environments, _ := data["environments"].(map[string]any)
	for _, class := range environments {
		overlay(class, map[string]any{"adoption": map[string]any{"max": "Adopt"}})
	}
	if _, mistakes, err := Blueprint(blueprint); len(mistakes) > 0 || err != nil {
		tb.Fatalf("it is right: %v, %v", mistakes, err)
	}
	return blueprint
}

func holds(o compose.Object, holder string) bool {
	spec, _ := o["spec"].(map[string]any)
	return spec["holderIdentity"] == holder
}

// outside says how an object reaches beyond what a claim may have.
func outside(r Resource, claim, home, own string) string {
	o := compose.Object(r.Object)
	metadata, _ := o["metadata"].(map[string]any)
	name, _ := metadata["name"].(string)
	namespace, _ := metadata["namespace"].(string)
	annotations, _ := metadata["annotations"].(map[string]any)
	external, _ := annotations["crossplane.io/external-name"].(string)
	switch {
	case strings.HasPrefix(r.Part, "extra/"):
		if namespace != own && !strings.Contains(name, own) {
			return "lies outside, and another environment would meet it"
		}
	case o["kind"] == "Namespace" && name == own:
	case r.Part == "namespace-lease" && namespace == "plumbline-system" && holds(o, home+"/"+claim):
	case o["kind"] == "Group" && namespace == home && name == claim:
	case isSearch(o) && namespace == home && strings.HasPrefix(name, claim+".") && within(external, own):
		if o["kind"] == "Index" || o["kind"] == "DataStream" {
			return unbounded(o, own)
		}
		return beyond(o, own)
	case o["kind"] == "Lease" && namespace == "plumbline-system" && strings.HasPrefix(name, "host-") && holds(o, home+"/"+claim):
	case o["kind"] != "Namespace" && o["kind"] != "Group" && o["kind"] != "Lease" && !isSearch(o) && namespace == own:
	default:
		return "lies outside"
	}
	return ""
}

func isSearch(o compose.Object) bool {
	apiVersion, _ := o["apiVersion"].(string)
	return strings.HasPrefix(apiVersion, "elasticsearch.")
}

// within holds a name in Elasticsearch to those of an environment.
func within(name, own string) bool {
	return strings.HasPrefix(name, own+".") && strings.Count(name, ".") == 1 && !strings.ContainsAny(name, "*?, ")
}

// unbounded says how an index or a data stream goes beyond what the Blueprint of the
// examples lets a claim have.
func unbounded(o compose.Object, own string) string {
	p, _ := o["spec"].(map[string]any)["forProvider"].(map[string]any)
	for _, bound := range []struct {
		field string
		most  float64
	}{{"numberOfShards", 10}, {"numberOfReplicas", 2}} {
		if n, _ := p[bound.field].(float64); n > bound.most {
			return fmt.Sprintf("has %s %v", bound.field, n)
		}
	}
	settings, _ := p["settings"].(map[string]any)
	for name := range settings {
		if strings.HasPrefix(name, "number_of") || strings.HasPrefix(name, "index.") || strings.HasPrefix(name, "lifecycle") || strings.HasPrefix(name, "blocks") {
			return "sets " + name
		}
	}
	aliases, _ := p["aliases"].(map[string]any)
	for name := range aliases {
		if !within(name, own) {
			return "has the alias " + name
		}
	}
	mappings, _ := p["mappings"].(map[string]any)
	meta, _ := mappings["_meta"].(map[string]any)
	if _, forged := meta["plumbline.dev/owner"]; forged || meta["plumbline.dev/tags"] == nil {
		return fmt.Sprintf("has _meta %v", meta)
	}
	lifecycle, _ := p["lifecycle"].(map[string]any)
	if keeps, _ := lifecycle["dataRetention"].(string); o["kind"] == "DataStream" && keeps == "" {
		return "is kept for ever"
	}
	return ""
}

// beyond says what an object gives access to beyond an environment's indices, and to
// whom without asking their realm.
func beyond(o compose.Object, own string) string {
	text, err := json.Marshal(o)
	if err != nil {
		return err.Error()
	}
	type indices struct {
		Names []string `json:"names"`
	}
	var r struct {
		Spec struct {
			ForProvider struct {
				Indices         []indices `json:"indices"`
				RoleDescriptors []struct {
					Indices []indices `json:"indices"`
				} `json:"roleDescriptors"`
				Roles []string `json:"roles"`
				Rules struct {
					All []map[string]any `json:"all"`
				} `json:"rules"`
			} `json:"forProvider"`
		} `json:"spec"`
	}
	if err := json.Unmarshal(text, &r); err != nil {
		return err.Error()
	}
	p := r.Spec.ForProvider
	for _, d := range p.RoleDescriptors {
		p.Indices = append(p.Indices, d.Indices...)
	}
	for _, i := range p.Indices {
		if !slices.Equal(i.Names, []string{own + ".*"}) {
			return fmt.Sprintf("reaches %v", i.Names)
		}
	}
	for _, role := range p.Roles {
		if role != own+".reader" && role != own+".writer" {
			return "gives role " + role
		}
	}
	pinned := map[string]any{"field": map[string]any{"realm.name": "entra"}}
	if len(p.Roles) > 0 && (len(p.Rules.All) != 2 || !cmp.Equal(p.Rules.All[0], pinned)) {
		return "is not pinned to the realm"
	}
	return ""
}
