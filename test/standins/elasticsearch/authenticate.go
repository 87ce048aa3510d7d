package elasticsearch

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
)

// An identity is who sent a request, and what that one may do.
type identity struct {
	username string
	names    []string // Of the roles.
	roles    []role
	limits   []role // Of an API key: what it may do besides its owner. Nil: all of that.
	key      *apiKey
}

// authenticate returns who sent a request.
func (s *Server) authenticate(r *http.Request) (identity, error) {
	uri := r.URL.RequestURI()
	if user, password, ok := r.BasicAuth(); ok {
		who, found := s.user(user, password)
		if !found {
			return who, unauthenticated(fmt.Sprintf("unable to authenticate user [%s] for REST request [%s]", user, uri))
		}
		return who, nil
	}
	scheme, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case scheme == "":
		return identity{}, unauthenticated(fmt.Sprintf("missing authentication credentials for REST request [%s]", uri))
	case !strings.EqualFold(scheme, "ApiKey"):
	case s.options.APIKey != "" && equal(encoded, s.options.APIKey):
		who := s.identify(s.options.Username, []string{superuser})
		who.key = &apiKey{id: "superuser", name: "superuser"}
		return who, nil
	case s.options.Unprivileged != "" && equal(encoded, s.options.Unprivileged):
		return identity{username: "unprivileged"}, nil
	default:
		if who, found := s.holder(encoded); found {
			return who, nil
		}
	}
	return identity{}, unauthenticated("unable to authenticate with provided credentials and anonymous access is not allowed for this request")
}

func (s *Server) user(name, password string) (identity, bool) {
	if s.options.Username != "" && name == s.options.Username && equal(password, s.options.Password) {
		return s.identify(name, []string{superuser}), true
	}
	for _, u := range s.options.Users {
		if name == u.Name && equal(password, u.Password) {
			return s.identify(name, u.Roles), true
		}
	}
	return identity{}, false
}

func (s *Server) identify(name string, roles []string) identity {
	who := identity{username: name, names: roles}
	for _, r := range roles {
		if found, exists := s.roles[r]; exists {
			who.roles = append(who.roles, found)
		}
	}
	return who
}

// holder returns who an encoded API key stands for.
func (s *Server) holder(encoded string) (identity, bool) {
	plain, err := base64.StdEncoding.DecodeString(encoded)
	id, secret, _ := strings.Cut(string(plain), ":")
	key, exists := s.keys[id]
	if err != nil || !exists || !key.valid(s.options.Now()) || !equal(secret, key.secret) {
		return identity{}, false
	}
	who := key.owner
	who.limits, who.key = key.limits, key
	return who, true
}

func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func unauthenticated(reason string) error {
	return &fault{status: http.StatusUnauthorized, kind: "security_exception", reason: reason,
		header: map[string][]string{"WWW-Authenticate": {`Basic realm="security", charset="UTF-8"`, "ApiKey"}}}
}

// whoami answers the authenticate API.
func (s *Server) whoami(r *request) (answer, error) {
	realm := object{"name": "native1", "type": "native"}
	body := object{
		"username": r.who.username, "roles": append([]string{}, r.who.names...), "full_name": nil, "email": nil, "metadata": object{},
		"enabled": true, "authentication_realm": realm, "lookup_realm": realm, "authentication_type": "realm",
	}
	if r.who.key != nil {
		realm = object{"name": "_es_api_key", "type": "_es_api_key"}
		body["authentication_realm"], body["lookup_realm"], body["authentication_type"] = realm, realm, "api_key"
		body["roles"] = []string{}
		body["api_key"] = object{"id": r.who.key.id, "name": r.who.key.name}
	}
	return ok(body), nil
}
