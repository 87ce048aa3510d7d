package wire

import (
	"testing"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
)

type object = map[string]any

// listed is a list with each kind of entry.
func listed() Request {
	o := Object{Fields: Only(map[string]*Fields{
		"kind": All,
		"metadata": Except(map[string]*Fields{
			"managedFields": None,
		}),
		"status": Only(map[string]*Fields{"conditions": Only(map[string]*Fields{"type": All})}),
	})}
	kept := o
	kept.Keep = true
	return Request{Composite: o, Composed: kept, Required: func(name string) Object {
		if name == "whole" {
			return Object{}
		}
		return o
	}, Schema: Except(map[string]*Fields{"properties": None})}
}

func thing() object {
	return object{
		"kind":     "Thing",
		"metadata": object{"name": "a", "labels": object{"l": "v"}, "managedFields": []any{object{"manager": "m"}}},
		"spec":     object{"replicas": 3.0},
		"status":   object{"phase": "Active", "conditions": []any{object{"type": "Ready", "reason": "R"}, "odd"}},
	}
}

func cutThing() object {
	return object{
		"kind":     "Thing",
		"metadata": object{"name": "a", "labels": object{"l": "v"}},
		"status":   object{"conditions": []any{object{"type": "Ready"}, "odd"}},
	}
}

