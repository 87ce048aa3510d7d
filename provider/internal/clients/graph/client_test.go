package graph

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	tenant = "11111111-1111-1111-1111-111111111111"
	app    = "22222222-2222-2222-2222-222222222222"
	group  = "33333333-3333-3333-3333-333333333333"
)

// id returns the n-th object id.
func id(n int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", n) }

// serve signs everybody in and answers Graph's part with h.
func serve(t *testing.T, h http.HandlerFunc) *Client {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewUnstartedServer(mux)
	mux.HandleFunc("/"+tenant+"/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]string{
			"issuer":                 server.URL + "/" + tenant + "/v2.0",
			"authorization_endpoint": server.URL + "/" + tenant + "/oauth2/v2.0/authorize",
			"token_endpoint":         server.URL + "/" + tenant + "/oauth2/v2.0/token",
		})
	})
	mux.HandleFunc("/"+tenant+"/oauth2/v2.0/token", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("client_secret") != "right" {
			answer(w, 401, map[string]any{"error": "invalid_client", "error_codes": []int{7000215},
				"error_description": "Trace ID: x Timestamp: now", "correlation_id": "x"})
			return
		}
		answer(w, 200, map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "token"})
	})
	mux.HandleFunc("/", h)
	server.StartTLS()
	t.Cleanup(server.Close)
	return connect(t, server, "right")
}

func connect(t *testing.T, server *httptest.Server, secret string) *Client {
	t.Helper()
	c, err := New(Config{
		TenantID: tenant, ClientID: app, ClientSecret: secret,
		Endpoint: server.URL, AuthorityHost: server.URL,
		CABundle: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) //nolint:errchkjson // The client is gone; there is nobody to tell.
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	answer(w, status, map[string]any{"error": map[string]any{"code": code, "message": message,
		"innerError": map[string]string{"date": "now", "request-id": "x"}}})
}

func TestErrors(t *testing.T) {
	cases := map[string]struct {
		reason   string
		serve    http.HandlerFunc
		notFound bool
		text     string
		wait     time.Duration
	}{
		"NotFound": {
			reason: "Graph's own 404 means that the object is not there, or not yet.",
			serve: func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 404, "Request_ResourceNotFound", "Resource 'x' does not exist")
			},
			notFound: true, text: "Request_ResourceNotFound: Resource 'x' does not exist",
		},
		"Bare404": {
			reason: "A 404 of a proxy says nothing about the object.",
			serve:  func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) },
			text:   "answer 404 Not Found does not come from Microsoft Graph; check the endpoint and what stands before it",
		},
		"OtherCode404": {
			reason: "A 404 about the request's path says nothing about the object.",
			serve: func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 404, "BadRequest", "Resource not found for the segment 'x'.")
			},
			text: "BadRequest: Resource not found for the segment 'x'.",
		},
		"Throttled": {
			reason: "A long wait is not waited for, but handed on.",
			serve: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", "40")
				refuse(w, 429, "TooManyRequests", "at 12:00:01")
			},
			text: "Throttled: Microsoft Graph asks the application to wait (TooManyRequests)", wait: 40 * time.Second,
		},
		"Forbidden": {
			reason: "A missing permission says so.",
			serve:  func(w http.ResponseWriter, _ *http.Request) { refuse(w, 403, "Authorization_RequestDenied", "x") },
			text:   "Microsoft Graph does not permit this to the application (Authorization_RequestDenied); see the permissions it needs",
		},
		"Broken": {
			reason: "A server error is an error and nothing else, whatever it explains.",
			serve: func(w http.ResponseWriter, _ *http.Request) {
				refuse(w, 500, "InternalServerError", "request x at 12:00")
			},
			text: "Microsoft Graph answered 500 Internal Server Error (InternalServerError)",
		},
		"NotJSON": {
			reason: "An answer that cannot be read is an error that does not repeat it.",
			serve:  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>secret") },
			text:   "the answer of HOST is not the JSON that Microsoft Graph documents",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := serve(t, tc.serve)
			_, err := c.Group(t.Context(), group)
			if err == nil {
				t.Fatalf("\n%s\nGroup(...): want error", tc.reason)
			}
			if diff := cmp.Diff(tc.notFound, IsNotFound(err)); diff != "" {
				t.Errorf("\n%s\nIsNotFound(...): -want, +got:\n%s", tc.reason, diff)
			}
			text := strings.Replace(err.Error(), strings.TrimPrefix(c.endpoint, "https://"), "HOST", 1)
			if diff := cmp.Diff(tc.text, text); diff != "" {
				t.Errorf("\n%s\nError(): -want, +got:\n%s", tc.reason, diff)
			}
			var e *Error
			if errors.As(err, &e) {
				if diff := cmp.Diff(tc.wait, e.RetryAfter()); diff != "" {
					t.Errorf("\n%s\nRetryAfter(): -want, +got:\n%s", tc.reason, diff)
				}
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	called := 0
	right := serve(t, func(w http.ResponseWriter, r *http.Request) {
		called++
		if got := r.Header.Get("Authorization"); got != "Bearer token" {
			t.Errorf("\nThe token goes with every request.\nAuthorization: %q", got)
		}
		answer(w, 200, Group{ID: group})
	})
	if _, err := right.Group(t.Context(), group); err != nil || called != 1 {
		t.Fatalf("\nA right secret signs in.\nGroup(...): %v after %d calls", err, called)
	}
}

func TestSignInRefused(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) { t.Error("Graph was asked without a token") })
	server := &httptest.Server{URL: c.endpoint}
	wrong, err := New(Config{TenantID: tenant, ClientID: app, ClientSecret: "wrong", Endpoint: server.URL, AuthorityHost: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.Group(t.Context(), group)
	want := "cannot sign in to the tenant: no answer from " + strings.TrimPrefix(c.endpoint, "https://") +
		": its certificate is signed by an unknown authority; set caBundleSecretRef"
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("\nA sign-in service that is not trusted is told apart from a refused secret.\nGroup(...): -want, +got:\n%s", diff)
	}
}

