package document

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-dev/plumbline/apis/custody"
)

func TestCompare(t *testing.T) {
	cases := map[string]struct {
		reason    string
		got, want string
		differ    []string
	}{
		"Same":          {"What is as wanted is no drift.", `{"a":1}`, `{"a":1}`, nil},
		"FilledIn":      {"What Elasticsearch filled in is no drift.", `{"a":1,"transient_metadata":{"enabled":true}}`, `{"a":1}`, nil},
		"Scalar":        {"A list of one comes back as the value.", `{"field":{"groups":"g"}}`, `{"field":{"groups":["g"]}}`, nil},
		"ListOfScalar":  {"And the other way round.", `{"names":["a"]}`, `{"names":"a"}`, nil},
		"Order":         {"The order of a list means nothing.", `{"all":[{"b":1},{"a":1}]}`, `{"all":[{"a":1},{"b":1}]}`, nil},
		"Text":          {"A number may come back as a text.", `{"n":"5"}`, `{"n":5}`, nil},
		"Changed":       {"Another value is drift, told by its path.", `{"a":{"b":1}}`, `{"a":{"b":2}}`, []string{"a.b"}},
		"More":          {"One more item is drift: it grants more.", `{"cluster":["monitor","all"]}`, `{"cluster":["monitor"]}`, []string{"cluster"}},
		"Less":          {"So is one less.", `{"cluster":[]}`, `{"cluster":["monitor"]}`, []string{"cluster"}},
		"Twice":         {"One item does not stand for two.", `{"a":["x","y"]}`, `{"a":["x","x"]}`, []string{"a"}},
		"NullIsNothing": {"What must be empty may not be there.", `{}`, `{"query":null,"remote_indices":null}`, nil},
		"NullIsEmpty":   {"Or may be empty.", `{"global":{},"remote_indices":[]}`, `{"global":null,"remote_indices":null}`, nil},
		"NullIsBroken":  {"But not hold anything.", `{"remote_indices":[{"names":["*"]}]}`, `{"remote_indices":null}`, []string{"remoteIndices"}},
		"WithinItems":   {"Nor within the items of a list.", `{"indices":[{"names":["a"],"query":"{}"}]}`, `{"indices":[{"names":["a"],"query":null}]}`, []string{"indices"}},
		"EmptyObject":   {"An object without fields says that it is there.", `{"actions":{}}`, `{"actions":{"readonly":{}}}`, []string{"actions.readonly"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, want := decode(t, tc.got), decode(t, tc.want)
			if diff := cmp.Diff(tc.differ, fields(Compare(got, want)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("\n%s\nCompare(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff([]string(nil), fields(Compare(WithoutNulls(want), want)), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("\nWhat is sent is what is wanted.\nCompare(...): -want, +got:\n%s", diff)
			}
		})
	}
}

func fields(differences []custody.Difference) []string {
	var out []string
	for _, d := range differences {
		out = append(out, d.Field)
	}
	return out
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// FuzzCompare checks that a document is no drift from itself, whatever it is, and
// that what is sent holds no null.
func FuzzCompare(f *testing.F) {
	for _, seed := range []string{`{"a":[null,{"b":[1,"1",true]}]}`, `{"rules":{"all":[{"field":{"g":["x"]}}]}}`, `{"a":[[1],1]}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d map[string]any
		if json.Unmarshal([]byte(text), &d) != nil {
			return
		}
		if differ := Compare(d, d); len(differ) > 0 {
			t.Errorf("a document differs from itself at %v", differ)
		}
		if differ := Compare(WithoutNulls(d), d); len(differ) > 0 {
			t.Errorf("what is sent differs from what is wanted at %v", differ)
		}
	})
}