func pb(t testing.TB, o object) *structpb.Struct {
	t.Helper()
	s, err := structpb.NewStruct(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func requestOf(t testing.TB, o object) *fnv1.RunFunctionRequest {
	t.Helper()
	r := func() *fnv1.Resource {
		return &fnv1.Resource{Resource: pb(t, o), ConnectionDetails: map[string][]byte{"key": []byte("k")}}
	}
	return &fnv1.RunFunctionRequest{
		Meta:              &fnv1.RequestMeta{Tag: "tag"},
		Observed:          &fnv1.State{Composite: r(), Resources: map[string]*fnv1.Resource{"a": r(), "": r()}},
		Desired:           &fnv1.State{Composite: r(), Resources: map[string]*fnv1.Resource{"a": r()}},
		Context:           pb(t, o),
		RequiredResources: map[string]*fnv1.Resources{"none": {}, "two": {Items: []*fnv1.Resource{r(), r()}}, "whole": {Items: []*fnv1.Resource{r()}}},
		RequiredSchemas:   map[string]*fnv1.Schema{"none": {}, "one": {OpenapiV3: pb(t, object{"type": "object", "properties": object{"a": object{}}})}},
	}
}

func decode(t testing.TB, message []byte) (*fnv1.RunFunctionRequest, error) {
	t.Helper()
	req := &fnv1.RunFunctionRequest{}
	return req, Codec(listed()).Unmarshal(mem.BufferSlice{mem.SliceBuffer(message)}, req)
}

func encoded(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDecode holds that a request has what is listed, and all that no list is about.
func TestDecode(t *testing.T) {
	got, err := decode(t, encoded(t, requestOf(t, thing())))
	if err != nil {
		t.Fatal(err)
	}
	want := requestOf(t, cutThing())
	want.Desired, want.Context = requestOf(t, thing()).Desired, requestOf(t, thing()).Context
	want.RequiredResources["whole"] = requestOf(t, thing()).RequiredResources["whole"]
	want.RequiredSchemas["one"].OpenapiV3 = pb(t, object{"type": "object"})
	for _, r := range got.GetObserved().GetResources() {
		whole, err := Whole(r)
		if diff := cmp.Diff(pb(t, thing()), whole, protocmp.Transform()); err != nil || diff != "" {
			t.Errorf("\nThe rest of an object is there when it is wanted.\nWhole(...): %v -want, +got:\n%s", err, diff)
		}
		r.ProtoReflect().SetUnknown(nil)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("\nA request has what is listed, and all that no list is about.\n-want, +got:\n%s", diff)
	}
}

// TestWhole holds that an object which was never cut is whole, and that what was kept is
// judged when it is decoded.
func TestWhole(t *testing.T) {
	r := &fnv1.Resource{Resource: pb(t, thing())}
	if whole, err := Whole(r); err != nil || whole != r.GetResource() || Size(r) != 0 {
		t.Errorf("an object that was never cut is whole, got %v, %v", whole, err)
	}
	if whole, err := Whole(nil); err != nil || len(whole.GetFields()) != 0 {
		t.Errorf("no resource has no object, got %v, %v", whole, err)
	}
	r.ProtoReflect().SetUnknown(protowire.AppendBytes(protowire.AppendTag(nil, resourceKept, protowire.BytesType), []byte{0xff}))
	if _, err := Whole(r); err == nil {
		t.Error("what cannot be decoded is an error")
	}
}

// TestForged holds that nobody but us says what an object was.
func TestForged(t *testing.T) {
	req := requestOf(t, cutThing())
	forged := protowire.AppendBytes(protowire.AppendTag(nil, resourceKept, protowire.BytesType), encoded(t, pb(t, object{"kind": "Forged"})))
	req.GetObserved().GetResources()["a"].ProtoReflect().SetUnknown(forged)
	req.GetObserved().GetComposite().ProtoReflect().SetUnknown(forged)
	got, err := decode(t, encoded(t, req))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*fnv1.Resource{got.GetObserved().GetResources()["a"], got.GetObserved().GetComposite()} {
		if whole, err := Whole(r); err != nil || whole.GetFields()["kind"].GetStringValue() != "Thing" {
			t.Errorf("only we write what is kept, got %v, %v", whole, err)
		}
	}
}

// FuzzCut holds that any message which protobuf decodes is decoded as if protobuf had
// decoded it whole and the fields had been left out then: whatever the order of its
// fields, however often each is there, and with fields that nobody knows. Of one that
// protobuf refuses only what is left out may be wrong.
func FuzzCut(f *testing.F) {
	f.Add(encoded(f, requestOf(f, thing())))
	f.Add(encoded(f, requestOf(f, object{})))
	twice := encoded(f, requestOf(f, thing()))
	f.Add(append(twice, encoded(f, requestOf(f, object{"kind": "Other", "metadata": "text", "status": object{"conditions": nil}}))...))
	f.Fuzz(func(t *testing.T, message []byte) {
		whole := &fnv1.RunFunctionRequest{}
		wholeErr := proto.Unmarshal(message, whole)
		got, err := decode(t, message)
		if wholeErr != nil {
			return
		}
		if err != nil {
			t.Fatalf("what protobuf decodes is decoded, got %v", err)
		}
		for name, r := range whole.GetObserved().GetResources() {
			kept, err := Whole(got.GetObserved().GetResources()[name])
			if diff := cmp.Diff(r.GetResource(), kept, protocmp.Transform()); err != nil || diff != "" && r.Resource != nil {
				t.Fatalf("what is kept is the whole: %v -want, +got:\n%s", err, diff)
			}
		}
		leaveOut(whole, listed())
		leaveOut(got, listed()) // What is not cut because it is odd is more than listed, and never less.
		if diff := cmp.Diff(whole, got, protocmp.Transform()); diff != "" {
			t.Errorf("it is decoded as the whole is: -want, +got:\n%s", diff)
		}
	})
}

// leaveOut cuts a request that is decoded.
func leaveOut(req *fnv1.RunFunctionRequest, by Request) {
	of := func(r *fnv1.Resource, o Object) {
		if r == nil {
			return
		}
		r.ProtoReflect().SetUnknown(nil)
		leaveOutOf(r.GetResource(), o.Fields)
	}
	of(req.GetObserved().GetComposite(), by.Composite)
	for _, r := range req.GetObserved().GetResources() {
		of(r, by.Composed)
	}
	for name, found := range req.GetRequiredResources() {
		for _, r := range found.GetItems() {
			of(r, by.Required(name))
		}
	}
	for _, s := range req.GetRequiredSchemas() {
		leaveOutOf(s.GetOpenapiV3(), by.Schema)
	}
}

func leaveOutOf(s *structpb.Struct, f *Fields) {
	for name, v := range s.GetFields() {
		below, decoded := f.below([]byte(name))
		if !decoded {
			delete(s.GetFields(), name)
			continue
		}
		leaveOutOfValue(v, below)
	}
}

func leaveOutOfValue(v *structpb.Value, f *Fields) {
	leaveOutOf(v.GetStructValue(), f)
	for _, item := range v.GetListValue().GetValues() {
		leaveOutOfValue(item, f)
	}
}