func TestSignInWithWrongSecret(t *testing.T) {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	mux := http.NewServeMux()
	server.Config.Handler = mux
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "openid-configuration") {
			answer(w, 200, map[string]string{"issuer": server.URL + "/" + tenant + "/v2.0",
				"authorization_endpoint": server.URL + "/authorize", "token_endpoint": server.URL + "/token"})
			return
		}
		answer(w, 401, map[string]any{"error": "invalid_client", "error_codes": []int{7000215},
			"error_description": "AADSTS7000215: secret 'wrong'. Trace ID: x Timestamp: now"})
	})
	_, err := connect(t, server, "wrong").Group(t.Context(), group)
	want := "cannot sign in to the tenant: the credentials are refused (invalid_client, AADSTS7000215)"
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
		t.Errorf("\nA refused secret is named by the error's number, without trace ids and times.\nGroup(...): -want, +got:\n%s", diff)
	}
}

func TestRetry(t *testing.T) {
	calls := 0
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if calls++; calls == 1 {
			refuse(w, 503, "ServiceUnavailable", "")
			return
		}
		answer(w, 200, Group{ID: group})
	})
	if _, err := c.Group(t.Context(), group); err != nil {
		t.Errorf("\nOne short failure is retried.\nGroup(...): %v", err)
	}
}

func TestCreateGroup(t *testing.T) {
	type sent struct {
		Method, Path string
		Body         map[string]any
	}
	var got sent
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		got = sent{Method: r.Method, Path: r.URL.Path}
		_ = json.NewDecoder(r.Body).Decode(&got.Body)
		if got.Body["uniqueName"] == "old.prod" {
			answer(w, 400, map[string]any{"error": map[string]string{"code": "Request_BadRequest",
				"message": "Another object with the same value for property uniqueName already exists."}})
			return
		}
		answer(w, 201, Group{ID: group})
	})
	objectID, created, err := c.CreateGroup(t.Context(), Group{UniqueName: "new.prod", DisplayName: "New", Description: "d"})
	if err != nil || !created || objectID != group {
		t.Fatalf("\nA group that is new is created.\nCreateGroup(...): %q, %v, %v", objectID, created, err)
	}
	want := sent{"POST", "/v1.0/groups", map[string]any{
		"uniqueName": "new.prod", "displayName": "New", "description": "d", "mailNickname": "new-prod-8c77b4cc22",
		"mailEnabled": false, "securityEnabled": true}}
	want.Body["mailNickname"] = mailNickname("new.prod")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("\nCreation is refused where the alternate key is taken; an upsert would not be.\nCreateGroup(...): -want, +got:\n%s", diff)
	}
	_, created, err = c.CreateGroup(t.Context(), Group{UniqueName: "old.prod"})
	if err != nil || created {
		t.Errorf("\nA group that exists is told apart.\nCreateGroup(...): %v, %v", created, err)
	}
}

