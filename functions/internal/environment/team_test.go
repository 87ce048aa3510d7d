package environment

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// withTeams is the built-in Blueprint with some more, and teams.
func withTeams(t *testing.T, teams string) (Blueprint, field.ErrorList) {
	t.Helper()
	return ParseBlueprint(blueprintWith(t, func(b map[string]any) {
		var list []any
		if err := json.Unmarshal([]byte(teams), &list); err != nil {
			t.Fatal(err)
		}
		b["teams"] = list
		extra := func(always bool) map[string]any {
			return map[string]any{"always": always, "imagePullSecrets": []any{"pull"}}
		}
		b["extras"] = map[string]any{"mesh": extra(true), "gpu": extra(false), "queue": extra(false)}
		zones := b["routing"].(map[string]any)["zones"].(map[string]any)
		zones["public"].(map[string]any)["plugins"] = map[string]any{"cors": "cors", "limit": "limit"}
		zones["internal"] = map[string]any{"gatewayNamespace": "kong", "gateway": map[string]any{"name": "g", "namespace": "kong", "sectionName": "https"}, "dns": map[string]any{"target": "192.0.2.1"}}
		b["routing"].(map[string]any)["defaultZone"] = "internal"
	}))
}

// payments is a team with something of everything.
const payments = `[{"namespaces": ["payments"]}, {"namespaces": ["pay*", "shop"],
	"services": ["checkout", "pay-*"], "members": ["*@example.com"],
	"environments": {"dev": {"protect": true, "deletionPolicy": "Retain"}, "prod": {"size": "small", "hostSuffixes": {"public": ["pay.example.org"]}, "retention": {"max": "7d"}, "lifetime": {"reviewWithin": "365d"}}},
	"sizes": {"small": {"maxQuota": {"pods": "40"}}}, "zones": {"public": {"plugins": ["cors"]}}, "extras": ["gpu"], "searchLimits": {"maxShards": 2, "maxReplicas": 0}}]`

