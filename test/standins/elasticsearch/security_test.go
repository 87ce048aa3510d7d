package elasticsearch

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func basic(user, password string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(user, password) }
}

func bearing(header string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Authorization", header) }
}

func TestAuthenticate(t *testing.T) {
	cases := map[string]struct {
		reason string
		as     func(*http.Request)
		status int
		want   string
	}{
		"Nobody": {
			"Without credentials nobody gets in, and is told how to.", func(*http.Request) {}, 401,
			refused("security_exception", "missing authentication credentials for REST request [/?pretty]"),
		},
		"WrongPassword": {
			"Nor with a wrong password.", basic("u", "x"), 401,
			refused("security_exception", "unable to authenticate user [u] for REST request [/?pretty]"),
		},
		"NoSuchUser":  {"Nor as nobody knows whom.", basic("x", "p"), 401, ""},
		"NoPassword":  {"Nor without a name or a password.", basic("", ""), 401, ""},
		"WrongKey":    {"Nor with a wrong API key.", bearing("ApiKey bad"), 401, refused("security_exception", "unable to authenticate with provided credentials and anonymous access is not allowed for this request")},
		"OtherScheme": {"Nor in a way that is not served.", bearing("Bearer good"), 401, ""},
		"Superuser":   {"The superuser gets in.", basic("u", "p"), 200, `{"tagline":"You Know, for Search"}`},
		"Key":         {"The superuser's API key is as good.", bearing("ApiKey good"), 200, ""},
		"KeyInCaps":   {"A scheme is written either way; Elastic's transport writes it so.", bearing("APIKey good"), 200, ""},
		"Unprivileged": {
			"Somebody without privileges is known, and may do nothing.", bearing("ApiKey weak"), 403,
			refused("security_exception", "action [cluster:monitor/main] is unauthorized for user [unprivileged] with effective roles [], this action is granted by the cluster privileges [monitor,manage,all]"),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Username: "u", Password: "p", APIKey: "good", Unprivileged: "weak"})
			expect(t, s, tc.reason, step{"GET", "/?pretty", "", tc.status, tc.want}, tc.as)
		})
	}
	w := httptest.NewRecorder()
	New(Options{}).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
	if diff := cmp.Diff([]string{`Basic realm="security", charset="UTF-8"`, "ApiKey"}, w.Header().Values("WWW-Authenticate")); diff != "" {
		t.Errorf("\nWho is not known is told the ways to be.\nWWW-Authenticate: -want, +got:\n%s", diff)
	}
}

func TestAuthorize(t *testing.T) {
	s := New(Options{Username: "u", Password: "p", Users: []User{{"ana", "a", []string{"orders", "absent"}}}})
	reason := "Security privileges: a role grants privileges on the cluster, and on the indices that its patterns fit, and no more."
	for _, st := range []step{
		{"PUT", "/orders-1", "", 200, ""}, {"PUT", "/others", "", 200, ""},
		{"PUT", "/_security/role/orders", `{"cluster":["monitor"],"indices":[{"names":["orders-*"],"privileges":["view_index_metadata","create_index"]}]}`, 200, ""},
	} {
		expect(t, s, reason, st, superuserOf)
	}
	for _, st := range []step{
		{"GET", "/_cluster/health", "", 200, ""},
		{"GET", "/orders-1", "", 200, ""},
		{"GET", "/*", "", 200, `{"orders-1":{"aliases":{}},"others":null}`},
		{"PUT", "/orders-2", "", 200, ""},
		{"GET", "/others", "", 403, refused("security_exception", "action [indices:admin/get] is unauthorized for user [ana] with effective roles [orders,absent] "+
			"on indices [others], this action is granted by the index privileges [view_index_metadata,manage,all]")},
		{"GET", "/missing", "", 403, ""},
		{"GET", "/orders-none", "", 404, ""},
		{"PUT", "/orders-1/_settings", `{"refresh_interval":"1s"}`, 403, ""},
		{"DELETE", "/orders-1", "", 403, ""},
		{"POST", "/orders-1/_doc", `{"a":1}`, 403, ""},
		{"PUT", "/_security/role/orders", `{"cluster":["all"]}`, 403, ""},
		{"GET", "/_security/_authenticate", "", 200, `{"username":"ana","roles":["orders","absent"],"authentication_type":"realm"}`},
	} {
		expect(t, s, reason, st, basic("ana", "a"))
	}
	expect(t, s, reason, step{"DELETE", "/_security/role/orders", "", 200, ""}, superuserOf)
	expect(t, s, "A role that is gone grants nothing.", step{"GET", "/orders-1", "", 403, ""}, basic("ana", "a"))
}