func TestPaging(t *testing.T) {
	var c *Client
	c = serve(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/beta/") {
			t.Errorf("\nMembers are read from beta, because v1.0 hides service principals.\nGET %s", r.URL.Path)
		}
		if r.URL.Query().Get("$skiptoken") == "" {
			answer(w, 200, map[string]any{"value": []object{{ID: id(2)}}, "@odata.nextLink": c.endpoint + "/beta/next?$skiptoken=x"})
			return
		}
		answer(w, 200, map[string]any{"value": []object{{ID: id(1)}, {ID: id(2)}}})
	})
	got, err := c.Related(t.Context(), group, Members)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Principal{{ID: id(1)}, {ID: id(2)}}, got); diff != "" {
		t.Errorf("\nAll pages are read; ids are in order and named once.\nRelated(...): -want, +got:\n%s", diff)
	}

	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]any{"value": []object{}, "@odata.nextLink": "https://evil.example.com/v1.0/next"})
	})
	if _, err := elsewhere.Related(t.Context(), group, Members); err == nil || strings.Contains(err.Error(), "evil") {
		t.Errorf("\nA link that leads the token to another host is not followed.\nRelated(...): %v", err)
	}
}

// A directory is a group's members, with Graph's rules for adding to it.
type directory struct {
	members map[string]bool
	unknown map[string]bool
	chunks  []int
}

