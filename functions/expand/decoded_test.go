package expand

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/encoding"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
)

// captures are the calls that `controlplane capture` has written down: the first for a
// claim, the last before anything exists, and one when nothing changes any more.
func captures() []string { return []string{"first", "create", "steady"} }

func clock() time.Time { return noon }

func captured(tb testing.TB, name string) *fnv1.RunFunctionRequest {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name+".json")) //nolint:gosec // It is one of ours.
	if err != nil {
		tb.Fatal(err)
	}
	req := &fnv1.RunFunctionRequest{}
	if err := protojson.Unmarshal(b, req); err != nil {
		tb.Fatal(err)
	}
	return req
}

// TestDecoded holds that the function reads no field that is left out: it answers a
// request as it answers the whole one. If this fails after you read one more field, add
// it to decoded.go.
func TestDecoded(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // A repeatable order is the point.
	for _, name := range captures() {
		for change, alter := range changes(random) {
			t.Run(name+change, func(t *testing.T) {
				for range times(change) {
					req := captured(t, name)
					alter(req)
					message := marshal(t, req)
					whole := &fnv1.RunFunctionRequest{}
					if err := proto.Unmarshal(message, whole); err != nil {
						t.Fatal(err)
					}
					want, _ := Expand(whole, noon)
					got, _ := Expand(decodeWith(t, Codec(), message), noon)
					if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
						t.Fatalf("\nA request is answered as the whole one.\nExpand(...): -want, +got:\n%s", diff)
					}
				}
			})
		}
	}
}

// times is how often a change is tried. Chance finds one that matters soon.
func times(change string) int {
	if change == "Scrambled" {
		return 20
	}
	return 1
}

// changes are what may be other than in a captured request, so that each reason to read
// a field is there once.
func changes(random *rand.Rand) map[string]func(*fnv1.RunFunctionRequest) {
	spec := func(req *fnv1.RunFunctionRequest) map[string]*structpb.Value {
		return req.GetObserved().GetComposite().GetResource().GetFields()["spec"].GetStructValue().GetFields()
	}
	return map[string]func(*fnv1.RunFunctionRequest){
		"":        func(*fnv1.RunFunctionRequest) {},
		"Refused": func(req *fnv1.RunFunctionRequest) { spec(req)["size"] = structpb.NewStringValue("huge") },
		"Smaller": func(req *fnv1.RunFunctionRequest) {
			delete(spec(req), "overrides")
			spec(req)["size"] = structpb.NewStringValue("small")
		},
		"Paused":     func(req *fnv1.RunFunctionRequest) { spec(req)["paused"] = structpb.NewBoolValue(true) },
		"HandedOver": func(req *fnv1.RunFunctionRequest) { spec(req)["handOver"] = structpb.NewStringValue("orders/checkout") },
		"WrongBlueprint": func(req *fnv1.RunFunctionRequest) {
			config := req.GetRequiredResources()["blueprint"].GetItems()[0].GetResource()
			config.Fields["data"] = structpb.NewStringValue("none")
		},
		"Scrambled": func(req *fnv1.RunFunctionRequest) {
			for name, r := range req.GetObserved().GetResources() {
				if random.IntN(8) == 0 {
					delete(req.Observed.Resources, name)
					continue
				}
				r.ConnectionDetails = nil
				scramble(random, r.GetResource())
			}
		},
	}
}

// scramble takes fields away, at any depth, and changes texts and numbers.
func scramble(random *rand.Rand, s *structpb.Struct) {
	for name, v := range s.GetFields() {
		if random.IntN(12) == 0 {
			delete(s.GetFields(), name)
			continue
		}
		scrambleValue(random, v)
	}
}

func scrambleValue(random *rand.Rand, v *structpb.Value) {
	switch k := v.GetKind().(type) {
	case *structpb.Value_StructValue:
		scramble(random, k.StructValue)
	case *structpb.Value_ListValue:
		for _, item := range k.ListValue.GetValues() {
			scrambleValue(random, item)
		}
	case *structpb.Value_StringValue:
		if random.IntN(8) == 0 {
			k.StringValue = []string{"False", "True", "5", "other"}[random.IntN(4)]
		}
	case *structpb.Value_NumberValue:
		k.NumberValue += float64(random.IntN(3) - 1)
	}
}

// TestLatest holds that the Blueprint which was parsed last is used for its own version
// alone.
func TestLatest(t *testing.T) {
	f := NewFunction(clock)
	answer := func(edits ...edit) string {
		req := captured(t, "create")
		for _, e := range edits {
			e(req)
		}
		rsp, err := f.RunFunction(t.Context(), decodeWith(t, Codec(), marshal(t, req)))
		if err != nil {
			t.Fatal(err)
		}
		return summary(rsp)
	}
	broken := func(version string) edit {
		return func(req *fnv1.RunFunctionRequest) {
			config := req.GetRequiredResources()["blueprint"].GetItems()[0].GetResource()
			config.GetFields()["metadata"].GetStructValue().Fields["resourceVersion"] = structpb.NewStringValue(version)
			config.Fields["data"] = structpb.NewStructValue(&structpb.Struct{})
		}
	}
	right := answer()
	if again := answer(); again != right {
		t.Errorf("the second call is answered as the first, want %q, got %q", right, again)
	}
	if wrong := answer(broken("2")); wrong == right {
		t.Errorf("another version is read anew, got %q", wrong)
	}
	if back := answer(); back != right {
		t.Errorf("a Blueprint that is right again is used again, want %q, got %q", right, back)
	}
	restored := captured(t, "create").GetRequiredResources()["blueprint"].GetItems()[0].GetResource().GetFields()["metadata"].GetStructValue().GetFields()["resourceVersion"].GetStringValue()
	if wrong := answer(broken(restored)); wrong == right {
		t.Errorf("a backup that was changed anew is read anew though its version is an old one, got %q", wrong)
	}
}

// TestAllocations holds what calls cost against the SDK's own decoding and encoding, in
// allocations: a clock would measure the machine. What it costs in CPU, `make
// bench-function` measures.
func TestAllocations(t *testing.T) {
	for name, most := range map[string]float64{"first": 2, "create": 0.6, "steady": 0.5} {
		message, f, plain := marshal(t, captured(t, name)), NewFunction(clock), encoding.GetCodecV2("proto")
		answer, _ := Expand(captured(t, name), noon)
		call(t, f, Codec(), message) // Parses the Blueprint.
		ours := testing.AllocsPerRun(5, func() { call(t, f, Codec(), message) })
		echo := testing.AllocsPerRun(5, func() { decodeWith(t, plain, message); encode(t, answer) })
		t.Logf("%s: %.0f allocations, an echo %.0f: %.2f", name, ours, echo, ours/echo)
		if ours > most*echo {
			t.Errorf("%s: a call allocates at most %.1f times as often as an echo, got %.0f and %.0f", name, most, ours, echo)
		}
	}
}
