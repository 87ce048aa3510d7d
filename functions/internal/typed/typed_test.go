package typed

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/structpb"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type inlined struct {
	Inlined string `json:"inlined,omitempty"`
}

type everything struct {
	metav1.TypeMeta `json:",inline"`
	inlined         `json:",inline"`

	Untagged string
	Skipped  string `json:"-"`

	Text      string                `json:"text"`
	NoText    string                `json:"noText,omitempty"`
	Yes       bool                  `json:"yes"`
	No        *bool                 `json:"no,omitempty"`
	Null      *int64                `json:"null"`
	Number    int32                 `json:"number,omitempty"`
	Unsigned  uint16                `json:"unsigned"`
	Fraction  float64               `json:"fraction"`
	Bytes     []byte                `json:"bytes,omitempty"`
	Texts     []string              `json:"texts"`
	Nested    []inlined             `json:"nested,omitempty"`
	Map       map[string]inlined    `json:"map,omitempty"`
	Any       map[string]any        `json:"any,omitempty"`
	Empty     struct{}              `json:"empty,omitempty"` //nolint:modernize // Kubernetes has such fields.
	Zero      inlined               `json:"zero,omitzero"`
	Time      metav1.Time           `json:"time,omitzero"`
	NoTime    metav1.Time           `json:"noTime"`
	LaterTime *metav1.Time          `json:"laterTime,omitempty"`
	Duration  *metav1.Duration      `json:"duration,omitempty"`
	Quantity  resource.Quantity     `json:"quantity"`
	Limits    corev1.ResourceList   `json:"limits,omitempty"`
	Either    intstr.IntOrString    `json:"either"`
	Raw       *apiextensionsv1.JSON `json:"raw,omitempty"`
}

// TestStruct holds that a struct is written as Kubernetes' own converter and
// protobuf's write it, one after the other.
func TestStruct(t *testing.T) {
	yes, at := true, metav1.NewTime(time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC))
	cases := map[string]struct {
		reason string
		v      any
	}{
		"Nothing": {
			reason: "Empty fields are left out where their tags say so, and null where they do not.",
			v:      &everything{},
		},
		"All": {
			reason: "Each kind of field is written as JSON has it.",
			v: &everything{
				TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "All"}, inlined: inlined{Inlined: "inlined"},
				Untagged: "untagged", Skipped: "skipped", Text: "tëxt", Yes: true, No: &yes, Number: -7, Unsigned: 7, Fraction: 0.25,
				Bytes: []byte("bytes"), Texts: []string{}, Nested: []inlined{{}, {Inlined: "x"}}, Map: map[string]inlined{"a": {}, "b": {Inlined: "y"}},
				Any:  map[string]any{"text": "x", "whole": int64(1), "list": []any{nil, true, 1.5, map[string]any{}}},
				Zero: inlined{Inlined: "not zero"}, Time: at, LaterTime: &at, Duration: &metav1.Duration{Duration: time.Hour},
				Quantity: resource.MustParse("1500m"), Limits: corev1.ResourceList{"cpu": resource.MustParse("2")},
				Either: intstr.FromInt32(80), Raw: &apiextensionsv1.JSON{Raw: []byte(`{"a":[1,"b",null]}`)},
			},
		},
		"EmptySelector": {
			reason: "An empty selector selects everything, and none selects nothing.",
			v: &networkingv1.NetworkPolicy{Spec: networkingv1.NetworkPolicySpec{
				Ingress: []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}, {}}}},
			}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Struct(tc.v)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(converted(t, tc.v), got, protocmp.Transform()); diff != "" {
				t.Errorf("\n%s\nStruct(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func converted(t *testing.T, v any) *structpb.Struct {
	t.Helper()
	m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(v)
	if err != nil {
		t.Fatal(err)
	}
	s, err := structpb.NewStruct(m)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestStructErrors holds that what protobuf cannot carry is named.
func TestStructErrors(t *testing.T) {
	cases := map[string]struct {
		reason string
		v      any
	}{
		"NoObject":  {reason: "A list is no object.", v: []string{"a"}},
		"Nil":       {reason: "Nothing is no object.", v: nil},
		"BadText":   {reason: "Protobuf carries UTF-8 alone.", v: map[string]any{"a": []any{"\xff"}}},
		"BadName":   {reason: "A name is a text too.", v: map[string]any{"\xff": 1}},
		"NoJSON":    {reason: "JSON has no channels.", v: map[string]any{"a": make(chan int)}},
		"Marshaler": {reason: "What writes itself may fail.", v: &apiextensionsv1.JSON{Raw: []byte("{")}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := Struct(tc.v); err == nil {
				t.Errorf("\n%s\nStruct(...): want an error, got %v", tc.reason, got)
			}
		})
	}
}

// FuzzStruct holds that any JSON is written as protobuf's own converter writes it.
func FuzzStruct(f *testing.F) {
	f.Add([]byte(`{"a":[1,"b",null,true,{"c":{}}],"":-1e9}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var m map[string]any
		if json.Unmarshal(text, &m) != nil || m == nil {
			t.Skip("no object")
		}
		want, wantErr := structpb.NewStruct(m)
		got, err := Struct(m)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("it is refused as protobuf refuses it, want %v, got %v", wantErr, err)
		}
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("it is written as protobuf writes it: -want, +got:\n%s", diff)
		}
	})
}

// FuzzJSON holds that JSON comes back from a value as it went in.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"b":[1,-0.5,1e21,null,true,{"c":{},"":"a\u2028<\"\\\n\u00e9"}],"a":[]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var want map[string]any
		if json.Unmarshal(text, &want) != nil || want == nil {
			t.Skip("no object")
		}
		s, err := structpb.NewStruct(want)
		if err != nil {
			t.Skip("no value of protobuf")
		}
		var got map[string]any
		if err := Decode(structpb.NewStructValue(s), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("it comes back: -want, +got:\n%s", diff)
		}
	})
}

// TestJSON holds what JSON has no word for.
func TestJSON(t *testing.T) {
	if got, err := JSON(structpb.NewNumberValue(math.Inf(1))); err == nil {
		t.Errorf("JSON has no infinity, got %s", got)
	}
	if got, err := JSON(nil); err != nil || string(got) != "null" {
		t.Errorf("no value is null, got %s, %v", got, err)
	}
}
