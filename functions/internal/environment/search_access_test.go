package environment

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

const somebody = "5f0b2c1e-7a44-4a53-9a0e-2f6f0c8d1b7a"

// letting is a claim with an index, under a Blueprint with a realm.
func letting(tb testing.TB, edit func(*v1alpha1.Search), blueprint func(*v1alpha1.SearchBackend)) (Spec, field.ErrorList) {
	tb.Helper()
	b := builtIn(tb)
	b.Search.Realm = "entra"
	if blueprint != nil {
		blueprint(&b.Search)
	}
	search := &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}}
	if edit != nil {
		edit(search)
	}
	return Parse(checkout(func(c *Claim) { c.Spec.Search = search }), b)
}

func TestParseSearchAccess(t *testing.T) {
	grant := func(g v1alpha1.SearchGrant) func(*v1alpha1.Search) {
		return func(s *v1alpha1.Search) { s.Access = []v1alpha1.SearchGrant{g} }
	}
	keys := func(k ...v1alpha1.SearchKey) func(*v1alpha1.Search) {
		return func(s *v1alpha1.Search) { s.APIKeys = k }
	}
	cases := map[string]struct {
		reason    string
		edit      func(*v1alpha1.Search)
		blueprint func(*v1alpha1.SearchBackend)
		want      []string
	}{
		"Right": {
			reason: "Groups by object id and users by name are let in.",
			edit:   grant(v1alpha1.SearchGrant{Access: "Reader", Groups: []v1alpha1.ObjectID{somebody}, Users: []v1alpha1.SearchUser{"ana@example.com"}}),
		},
		"NoRealm": {
			reason: "Without a realm nobody can be let in, and the claim says so.",
			edit:   grant(v1alpha1.SearchGrant{Access: "Reader"}), blueprint: func(b *v1alpha1.SearchBackend) { b.Realm = "" },
			want: []string{"FieldValueForbidden spec.search.access"},
		},
		"Patterns": {
			reason: "A user that is a pattern would let in whom it fits.",
			edit:   grant(v1alpha1.SearchGrant{Access: "Reader", Users: []v1alpha1.SearchUser{"*", "/.*/", `a\b`, ""}}),
			want: []string{"FieldValueInvalid spec.search.access[0].users[0]", "FieldValueInvalid spec.search.access[0].users[1]",
				"FieldValueInvalid spec.search.access[0].users[2]", "FieldValueInvalid spec.search.access[0].users[3]"},
		},
		"GroupName": {
			reason: "The name of a group proves nothing: whoever may name groups could take it.",
			edit:   grant(v1alpha1.SearchGrant{Access: "None", Groups: []v1alpha1.ObjectID{"admins", somebody, somebody}}),
			want: []string{"FieldValueNotSupported spec.search.access[0].access", "FieldValueInvalid spec.search.access[0].groups[0]",
				"FieldValueDuplicate spec.search.access[0].groups[2]"},
		},
		"OneSecret": {
			reason: "Two keys do not share a Secret.",
			edit:   keys(v1alpha1.SearchKey{Name: "a", Access: "Reader", SecretName: "elasticsearch-b"}, v1alpha1.SearchKey{Name: "b", Access: "Reader"}),
			want:   []string{"FieldValueInvalid spec.search.apiKeys[1].secretName"},
		},
		"NothingThere": {
			reason: "Access to nothing is a mistake.",
			edit: func(s *v1alpha1.Search) {
				s.Indices, s.APIKeys = nil, []v1alpha1.SearchKey{{Name: "a", Access: "Reader"}}
			},
			want: []string{"FieldValueRequired spec.search.indices"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, errs := letting(t, tc.edit, tc.blueprint)
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\nParse(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestResolveSearch checks who may use the indices.
func TestResolveSearchAccess(t *testing.T) {
	type want struct{ Roles, Mappings []string }
	others := func(s *v1alpha1.Search) {
		s.Access = []v1alpha1.SearchGrant{{Access: "Reader", Users: []v1alpha1.SearchUser{"dee"}}, {Access: "Writer"}}
	}
	cases := map[string]struct {
		reason    string
		edit      func(*v1alpha1.Search)
		blueprint func(*v1alpha1.SearchBackend)
		want      want
	}{
		"Group": {
			reason: "The environment's group may write, and only the role that somebody gets is made.",
			want:   want{[]string{"checkout-prod.writer"}, []string{"checkout-prod.group: checkout-prod.writer"}},
		},
		"Others": {
			reason: "Whom the claim names is let in besides; a grant to nobody is none.", edit: others,
			want: want{[]string{"checkout-prod.reader", "checkout-prod.writer"}, []string{"checkout-prod.group: checkout-prod.writer", "checkout-prod.reader: checkout-prod.reader"}},
		},
		"None": {
			reason: "A Blueprint can leave the group out.", edit: others, blueprint: func(b *v1alpha1.SearchBackend) { b.GroupAccess = v1alpha1.SearchNone },
			want: want{[]string{"checkout-prod.reader"}, []string{"checkout-prod.reader: checkout-prod.reader"}},
		},
		"NoRealm": {
			reason: "Without a realm to pin it to, no mapping is made.", blueprint: func(b *v1alpha1.SearchBackend) { b.Realm = "" },
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s, errs := letting(t, tc.edit, tc.blueprint)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			var got want
			plan := Resolve(s).Search
			for _, r := range plan.Roles {
				got.Roles = append(got.Roles, r.Name)
			}
			for _, m := range plan.Mappings {
				got.Mappings = append(got.Mappings, m.Name+": "+m.Role)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nResolve(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestKeyDurations(t *testing.T) {
	cases := map[string]struct {
		reason string
		policy string
		want   []time.Duration // Validity, RotateBefore, Overlap.
		errs   []string
	}{
		"LeftOut":  {"What is left out has a default.", `{}`, []time.Duration{90 * 24 * time.Hour, 30 * 24 * time.Hour, 24 * time.Hour}, nil},
		"Given":    {"Days and durations are both read.", `{"validity":"10d","rotateBefore":"36h","overlap":"1d"}`, []time.Duration{240 * time.Hour, 36 * time.Hour, 24 * time.Hour}, nil},
		"Short":    {"A key that ends sooner is made anew sooner.", `{"validity":"3h"}`, []time.Duration{3 * time.Hour, time.Hour, 24 * time.Hour}, nil},
		"TooShort": {"A key lives at least an hour.", `{"validity":"10m"}`, nil, []string{"FieldValueInvalid data.search.apiKey.validity"}},
		"NoSense": {"All mistakes are told.", `{"validity":"soon","rotateBefore":"-1h","overlap":"1w"}`, nil,
			[]string{"FieldValueInvalid data.search.apiKey.validity", "FieldValueInvalid data.search.apiKey.overlap", "FieldValueInvalid data.search.apiKey.rotateBefore"}},
		"TooEarly": {"The next key is not made before the first.", `{"validity":"10d","rotateBefore":"10d"}`, nil, []string{"FieldValueInvalid data.search.apiKey.rotateBefore"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			data, err := DefaultData()
			if err != nil {
				t.Fatal(err)
			}
			whole := map[string]any{}
			if err := json.Unmarshal(data, &whole); err != nil {
				t.Fatal(err)
			}
			whole["search"].(map[string]any)["apiKey"] = json.RawMessage(tc.policy)
			if data, err = json.Marshal(whole); err != nil {
				t.Fatal(err)
			}
			b, errs := ParseBlueprint(data)
			if diff := cmp.Diff(tc.errs, mistakes(errs)); diff != "" {
				t.Fatalf("\n%s\nParseBlueprint(...): -want, +got:\n%s", tc.reason, diff)
			}
			if len(errs) > 0 {
				return
			}
			s, errs := Parse(checkout(func(c *Claim) {
				c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}, APIKeys: []v1alpha1.SearchKey{{Name: "app", Access: "Writer"}}}
			}), b)
			if len(errs) > 0 {
				t.Fatal(errs.ToAggregate())
			}
			k := Resolve(s).Search.Keys[0]
			if diff := cmp.Diff(tc.want, []time.Duration{k.Validity, k.RotateBefore, k.Overlap}); diff != "" {
				t.Errorf("\n%s\nResolve(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// FuzzPattern holds that the pattern of an environment's roles fits its own indices
// and no other's, whatever the two and the template are called.
func FuzzPattern(f *testing.F) {
	f.Add("{service}-{environment}.{index}", "checkout", "prod", "checkout-prod", "b")
	f.Add("x.{service}-{environment}.y.{index}", "a", "b", "a-b", "y")
	f.Fuzz(func(t *testing.T, template, service, environment, otherService, otherEnvironment string) {
		b := builtIn(t)
		if len(checkTemplate(field.NewPath("names"), template, indexPlace, indexShape)) > 0 {
			t.Skip("no template")
		}
		b.Names.Index = template
		b.Environments[environment] = b.Environments["prod"]
		b.Environments[otherEnvironment] = b.Environments["prod"]
		resolve := func(service, environment string) Plan {
			s, errs := Parse(checkout(func(c *Claim) {
				c.Spec.Service, c.Spec.Environment = service, environment
				c.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}, APIKeys: []v1alpha1.SearchKey{{Name: "app", Access: "Reader"}}}
			}), b)
			if len(errs) > 0 {
				t.Skip("no claim")
			}
			return Resolve(s)
		}
		one, other := resolve(service, environment), resolve(otherService, otherEnvironment)
		fits := func(p Plan) bool {
			return strings.HasPrefix(p.Indices[0].Name, strings.TrimSuffix(one.Search.Keys[0].Role.Pattern, "*"))
		}
		if !fits(one) {
			t.Errorf("%q does not reach %q", one.Search.Keys[0].Role.Pattern, one.Indices[0].Name)
		}
		if one.Name != other.Name && fits(other) {
			t.Errorf("%q reaches %q", one.Search.Keys[0].Role.Pattern, other.Indices[0].Name)
		}
	})
}
