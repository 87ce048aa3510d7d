package elasticsearch

import (
	"encoding/json"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

func TestCredentials(t *testing.T) {
	cases := map[string]struct {
		reason string
		edit   func(*connection)
		step   step
	}{
		"Password": {"A user gets in.", func(*connection) {}, step{call: "Authenticate", want: `{"username":"u","roles":["superuser"],"enabled":true}`}},
		"Key":      {"An API key gets in.", func(c *connection) { c.apiKey = "Z29vZDprZXk=" }, step{call: "Exists", name: "none", want: `false`}},
		"WrongPassword": {
			"Nobody gets in with a wrong password.", func(c *connection) { c.password = "wrong" },
			step{call: "Info", failure: failure{401, "security_exception", "unable to authenticate user [u] for REST request [/]", 1}},
		},
		"WrongKey": {
			"Nor with a wrong API key.", func(c *connection) { c.apiKey = "bm8=" },
			step{call: "Info", failure: failure{401, "security_exception",
				"unable to authenticate with provided credentials and anonymous access is not allowed for this request", 1}},
		},
		"NoPrivileges": {
			"Who is known and may do nothing is told what it takes.", func(c *connection) { c.apiKey = "d2VhazprZXk=" },
			step{call: "Delete", name: "orders", failure: failure{403, "security_exception",
				"action [indices:admin/delete] is unauthorized for user [unprivileged] with effective roles [] on indices [orders], " +
					"this action is granted by the index privileges [delete_index,manage,all]", 1}},
		},
	}
	for name, r := range releases {
		for of, tc := range cases {
			t.Run(name+"/"+of, func(t *testing.T) {
				c := serve(t, standin.New(options(r.version)))
				tc.edit(&c)
				r.take(t, r.connect(t, c), tc.reason, tc.step)
			})
		}
	}
}

func TestRoles(t *testing.T) {
	const role = `{"cluster":["monitor"],"indices":[{"names":["orders*"],"privileges":["read"]}]}`
	const mapping = `{"enabled":true,"roles":["reader"],"rules":{"all":[{"field":{"realm.name":"oidc"}},{"field":{"groups":"g"}}]}}`
	steps := []struct {
		reason string
		step
	}{
		{"A role is made,", step{call: "PutRole", name: "reader", body: role, want: `{"role":{"created":true}}`}},
		{"replaced,", step{call: "PutRole", name: "reader", body: role, want: `{"role":{"created":false}}`}},
		{"or with lists that are empty,", step{call: "PutRole", name: "nothing", want: `{"role":{"created":true}}`,
			body: `{"cluster":[],"indices":[{"names":["orders"],"privileges":[],"field_security":{"grant":[]}}],"applications":[],"run_as":[],"remote_indices":[],"global":{}}`}},
		{"which the library reads,", step{call: "GetRole", name: "nothing", want: `{"nothing":{"cluster":[],"applications":[],"metadata":{},
			"indices":[{"names":["orders"],"privileges":[],"field_security":{}}]}}`}},
		{"but that of names is refused.", step{call: "PutRole", name: "nothing", body: `{"indices":[{"names":[],"privileges":["read"]}]}`,
			failure: failure{400, "parse_exception", "failed to parse indices privileges for role [nothing]. [names] cannot be an empty array", 1}}},
		{"A role is read,", step{call: "GetRole", name: "reader", want: `{"reader":{"cluster":["monitor"],"metadata":{}}}`}},
		{"given to who fits a rule,", step{call: "PutRoleMapping", name: "m", body: mapping, want: `{"role_mapping":{"created":true}}`}},
		{"or to everybody, where rules are empty,", step{call: "PutRoleMapping", name: "all", want: `{"role_mapping":{"created":true}}`,
			body: `{"enabled":true,"roles":["reader"],"role_templates":[],"rules":{"all":[]},"metadata":{"none":[]}}`}},
		{"which is told of without templates that are none,", step{call: "GetRoleMapping", name: "all", want: `{"all":{"roles":["reader"],"rules":{},"metadata":{"none":[]}}}`}},
		{"as is the first,", step{call: "GetRoleMapping", name: "m", want: `{"m":{"enabled":true,"roles":["reader"]}}`}},
		{"and deleted.", step{call: "DeleteRole", name: "reader", want: `{"found":true}`}},
	}
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			es := r.connect(t, serve(t, standin.New(options(r.version))))
			for _, st := range steps {
				r.take(t, es, st.reason, st.step)
			}
		})
	}
}