func TestRoles(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Create or update roles API: a role is replaced as a whole, and told whether it is new.",
			steps: []step{
				{"GET", "/_security/role/reader", "", 404, `{}`},
				{"PUT", "/_security/role/reader", `{"cluster":["monitor"],"indices":[{"names":"a","privileges":["read"]}],"metadata":{"m":1}}`, 200, `{"role":{"created":true}}`},
				{"GET", "/_security/role/reader", "", 200, `{"reader":{"cluster":["monitor"],"indices":[{"names":["a"],"privileges":["read"],"allow_restricted_indices":false}],
					"applications":[],"run_as":[],"metadata":{"m":1},"transient_metadata":{"enabled":true}}}`},
				{"PUT", "/_security/role/reader", `{}`, 200, `{"role":{"created":false}}`},
				{"GET", "/_security/role/reader", "", 200, `{"reader":{"cluster":[],"indices":[],"metadata":{}}}`},
				{"DELETE", "/_security/role/reader", "", 200, `{"found":true}`},
				{"DELETE", "/_security/role/reader", "", 404, `{"found":false}`},
			},
		},
		"Empty": {
			reason: "Get roles API: lists that are empty are shown, but for what is not shown where there is none.",
			steps: []step{
				{"PUT", "/_security/role/r", `{"cluster":[],"applications":[],"run_as":[],"global":{},"remote_indices":[],"remote_cluster":[],"metadata":{"none":[],"nothing":{}},
					"indices":[{"names":["a"],"privileges":[],"query":""},{"names":["b"],"privileges":["read"],"field_security":{"grant":[],"except":[]},"query":null}]}`, 200, ""},
				{"GET", "/_security/role/r", "", 200, `{"r":{"cluster":[],"applications":[],"run_as":[],"global":null,"remote_indices":null,"remote_cluster":null,"metadata":{"none":[],"nothing":{}},
					"indices":[{"names":["a"],"privileges":[],"query":null,"field_security":null},{"names":["b"],"privileges":["read"],"field_security":{"grant":[],"except":[]},"query":null}]}}`},
				{"PUT", "/_security/role/r", `{"indices":[{"names":[],"privileges":["read"]}]}`, 400,
					refused("parse_exception", "failed to parse indices privileges for role [r]. [names] cannot be an empty array")},
				{"PUT", "/_security/role/r", `{"indices":[{"names":["a"],"privileges":["read"],"field_security":{}}]}`, 400,
					refused("parse_exception", `failed to parse indices privileges for role [r]. "field_security" must not be empty.`)},
				{"PUT", "/_security/role/r", `{"indices":[{"names":["a"],"privileges":["read"],"field_security":{"except":["x"]}}]}`, 400,
					refused("parse_exception", "failed to parse indices privileges for role [r]. field_security requires grant if except is given")},
			},
		},
		"Reserved": {
			reason: "Built-in roles: they are reserved.",
			steps: []step{
				{"GET", "/_security/role/superuser", "", 200, `{"superuser":{"metadata":{"_reserved":true}}}`},
				{"PUT", "/_security/role/superuser", `{}`, 400, refused("illegal_argument_exception", "Role [superuser] is reserved and may not be used.")},
				{"DELETE", "/_security/role/superuser", "", 400, ""},
			},
		},
		"Wrong": {
			reason: "Create or update roles API, request body: a role has its fields.",
			steps: []step{
				{"PUT", "/_security/role/r", `{"nonsense":1}`, 400, refused("parse_exception", "failed to parse role [r]. unexpected field [nonsense]")},
				{"PUT", "/_security/role/r", `{"indices":[{"privileges":["read"]}]}`, 400,
					refused("parse_exception", "failed to parse indices privileges for role [r]. missing required [names] field")},
				{"PUT", "/_security/role/r", `{"indices":[{"names":["a"],"privileges":["read"],"nonsense":1}]}`, 400, ""},
				{"PUT", "/_security/role/r", `{"indices":[{"names":["a"],"privileges":["read"],"field_security":{"grant":["x"],"nonsense":["y"]}}]}`, 400, ""},
				{"PUT", "/_security/role/r", `{"indices":[{"names":["a"],"privileges":["read"],"field_security":{"grant":null}}]}`, 400, ""},
				{"PUT", "/_security/role/r", `{"indices":{}}`, 400, ""}, {"PUT", "/_security/role/r", "", 400, ""},
				{"GET", "/_security/role/r", "", 404, ""},
			},
		},
	})
}

