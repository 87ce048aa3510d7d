package rehearsal

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLookup holds that a Blueprint which has hosts looked up adds a Lookup for each to an
// environment, and changes nothing else of it.
func TestLookup(t *testing.T) {
	claim, blueprint := example(t, "production")
	without, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	zones := blueprint["data"].(map[string]any)["routing"].(map[string]any)["zones"].(map[string]any)
	zones["public"].(map[string]any)["dns"].(map[string]any)["lookup"] = map[string]any{"server": "10.0.0.2", "ownerID": "eu-1"}
	with, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(without.Status.Summary, with.Status.Summary); diff != "" {
		t.Errorf("an environment whose hosts resolve is ready: -without, +with:\n%s", diff)
	}
	specs, names := map[string]any{}, []string{}
	for _, r := range with.Resources {
		if r.Object["kind"] == "Lookup" {
			specs[r.Object["metadata"].(map[string]any)["name"].(string)] = r.Object["spec"]
			continue
		}
		names = append(names, r.Part)
	}
	var before []string
	for _, r := range without.Resources {
		before = append(before, r.Part)
	}
	if diff := cmp.Diff(before, names); diff != "" {
		t.Errorf("nothing else changes: -without, +with:\n%s", diff)
	}
	spec := func(host string) any {
		return map[string]any{
			"dnsName": host, "recordType": "CNAME", "targets": []any{"gateway.example.com"}, "server": "10.0.0.2",
			"registry": map[string]any{"ownerID": "eu-1"},
		}
	}
	want := map[string]any{"checkout.example.com": spec("checkout.example.com"), "pay.checkout.example.com": spec("pay.checkout.example.com")}
	if diff := cmp.Diff(want, specs); diff != "" {
		t.Errorf("each host is looked up: -want, +got:\n%s", diff)
	}
}