func TestLifecyclePolicies(t *testing.T) {
	const policy = `{"policy":{"_meta":{"m":1},"phases":{"hot":{"actions":{"rollover":{"max_age":"30d","max_primary_shard_size":"50gb"},"set_priority":{"priority":100}}},` +
		`"delete":{"min_age":"90d","actions":{"delete":{}}}}}}`
	steps := []struct {
		reason string
		step
	}{
		{"A policy is made,", step{call: "PutPolicy", name: "p", body: policy, want: `{"acknowledged":true}`}},
		{"read with its defaults,", step{call: "GetPolicy", name: "p", want: `{"p":{"version":1,"policy":{"_meta":{"m":1},"phases":{
			"hot":{"min_age":"0ms","actions":{"rollover":{"max_age":"30d"},"set_priority":{"priority":100}}},
			"delete":{"min_age":"90d","actions":{"delete":{"delete_searchable_snapshot":true}}}}}}}`}},
		{"deleted,", step{call: "DeletePolicy", name: "p", want: `{"acknowledged":true}`}},
		{"and gone.", step{call: "DeletePolicy", name: "p", failure: failure{404, "resource_not_found_exception", "Lifecycle policy not found: p", 1}}},
	}
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			es := r.connect(t, serve(t, standin.New(options(r.version))))
			for _, st := range steps {
				r.take(t, es, st.reason, st.step)
			}
		})
	}
}

// TestMadeKey checks that a key made through the library opens the door that it is
// for, and no other.
func TestMadeKey(t *testing.T) {
	const limits = `{"name":"limited","role_descriptors":{"r":{"indices":[{"names":["orders"],"privileges":["manage"]}]}}}`
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			c := serve(t, standin.New(options(r.version)))
			maker := r.connect(t, c)
			made, err := maker["CreateAPIKey"](t.Context(), "", limits)
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(made)
			if err != nil {
				t.Fatal(err)
			}
			key, _ := decoded(t, string(text)).(map[string]any)
			c.apiKey, _ = key["encoded"].(string)
			es := r.connect(t, c)
			r.take(t, es, "A key is good for what it names.", step{call: "Create", name: "orders", body: `{}`, want: `{"acknowledged":true}`})
			_, err = es["Create"](t.Context(), "others", `{}`)
			if f, ok := r.failure(err); !ok || f.Status != 403 || f.Type != "security_exception" {
				t.Errorf("\nA key is good for nothing else.\nCreate(...): %v", err)
			}
			id, _ := key["id"].(string)
			r.take(t, maker, "Keys are found by their names,", step{call: "QueryAPIKeys",
				body: `{"size":100,"query":{"bool":{"filter":[{"terms":{"name":["other","limited"]}},{"term":{"invalidated":false}}]}}}`,
				want: `{"total":1,"count":1,"api_keys":[{"id":"` + id + `","name":"limited","invalidated":false}]}`})
			r.take(t, maker, "Its owner changes it,", step{call: "UpdateAPIKey", name: id, body: `{"metadata":{"m":1}}`, want: `{"updated":true}`})
			r.take(t, maker, "and ends it.", step{call: "InvalidateAPIKey", body: `{"ids":["` + id + `"]}`, want: `{"error_count":0,"invalidated_api_keys":["` + id + `"]}`})
		})
	}
}