func TestRoleMappings(t *testing.T) {
	tell(t, map[string]story{
		"Life": {
			reason: "Create or update role mappings API: replaced as a whole; a list of one value comes back as the value.",
			steps: []step{
				{"PUT", "/_security/role_mapping/m", `{"enabled":true,"roles":["none"],"rules":{"all":[{"field":{"realm.name":"oidc"}},{"field":{"groups":["g"]}},
					{"except":{"field":{"username":["a","b"]}}}]}}`, 200, `{"role_mapping":{"created":true}}`},
				{"GET", "/_security/role_mapping/m", "", 200, `{"m":{"enabled":true,"roles":["none"],"metadata":{},
					"rules":{"all":[{"field":{"realm.name":"oidc"}},{"field":{"groups":"g"}},{"except":{"field":{"username":["a","b"]}}}]}}}`},
				{"POST", "/_security/role_mapping/m", `{"enabled":false,"roles":["none"],"rules":{"field":{"dn":"*"}}}`, 200, `{"role_mapping":{"created":false}}`},
				{"GET", "/_security/role_mapping", "", 200, `{"m":{"enabled":false}}`},
				{"DELETE", "/_security/role_mapping/m", "", 200, `{"found":true}`}, {"DELETE", "/_security/role_mapping/m", "", 404, `{"found":false}`},
				{"GET", "/_security/role_mapping/m", "", 404, `{}`},
			},
		},
		"Empty": {
			reason: "Get role mappings API: of roles and templates, none are not shown; rules that nothing fits, or everything, are.",
			steps: []step{
				{"PUT", "/_security/role_mapping/m", `{"enabled":true,"roles":["r"],"role_templates":[],"rules":{"all":[]},"metadata":{"none":[]}}`, 200, ""},
				{"GET", "/_security/role_mapping/m", "", 200, `{"m":{"roles":["r"],"role_templates":null,"rules":{"all":[]},"metadata":{"none":[]}}}`},
				{"PUT", "/_security/role_mapping/m", `{"enabled":true,"roles":[],"role_templates":[{"template":{"source":"r"}}],"rules":{"any":[]}}`, 200, ""},
				{"GET", "/_security/role_mapping/m", "", 200, `{"m":{"roles":null,"role_templates":[{"template":{"source":"r"}}],"rules":{"any":[]}}}`},
				{"PUT", "/_security/role_mapping/m", `{"enabled":true,"roles":["r"],"role_templates":[{"template":{"source":"r"}}],"rules":{"any":[]}}`, 400,
					refused("action_request_validation_exception", "Validation Failed: 1: role-mapping cannot have both roles and role-templates;")},
				{"PUT", "/_security/role_mapping/m", `{"enabled":true,"roles":["r"],"rules":{"field":{"groups":[]}}}`, 400, `{"error":{"type":"parse_exception"}}`},
			},
		},
		"Wrong": {
			reason: "Create or update role mappings API, request body: all mistakes are told at once, and rules have their form.",
			steps: []step{
				{"PUT", "/_security/role_mapping/m", `{"metadata":{"_x":1}}`, 400, refused("action_request_validation_exception",
					"Validation Failed: 1: metadata keys may not start with [_], but [_x] does; 2: role-mapping roles or role-templates are missing; 3: role-mapping rules are missing;")},
				{"PUT", "/_security/role_mapping/m", `{"roles":["r"],"rules":{"any":[{"except":{"field":{"a":"b"}}}]}}`, 400, `{"error":{"type":"parse_exception"}}`},
				{"PUT", "/_security/role_mapping/m", `{"roles":["r"],"rules":{"nonsense":1}}`, 400, ""},
				{"PUT", "/_security/role_mapping/m", `{"roles":["r"],"rules":{}}`, 400, ""},
				{"PUT", "/_security/role_mapping/m", `{"nonsense":1}`, 400, refused("parse_exception", "unexpected field [nonsense]")},
				{"GET", "/_security/role_mapping/m", "", 404, ""},
			},
		},
	})
}

