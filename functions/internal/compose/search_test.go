package compose

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// TestGroupMapping checks whom the mapping of the environment's group lets in.
func TestGroupMapping(t *testing.T) {
	known := Object{"status": map[string]any{"atProvider": map[string]any{"objectID": "new"}}}
	first := find(Parts(planOf(t, everything()), World{Observed: Observed{PartGroup: {"status": map[string]any{"atProvider": map[string]any{"objectID": "old"}}}}}), "search-mapping-group")
	exists, err := objectOf(first.Resource)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason   string
		observed Observed
		want     string
	}{
		"Told":    {"The group of the environment is let in.", Observed{PartGroup: known}, "new"},
		"Silent":  {"While the group does not tell its object id, a mapping that exists keeps the one it has.", Observed{PartGroup: {}, "search-mapping-group": exists}, "old"},
		"Changed": {"A group that was made anew has another.", Observed{PartGroup: known, "search-mapping-group": exists}, "new"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			part := find(Parts(planOf(t, everything()), World{Observed: tc.observed}), "search-mapping-group")
			got, err := objectOf(part.Resource)
			if err != nil {
				t.Fatal(err)
			}
			want := []any{
				map[string]any{"field": map[string]any{"realm.name": "entra"}},
				map[string]any{"field": map[string]any{"groups": []any{tc.want}}},
			}
			if diff := cmp.Diff(want, got.list("spec", "forProvider", "rules", "all")); diff != "" {
				t.Errorf("\n%s\nrules: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestSearchSecret checks what programs get, and when.
func TestSearchSecret(t *testing.T) {
	const key, secret = "search-key-app", "search-secret-elasticsearch-app"
	active := Object{"status": map[string]any{"phase": "Active"}}
	whole := map[string][]byte{"endpoint": []byte("https://es"), "api_key": []byte("new"), "id": []byte("1"), "ca.crt": []byte("PEM")}
	exists := Object{"data": map[string]any{"api_key": base64.StdEncoding.EncodeToString([]byte("old")), "endpoint": base64.StdEncoding.EncodeToString([]byte("https://es"))}}
	encode := func(texts map[string]string) map[string]any {
		out := map[string]any{}
		for k, v := range texts {
			out[k] = base64.StdEncoding.EncodeToString([]byte(v))
		}
		return out
	}
	cases := map[string]struct {
		reason     string
		connection map[string][]byte
		secret     Object
		want       map[string]any
	}{
		"NotMade":  {"There is no Secret before there is a key.", nil, nil, nil},
		"Half":     {"Nor while the key is still being made.", map[string][]byte{"endpoint": []byte("https://es")}, nil, nil},
		"Made":     {"Then it holds what a program needs.", whole, nil, encode(map[string]string{"endpoint": "https://es", "api_key": "new", "ca.crt": "PEM", "index_prefix": "checkout-prod."})},
		"Replaced": {"A new key takes the place of the old one.", whole, exists, encode(map[string]string{"endpoint": "https://es", "api_key": "new", "ca.crt": "PEM", "index_prefix": "checkout-prod."})},
		"Silent":   {"While the key is not told, a Secret that exists keeps what it has.", nil, exists, encode(map[string]string{"endpoint": "https://es", "api_key": "old"})},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			observed := Observed{PartNamespace: active, key: {}}
			if tc.secret != nil {
				observed[secret] = tc.secret
			}
			w := World{Observed: observed, Connections: map[string]map[string][]byte{key: tc.connection}}
			desired, report, err := Compose(Parts(planOf(t, everything()), w), observed, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			for _, d := range desired {
				if d.Name == secret {
					got, _ = d.Object.AsMap()["data"].(map[string]any)
				}
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("\n%s\ndata: -want, +got:\n%s", tc.reason, diff)
			}
			for _, row := range report {
				if row.Name == "elasticsearch-app" && tc.want == nil && row.Reason != status.ReasonWaiting {
					t.Errorf("\n%s\nrow: %+v", tc.reason, row)
				}
			}
		})
	}
}