func (d *directory) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Bind []string `json:"members@odata.bind"`
		ID   string   `json:"@odata.id"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	refs := body.Bind
	if body.ID != "" {
		refs = []string{body.ID}
	}
	if r.Method == http.MethodGet {
		answer(w, 200, Group{ID: group})
		return
	}
	if r.Method == http.MethodPatch {
		d.chunks = append(d.chunks, len(refs))
	}
	for _, ref := range refs {
		switch id := ref[strings.LastIndex(ref, "/")+1:]; {
		case d.unknown[id]:
			refuse(w, 404, "Request_ResourceNotFound", "one of its queried reference-property objects are not present.")
			return
		case d.members[id]:
			refuse(w, 400, "Request_BadRequest", "One or more added object references already exist for the following modified properties: 'members'.")
			return
		}
	}
	for _, ref := range refs {
		d.members[ref[strings.LastIndex(ref, "/")+1:]] = true
	}
	w.WriteHeader(http.StatusNoContent)
}

func TestRelate(t *testing.T) {
	var all []string
	for n := range 45 {
		all = append(all, id(n))
	}
	cases := map[string]struct {
		reason  string
		dir     *directory
		missing []string
		chunks  []int
	}{
		"Many": {
			reason: "No request relates more than 20 objects.",
			dir:    &directory{members: map[string]bool{}}, chunks: []int{20, 20, 5},
		},
		"AlreadyThere": {
			reason: "An object that is a member already does not hold up the rest of its chunk.",
			dir:    &directory{members: map[string]bool{id(3): true}}, chunks: []int{20, 20, 5},
		},
		"Unknown": {
			reason:  "An object that the directory does not know is named, and does not hold up the rest.",
			dir:     &directory{members: map[string]bool{}, unknown: map[string]bool{id(7): true, id(41): true}},
			missing: []string{id(7), id(41)}, chunks: []int{20, 20, 5},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := serve(t, tc.dir.ServeHTTP)
			missing, err := c.Relate(t.Context(), group, Members, all)
			if err != nil {
				t.Fatalf("\n%s\nRelate(...): %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.missing, missing); diff != "" {
				t.Errorf("\n%s\nmissing: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.chunks, tc.dir.chunks); diff != "" {
				t.Errorf("\n%s\nchunks: -want, +got:\n%s", tc.reason, diff)
			}
			if got := len(tc.dir.members) + len(tc.missing); got != len(all) {
				t.Errorf("\n%s\n%d of %d objects are accounted for", tc.reason, got, len(all))
			}
		})
	}
}

func TestResolve(t *testing.T) {
	lookUps := 0
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		lookUps++
		filter := r.URL.Query().Get("$filter")
		var found []object
		switch {
		case strings.HasPrefix(r.URL.Path, "/v1.0/directoryObjects/"+id(9)):
			answer(w, 200, object{ID: id(9)})
			return
		case strings.HasPrefix(r.URL.Path, "/v1.0/directoryObjects/"):
			refuse(w, 404, "Request_ResourceNotFound", "x")
			return
		case r.URL.Path == "/v1.0/groups" && filter == "mail eq 'team@example.com'":
			found = []object{{ID: id(2)}}
		case r.URL.Path == "/v1.0/users" && strings.Contains(filter, "'ana@example.com'"):
			found = []object{{ID: id(5)}, {ID: id(1), UserPrincipalName: "Ana@example.com"}}
		case r.URL.Path == "/v1.0/users" && strings.Contains(filter, "'both@example.com'"):
			found = []object{{ID: id(5)}, {ID: id(6)}}
		case r.URL.Path == "/v1.0/users" && filter == "userPrincipalName eq 'o''hara@example.com' or mail eq 'o''hara@example.com'":
			found = []object{{ID: id(3)}}
		}
		answer(w, 200, map[string]any{"value": found})
	})
	cases := map[string]struct {
		reason string
		name   string
		want   string
	}{
		"PrincipalName": {"A principal name wins over another's mail address.", "ana@example.com", id(1)},
		"Quote":         {"A quote in a name is part of it.", "o'hara@example.com", id(3)},
		"GroupMail":     {"The mail address of a group leads to the group.", "team@example.com", id(2)},
		"Ambiguous":     {"A name of more than one object leads to none.", "both@example.com", ""},
		"ObjectID":      {"An object id leads to its object, of whatever type.", id(9), id(9)},
		"UnknownID":     {"An object id that nothing has leads to none.", id(8), ""},
		"Unknown":       {"A name that nothing has leads to none.", "nobody@example.com", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := c.Resolve(t.Context(), tc.name)
			if err != nil {
				t.Fatalf("\n%s\nResolve(...): %v", tc.reason, err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nResolve(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}

	before := lookUps
	if _, err := c.Resolve(t.Context(), "ANA@example.com"); err != nil || lookUps != before {
		t.Errorf("\nWhat was found is remembered, whatever its case.\nResolve(...): %d look-ups, %v", lookUps-before, err)
	}
	c.known.now = func() time.Time { return time.Now().Add(knownFor + time.Second) }
	if _, err := c.Resolve(t.Context(), "ana@example.com"); err != nil || lookUps == before {
		t.Errorf("\nWhat was found is not believed for ever.\nResolve(...): %d look-ups, %v", lookUps-before, err)
	}
}

func TestSegmentLeadsNowhereElse(t *testing.T) {
	var paths []string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		refuse(w, 404, "Request_ResourceNotFound", "x")
	})
	for _, bad := range []string{"", "../users", "x/members", "a b", id(1) + "/members"} {
		_ = c.DeleteGroup(t.Context(), bad)
	}
	for _, p := range paths {
		if p != "/v1.0/groups/00000000-0000-0000-0000-000000000000" {
			t.Errorf("\nAn id that is none leads to no other path.\nDELETE %s", p)
		}
	}
}

// FuzzMailNickname checks that nicknames keep Graph's rules and stay apart.
func FuzzMailNickname(f *testing.F) {
	f.Add("checkout.prod", "checkout-prod")
	f.Add(strings.Repeat("a", 120), strings.Repeat("a", 119)+"b")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, n := range []string{mailNickname(a), mailNickname(b)} {
			if len(n) > 64 || strings.ContainsAny(n, "@()\\[]\";:<>, ") {
				t.Errorf("nickname %q breaks a rule", n)
			}
		}
		if a != b && mailNickname(a) == mailNickname(b) {
			t.Errorf("%q and %q share a nickname", a, b)
		}
	})
}