func TestParseTeam(t *testing.T) {
	b, errs := withTeams(t, payments)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	two, one := int32(3), int32(1)
	everything := func(c *Claim) {
		c.Spec = v1alpha1.ServiceEnvironmentSpec{
			Service: "ledger", Environment: "staging", Size: "large",
			Access: &v1alpha1.Access{Members: []v1alpha1.Member{"ana@example.com", "eve@example.org"}, Owners: []v1alpha1.Member{"eve@example.org"},
				Roles: []v1alpha1.RoleGrant{{Role: "Viewer", Users: []v1alpha1.Subject{"eve@example.org"}}}},
			Extras: []v1alpha1.ExtraRequest{{Name: "queue"}},
			Search: &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "a", Shards: &two, Replicas: &one}}},
			Routes: []v1alpha1.Route{{Host: "a.example.com", Service: "a", Port: 80, Zone: "internal"}},
		}
	}
	cases := map[string]struct {
		reason string
		team   string
		edit   func(*Claim)
		want   []string
	}{
		"NothingOtherwise": {reason: "The first team that fits holds, and gives here what all have.", team: "payments", edit: func(c *Claim) { c.Spec.Size = "large" }},
		"Another":          {reason: "A team that the Blueprint does not know has what all have.", team: "pey", edit: func(c *Claim) { c.Spec.Size = "large" }},
		"Everything": {
			reason: "What a team has not it is told at once.", team: "pay2", edit: everything,
			want: []string{
				"FieldValueNotSupported spec.environment", "FieldValueNotSupported spec.size", "FieldValueInvalid spec.service",
				"FieldValueInvalid spec.access.members[1]", "FieldValueInvalid spec.access.owners[0]", "FieldValueInvalid spec.access.roles[0].users[0]",
				"FieldValueInvalid spec.search.indices[0].shards", "FieldValueInvalid spec.search.indices[0].replicas", "FieldValueNotSupported spec.routes[0].zone",
			},
		},
		"Extra": {reason: "An extra of others is none.", team: "shop", edit: func(c *Claim) { c.Spec.Environment, c.Spec.Extras = "dev", []v1alpha1.ExtraRequest{{Name: "queue"}} },
			want: []string{"FieldValueNotSupported spec.extras[0].name"}},
		"Otherwise": {
			reason: "Hosts, plugins, retention and quotas are the team's.", team: "shop",
			edit: func(c *Claim) {
				c.Spec.Lifetime = &v1alpha1.Lifetime{Review: "2027-01-01"}
				c.Spec.Overrides = &v1alpha1.Overrides{Quota: map[string]v1alpha1.Quantity{"pods": "41"}}
				c.Spec.Search = &v1alpha1.Search{Streams: []v1alpha1.Stream{{Name: "s", Retention: "8d"}}}
				c.Spec.Routes = []v1alpha1.Route{{Host: "checkout.example.com", Service: "a", Port: 80}, {Host: "pay.example.org", Service: "a", Port: 80, Plugins: []string{"limit"}}}
			},
			want: []string{"FieldValueInvalid spec.overrides.quota[pods]", "FieldValueInvalid spec.search.streams[0].retention", "FieldValueInvalid spec.routes[0].host", "FieldValueNotSupported spec.routes[1].plugins[0]"},
		},
		"Right": {
			reason: "What a team has it may use, members in capitals too.", team: "shop",
			edit: func(c *Claim) {
				c.Spec.Service = "pay-out"
				c.Spec.Lifetime = &v1alpha1.Lifetime{Review: "2027-01-01"}
				c.Spec.Access = &v1alpha1.Access{Members: []v1alpha1.Member{"Ana@Example.com"}}
				c.Spec.Overrides = &v1alpha1.Overrides{Quota: map[string]v1alpha1.Quantity{"pods": "40"}}
				c.Spec.Extras = []v1alpha1.ExtraRequest{{Name: "gpu"}}
				c.Spec.Routes = []v1alpha1.Route{{Host: "pay.example.org", Service: "a", Port: 80, Plugins: []string{"cors"}}}
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := checkout(func(c *Claim) { c.Team, c.Today = tc.team, "2026-11-24" }, tc.edit)
			_, errs := Parse(c, b)
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}

func TestResolveTeam(t *testing.T) {
	b, errs := withTeams(t, payments)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	resolve := func(team, environment string) Plan {
		t.Helper()
		s, errs := Parse(checkout(func(c *Claim) {
			c.Team, c.Spec.Environment, c.Today = team, environment, "2026-11-24"
			c.Spec.Lifetime = &v1alpha1.Lifetime{Review: "2027-01-01"}
			c.Spec.Search = &v1alpha1.Search{Streams: []v1alpha1.Stream{{Name: "s"}}}
		}), b)
		if len(errs) > 0 {
			t.Fatal(errs.ToAggregate())
		}
		return Resolve(s)
	}
	type decided struct {
		Policy    v1alpha1.DeletionPolicy
		Protected string
		Pods      string
		Retention string
		Pull      []string
	}
	said := func(p Plan) decided {
		return decided{p.Group.Policy, p.Labels[LabelProtected], p.Namespace.Quota.Pods().String(), p.Streams[0].Retention, p.ServiceAccount.ImagePullSecrets}
	}
	for name, tc := range map[string]struct {
		reason            string
		team, environment string
		want              decided
	}{
		"Dev":       {reason: "Deletion is the team's.", team: "shop", environment: "dev", want: decided{"Retain", "true", "20", "30d", []string{"pull"}}},
		"DevOfAll":  {reason: "That of others is not changed.", team: "other", environment: "dev", want: decided{"Delete", "", "20", "30d", []string{"pull"}}},
		"Prod":      {reason: "So are size and retention, whose default keeps to the team's most.", team: "shop", environment: "prod", want: decided{"Retain", "", "20", "7d", []string{"pull"}}},
		"ProdOfAll": {reason: "Those of others are not changed.", team: "other", environment: "prod", want: decided{"Retain", "", "50", "30d", []string{"pull"}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, said(resolve(tc.team, tc.environment))); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestParseBlueprintTeams(t *testing.T) {
	for name, tc := range map[string]struct {
		reason, teams string
		want          []string
	}{
		"Unknown": {
			reason: "A team's names are those of the Blueprint, and every mistake is told at once.",
			teams: `[{"namespaces": [], "services": ["a b"], "members": ["a b"], "environments": {"moon": {}, "dev": {"size": "huge", "deletionPolicy": "Maybe", "hostSuffixes": {"outer": ["a.b"], "public": ["*"]}, "lifetime": {"expiresWithin": "soon"}, "retention": {"default": "30d", "max": "1d"}}},
				"sizes": {"huge": {}, "small": {"maxQuota": {"pods": "1", "cpu": "x"}}}, "zones": {"outer": {}, "public": {"plugins": ["jwt"]}}, "extras": ["none"], "searchLimits": {"maxShards": -1, "maxReplicas": 101, "maxIndices": -1}}]`,
			want: []string{
				"FieldValueRequired data.teams[0].namespaces", "FieldValueInvalid data.teams[0].services[0]", "FieldValueInvalid data.teams[0].members[0]",
				"FieldValueNotSupported data.teams[0].environments", "FieldValueNotSupported data.teams[0].sizes", "FieldValueNotSupported data.teams[0].zones", "FieldValueNotSupported data.teams[0].extras",
				"FieldValueInvalid data.teams[0].searchLimits.maxShards", "FieldValueInvalid data.teams[0].searchLimits.maxReplicas", "FieldValueInvalid data.teams[0].searchLimits.maxIndices",
				"FieldValueInvalid data.teams[0].sizes[small].maxQuota[cpu]", "FieldValueNotSupported data.teams[0].zones[public].plugins",
				"FieldValueInvalid data.teams[0].environments[dev].size", "FieldValueNotSupported data.teams[0].environments[dev].deletionPolicy",
				"FieldValueNotSupported data.teams[0].environments[dev].hostSuffixes[outer]", "FieldValueInvalid data.teams[0].environments[dev].hostSuffixes[public][0]",
				"FieldValueInvalid data.teams[0].environments[dev].lifetime.expiresWithin", "FieldValueInvalid data.teams[0].environments[dev].retention.default",
			},
		},
		"SizeOfAnEnvironment": {
			reason: "A claim that names no size must be able to have one.",
			teams:  `[{"namespaces": ["a"], "sizes": {"small": {}}, "environments": {"dev": {}, "prod": {}}}]`,
			want:   []string{"FieldValueInvalid data.teams[0].environments[prod].size"},
		},
		"BelowTheSize": {reason: "The most is no less than what a size gives.", teams: `[{"namespaces": ["a"], "sizes": {"small": {"maxQuota": {"pods": "1"}}, "medium": {}}}]`,
			want: []string{"FieldValueInvalid data.teams[0].sizes[small].maxQuota[pods]"}},
		"Twice":   {reason: "The second team of a namespace would never hold.", teams: `[{"namespaces": ["a", "b*"]}, {"namespaces": ["b*"]}]`, want: []string{"FieldValueDuplicate data.teams[1].namespaces[0]"}},
		"Nothing": {reason: "A team may be given nothing.", teams: `[{"namespaces": ["a"], "environments": {}, "sizes": {}, "zones": {}, "extras": [], "services": [], "members": []}]`},
	} {
		t.Run(name, func(t *testing.T) {
			_, errs := withTeams(t, tc.teams)
			if diff := cmp.Diff(tc.want, mistakes(errs)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s\n%v", tc.reason, diff, errs.ToAggregate())
			}
		})
	}
}