func TestAPIKeys(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := New(Options{Username: "u", Password: "p", Now: func() time.Time { return now }, Users: []User{{"ana", "a", []string{"monitor"}}}})
	expect(t, s, "", step{"PUT", "/_security/role/monitor", `{"cluster":["monitor","manage_own_api_key"]}`, 200, ""}, superuserOf)

	plain := makeKey(t, s, superuserOf, `{"name":"plain"}`)
	reason := "Create API keys API: a key does what its owner does, until it is invalidated."
	expect(t, s, reason, step{"PUT", "/orders", "", 200, ""}, plain.use)
	expect(t, s, reason, step{"GET", "/_security/_authenticate", "", 200, `{"username":"u","authentication_type":"api_key","api_key":{"name":"plain"}}`}, plain.use)
	expect(t, s, reason, step{"DELETE", "/_security/api_key", `{"ids":["` + plain.id + `"]}`, 200,
		`{"invalidated_api_keys":["` + plain.id + `"],"previously_invalidated_api_keys":[],"error_count":0}`}, superuserOf)
	expect(t, s, reason, step{"GET", "/", "", 401, ""}, plain.use)

	limited := makeKey(t, s, superuserOf, `{"name":"limited","role_descriptors":{"r":{"indices":[{"names":["orders"],"privileges":["read"]}]}}}`)
	reason = "Create API keys API, role_descriptors: a key does no more than they say,"
	expect(t, s, reason, step{"GET", "/orders/_count", "", 200, ""}, limited.use)
	expect(t, s, reason, step{"PUT", "/others", "", 403, ""}, limited.use)

	greedy := makeKey(t, s, basic("ana", "a"), `{"name":"greedy","role_descriptors":{"r":{"cluster":["all"]}}}`)
	reason = "and no more than its owner does."
	expect(t, s, reason, step{"GET", "/", "", 200, ""}, greedy.use)
	expect(t, s, reason, step{"PUT", "/_security/role/x", `{}`, 403, ""}, greedy.use)

	brief := makeKey(t, s, superuserOf, `{"name":"brief","expiration":"1d"}`)
	now = now.Add(24*time.Hour - time.Second)
	expect(t, s, "Create API keys API, expiration: a key is good before it expires,", step{"GET", "/", "", 200, ""}, brief.use)
	now = now.Add(time.Second)
	expect(t, s, "and not afterwards.", step{"GET", "/", "", 401, ""}, brief.use)

	reason = "Update API key information API: its owner changes what a key may do, and nobody else,"
	changed := makeKey(t, s, superuserOf, `{"name":"changed","role_descriptors":{"r":{"indices":[{"names":["orders"],"privileges":["read"]}]}}}`)
	wider := `{"role_descriptors":{"r":{"indices":[{"names":["*"],"privileges":["read"]}]}},"metadata":{"m":1}}`
	notOwned := refused("resource_not_found_exception", "no API key owned by requesting user found for ID ["+changed.id+"]")
	expect(t, s, reason, step{"PUT", "/others", "", 200, ""}, superuserOf)
	expect(t, s, reason, step{"PUT", "/_security/api_key/" + changed.id, wider, 404, notOwned}, basic("ana", "a"))
	expect(t, s, reason, step{"GET", "/others/_count", "", 403, ""}, changed.use)
	expect(t, s, reason, step{"PUT", "/_security/api_key/" + changed.id, wider, 200, `{"updated":true}`}, superuserOf)
	expect(t, s, reason, step{"PUT", "/_security/api_key/" + changed.id, wider, 200, `{"updated":false}`}, superuserOf)
	expect(t, s, reason, step{"GET", "/others/_count", "", 200, ""}, changed.use)
	expect(t, s, "not with a key,", step{"PUT", "/_security/api_key/" + changed.id, `{}`, 400, `{"error":{"type":"illegal_argument_exception"}}`}, makeKey(t, s, superuserOf, `{"name":"plain"}`).use)
	expect(t, s, "nor one that has ended.", step{"PUT", "/_security/api_key/" + brief.id, `{}`, 400, refused("illegal_argument_exception", "cannot update expired API key ["+brief.id+"]")}, superuserOf)

	reason = "Create API keys API: a key that is made with a key has no privileges."
	derived := refused("illegal_argument_exception", "creating derived api keys requires an explicit role descriptor that is empty (has no privileges)")
	maker := makeKey(t, s, superuserOf, `{"name":"maker"}`)
	expect(t, s, reason, step{"POST", "/_security/api_key", `{"name":"d"}`, 400, derived}, maker.use)
	expect(t, s, reason, step{"POST", "/_security/api_key", `{"name":"d","role_descriptors":{"r":{"cluster":["monitor"]}}}`, 400, derived}, maker.use)
	expect(t, s, reason, step{"POST", "/_security/api_key", `{"name":"d","role_descriptors":{"r":{}}}`, 200, ""}, maker.use)

	reason = "Get API key information API: secrets are told once, and others' keys to who manages them."
	expect(t, s, reason, step{"GET", "/_security/api_key?name=limited", "", 200,
		`{"api_keys":[{"id":"` + limited.id + `","invalidated":false,"api_key":null,"encoded":null,"role_descriptors":{"r":{"cluster":[]}}}]}`}, superuserOf)
	expect(t, s, reason, step{"GET", "/_security/api_key", "", 200, `{"api_keys":[{"name":"greedy","username":"ana"}]}`}, basic("ana", "a"))
	expect(t, s, reason, step{"GET", "/_security/api_key?id=none", "", 404, `{"api_keys":[]}`}, superuserOf)
	expect(t, s, "A key has a name.", step{"POST", "/_security/api_key", `{}`, 400, ""}, superuserOf)
}

// A madeKey is an API key as its maker gets it.
type madeKey struct{ id, encoded string }

func (k madeKey) use(r *http.Request) { r.Header.Set("Authorization", "ApiKey "+k.encoded) }

func makeKey(t *testing.T, s *Server, as func(*http.Request), body string) madeKey {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/_security/api_key", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	as(r)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	made, _ := decoded(t, w.Body.String()).(map[string]any)
	id, _ := made["id"].(string)
	encoded, _ := made["encoded"].(string)
	if encoded == "" {
		t.Fatalf("no key: %s", w.Body)
	}
	return madeKey{id, encoded}
}
