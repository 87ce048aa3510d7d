package graph

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const tokenLife = time.Hour

// signIn answers the paths of the token service, and reports whether it did.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request) bool {
	host := "https://" + r.Host
	tenant := host + "/" + s.options.TenantID
	switch r.Method + " " + r.URL.Path {
	case "GET /common/discovery/instance":
		writeJSON(w, http.StatusOK, map[string]any{
			"tenant_discovery_endpoint": tenant + "/v2.0/.well-known/openid-configuration",
			"api-version":               "1.1",
			"metadata": []map[string]any{{
				"preferred_network": r.Host, "preferred_cache": r.Host, "aliases": []string{r.Host},
			}},
		})
	case "GET /" + s.options.TenantID + "/v2.0/.well-known/openid-configuration":
		writeJSON(w, http.StatusOK, map[string]any{
			"issuer":                                tenant + "/v2.0",
			"authorization_endpoint":                tenant + "/oauth2/v2.0/authorize",
			"token_endpoint":                        tenant + "/oauth2/v2.0/token",
			"token_endpoint_auth_methods_supported": []string{"client_secret_post", "private_key_jwt"},
			"response_types_supported":              []string{"token"},
			"scopes_supported":                      []string{"openid"},
		})
	case "POST /" + s.options.TenantID + "/oauth2/v2.0/token":
		s.token(w, r)
	default:
		return s.strangeTenant(w, r)
	}
	return true
}

// strangeTenant refuses the token service's paths of all other tenants.
func (s *Server) strangeTenant(w http.ResponseWriter, r *http.Request) bool {
	tenant, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if rest != "oauth2/v2.0/token" && rest != "v2.0/.well-known/openid-configuration" {
		return false
	}
	s.refuseToken(w, &tokenFault{http.StatusBadRequest, "invalid_tenant", 90002,
		fmt.Sprintf("Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.", tenant)})
	return true
}

func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if fault := s.credentials(r); fault != nil {
		s.refuseToken(w, fault)
		return
	}
	token := "standin." + randomID() + "." + randomID()
	s.mu.Lock()
	s.tokens[token] = s.options.Now().Add(tokenLife)
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, map[string]any{
		"token_type": "Bearer", "access_token": token,
		"expires_in": int(tokenLife.Seconds()), "ext_expires_in": int(tokenLife.Seconds()),
	})
}

// credentials checks a request for a token, and returns why it is refused.
func (s *Server) credentials(r *http.Request) *tokenFault {
	client := r.PostFormValue("client_id")
	secret, assertion := r.PostFormValue("client_secret"), r.PostFormValue("client_assertion")
	switch {
	case r.PostFormValue("grant_type") != "client_credentials":
		return &tokenFault{http.StatusBadRequest, "unsupported_grant_type", 70003,
			"The app requested an unsupported grant type '" + r.PostFormValue("grant_type") + "'."}
	case client == "" || client != s.options.ClientID:
		return &tokenFault{http.StatusBadRequest, "unauthorized_client", 700016,
			"Application with identifier '" + client + "' was not found in the directory."}
	case !onlyDefault(r.PostFormValue("scope")):
		return &tokenFault{http.StatusBadRequest, "invalid_scope", 1002012,
			"The provided value for scope is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."}
	case assertion != "":
		return s.assertion(r.PostFormValue("client_assertion_type"), assertion)
	case secret == "":
		return &tokenFault{http.StatusUnauthorized, "invalid_client", 7000218,
			"The request body must contain the following parameter: 'client_assertion' or 'client_secret'."}
	case s.options.ClientSecret == "" || subtle.ConstantTimeCompare([]byte(secret), []byte(s.options.ClientSecret)) != 1:
		return &tokenFault{http.StatusUnauthorized, "invalid_client", 7000215,
			"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '" + client + "'."}
	}
	return nil
}

// onlyDefault reports whether scopes hold a resource's default and otherwise
// only those that every client library adds.
func onlyDefault(scopes string) bool {
	found := false
	for s := range strings.FieldsSeq(scopes) {
		switch {
		case strings.HasSuffix(s, "/.default"):
			found = true
		case s != "openid" && s != "offline_access" && s != "profile":
			return false
		}
	}
	return found
}

// A tokenFault is a refusal of the token service. The number is the one of
// Microsoft's AADSTS errors.
type tokenFault struct {
	status  int
	name    string
	number  int
	message string
}

func (s *Server) refuseToken(w http.ResponseWriter, f *tokenFault) {
	now, trace, correlation := s.options.Now().UTC().Format("2006-01-02 15:04:05Z"), randomID(), randomID()
	writeJSON(w, f.status, map[string]any{
		"error": f.name, "error_codes": []int{f.number}, "timestamp": now,
		"trace_id": trace, "correlation_id": correlation,
		"error_uri": fmt.Sprintf("https://login.microsoftonline.com/error?code=%d", f.number),
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
			f.number, f.message, trace, correlation, now),
	})
}

// authenticate checks the Authorization header of a request to Microsoft Graph.
func (s *Server) authenticate(header string) error {
	token, isBearer := strings.CutPrefix(header, "Bearer ")
	if !isBearer || token == "" {
		return unauthenticated("Access token is empty.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	expires, known := s.tokens[token]
	switch {
	case !known:
		return unauthenticated("Access token validation failure. Invalid audience.")
	case s.options.Now().After(expires):
		return unauthenticated("Lifetime validation failed, the token is expired.")
	}
	return nil
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(http.ErrAbortHandler) // Half an answer must not look whole.
	}
}
