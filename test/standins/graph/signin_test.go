package graph

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func assertionOf(t *testing.T, c map[string]any) string {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part(raw) + "." + part([]byte("signature"))
}

func TestToken(t *testing.T) {
	issuer, subject := "https://cluster.example.com", "system:serviceaccount:crossplane-system:provider-plumbline"
	signed := func(subject string, expires int64) url.Values {
		return url.Values{"client_assertion_type": {assertionType}, "client_assertion": {assertionOf(t, map[string]any{
			"iss": issuer, "sub": subject, "aud": []string{"api://AzureADTokenExchange"}, "exp": expires,
		})}}
	}
	const later, before = 4102444800, 1000000000
	cases := map[string]struct {
		reason string
		form   url.Values
		want   string
	}{
		"Secret":      {"The right secret signs in.", url.Values{"client_secret": {testSecret}}, "200"},
		"WrongSecret": {"A wrong secret does not.", url.Values{"client_secret": {"wrong"}}, "401 invalid_client [7000215]"},
		"NoSecret":    {"No credential at all has its own number.", url.Values{}, "401 invalid_client [7000218]"},
		"WrongClient": {"An application that is not in the tenant is told apart.", url.Values{"client_id": {missing}}, "400 unauthorized_client [700016]"},
		"WrongGrant":  {"Only applications sign in.", url.Values{"grant_type": {"password"}}, "400 unsupported_grant_type [70003]"},
		"WrongScope":  {"An application asks for all that it was granted, and nothing else.", url.Values{"scope": {"https://graph.microsoft.com/Group.Read.All"}}, "400 invalid_scope [1002012]"},
		"Assertion":   {"A token of the cluster signs in.", signed(subject, later), "200"},
		"OtherPod":    {"One of another service account does not.", signed("system:serviceaccount:default:x", later), "401 invalid_client [700213]"},
		"Expired":     {"An old one does not.", signed(subject, before), "401 invalid_client [700024]"},
		"NoToken":     {"What is no token does not.", url.Values{"client_assertion_type": {assertionType}, "client_assertion": {"x"}}, "401 invalid_client [50027]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			w := start(t, Options{Federated: []Federated{{Issuer: issuer, Subject: subject}}})
			got := w.token(tc.form)
			if diff := cmp.Diff(tc.want, got.signIn()); diff != "" {
				t.Errorf("\n%s\nPOST token: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// signIn returns status, name and number of an answer of the token service.
func (r reply) signIn() string {
	numbers, failed := r.body["error_codes"].([]any)
	if !failed {
		return fmt.Sprint(r.status)
	}
	return fmt.Sprintf("%d %v %.0f", r.status, r.body["error"], numbers)
}

func TestStrangeTenant(t *testing.T) {
	w := start(t, Options{})
	got := w.send(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/"+missing+"/v2.0/.well-known/openid-configuration", nil))
	if diff := cmp.Diff("400 invalid_tenant [90002]", got.signIn()); diff != "" {
		t.Errorf("\nThere is one tenant.\nGET openid-configuration: -want, +got:\n%s", diff)
	}
}

func TestAuthenticate(t *testing.T) {
	w := start(t, Options{})
	right := w.bearer
	w.bearer = ""
	if diff := cmp.Diff("401 InvalidAuthenticationToken: Access token is empty.", w.do(http.MethodGet, "/v1.0/users", nil).refused()); diff != "" {
		t.Errorf("\nNobody is served without a token.\nGET /users: -want, +got:\n%s", diff)
	}
	w.bearer = "Bearer guessed"
	if got := w.do(http.MethodGet, "/v1.0/users", nil); got.status != 401 {
		t.Errorf("\nNobody is served with a token that was not issued.\nGET /users: %s", got.refused())
	}
	w.bearer = right
	w.must(200, http.MethodGet, "/v1.0/users", nil)
	w.clock = w.clock.Add(tokenLife + time.Second)
	if got := w.do(http.MethodGet, "/v1.0/users", nil); got.status != 401 {
		t.Errorf("\nA token expires.\nGET /users: %s", got.refused())
	}
}

func TestPermissions(t *testing.T) {
	w := start(t, Options{Permissions: []string{"Group.Create"}})
	w.must(201, http.MethodPost, "/v1.0/groups", security())
	want := "403 Authorization_RequestDenied: Insufficient privileges to complete the operation."
	for _, path := range []string{"/v1.0/groups", "/v1.0/users/ana@example.com", "/v1.0/servicePrincipals"} {
		if diff := cmp.Diff(want, w.do(http.MethodGet, path, nil).refused()); diff != "" {
			t.Errorf("\nWhat was not granted is denied.\nGET %s: -want, +got:\n%s", path, diff)
		}
	}
}
