package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"
)

// below is a claim for a host in a domain that all environments of a service share.
const below = `
apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: wild-ENVIRONMENT, namespace: TEAM}
spec:
  service: wild
  environment: ENVIRONMENT
  tags: {costCenter: "4711", dataClass: internal}
  routes: [{host: "HOST", service: web, port: 8080}]
`

// TestWildcardOverOthers lets a team ask for a wildcard over another team's host, and
// for a host below another team's wildcard. Whoever comes second gets nothing.
func TestWildcardOverOthers(t *testing.T) {
	putBackBlueprint(t)
	layOverText(t, `
environments:
  dev: {hostSuffixes: {public: [dev.example.com, "{service}.shared.example.com"]}}
  staging: {hostSuffixes: {public: [staging.example.com, "{service}.shared.example.com"]}}
routing: {zones: {public: {wildcardDomains: ["{service}-{environment}.preview.example.com", "{service}.shared.example.com"]}}}
`)
	claimOf := func(team, environment, host string) string {
		return strings.NewReplacer("TEAM", team, "ENVIRONMENT", environment, "HOST", host).Replace(below)
	}
	wildcard := claimOf("payments", "dev", "*.wild.shared.example.com")
	host := claimOf("shop", "staging", "a.b.wild.shared.example.com")
	cases := []struct {
		reason        string
		first, second string
		holder        string
	}{
		{"A host below another team's wildcard is taken.", wildcard, host, "payments/wild-dev (team payments)"},
		{"A wildcard over another team's host is taken.", host, wildcard, "shop/wild-staging (team shop)"},
	}
	for _, tc := range cases {
		first := commit(t, tc.first)
		becomesReady(t, first)
		served := ingressVersions(t)
		second := commit(t, tc.second)
		says(t, second, "domain wild.shared.example.com, with all hosts in it, belongs to "+tc.holder)
		if diff := cmp.Diff(served, ingressVersions(t)); diff != "" {
			t.Errorf("%s It is not served, and what is served stays as it is: -before, +after:\n%s", tc.reason, diff)
		}
		remove(t, first)
		becomesReady(t, second)
		remove(t, second)
	}
}

// ingressVersions are those of the hosts that TestWildcardOverOthers is about.
func ingressVersions(t *testing.T) map[string]string {
	t.Helper()
	list := &networkingv1.IngressList{}
	if err := plane.Client().List(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, i := range list.Items {
		if strings.HasSuffix(i.Spec.Rules[0].Host, "wild.shared.example.com") {
			// Its status is Kong's controller's.
			out[i.Namespace+" "+i.Spec.Rules[0].Host] = fmt.Sprint(i.UID, i.Generation)
		}
	}
	return out
}

// TestPatternOfOthers lets an index template of others fit the names of a claim, first
// before the claim is there and then after.
func TestPatternOfOthers(t *testing.T) {
	const template = "/_index_template/others-of-overlap"
	others := map[string]any{"index_patterns": []any{"overlap-dev.*"}, "data_stream": map[string]any{}, "priority": 900, "_meta": map[string]any{"theirs": "kept"}}
	if code, answer := elasticsearch().do(t, http.MethodPut, template, others); code != http.StatusOK {
		t.Fatalf("cannot put index template: %v", answer)
	}
	_, before := elasticsearch().do(t, http.MethodGet, template, nil)
	c := commit(t, strings.NewReplacer("SERVICE", "overlap", "TEAM", "payments").Replace(sameService))
	says(t, c, "matches with template [others-of-overlap]")
	says(t, c, `index template "others-of-overlap" of priority 900 matches data stream "overlap-dev.logs" as well`)
	if got := index(t, "overlap-dev.orders"); got != nil {
		t.Errorf("no index is made by the template of others, got %v", got)
	}
	if code, answer := elasticsearch().do(t, http.MethodGet, "/_data_stream/overlap-dev.logs", nil); code != http.StatusNotFound {
		t.Errorf("nor is a data stream, got %d %v", code, answer)
	}
	if _, after := elasticsearch().do(t, http.MethodGet, template, nil); !cmp.Equal(before, after) {
		t.Errorf("the template of others stays as it is: -before, +after:\n%s", cmp.Diff(before, after))
	}
	elasticsearch().do(t, http.MethodDelete, template, nil)
	becomesReady(t, c)

	uuid := index(t, "overlap-dev.orders")["index.uuid"]
	_, stream := elasticsearch().do(t, http.MethodGet, "/_data_stream/overlap-dev.logs", nil)
	elasticsearch().do(t, http.MethodPut, template, others)
	change(t, c, func(spec map[string]any) { spec["size"] = "medium" })
	eventually(t, "the claim goes on", func() string {
		if got := quota(t, "overlap-dev")["pods"]; got.Value() != 50 {
			return "it allows pods: " + got.String()
		}
		return ""
	})
	if got := index(t, "overlap-dev.orders")["index.uuid"]; got != uuid {
		t.Errorf("an index that was there before the pattern stays, uuid %v became %v", uuid, got)
	}
	if _, after := elasticsearch().do(t, http.MethodGet, "/_data_stream/overlap-dev.logs", nil); backing(stream) != backing(after) {
		t.Errorf("and so does a data stream: %v became %v", backing(stream), backing(after))
	}
	elasticsearch().do(t, http.MethodDelete, template, nil)
	becomesReady(t, c)
	remove(t, c)
}

// backing names the indices of the one data stream of an answer.
func backing(answer map[string]any) string {
	streams, _ := answer["data_streams"].([]any)
	if len(streams) != 1 {
		return fmt.Sprint(answer)
	}
	return fmt.Sprint(streams[0].(map[string]any)["indices"])
}
