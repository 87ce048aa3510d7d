package graph

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// A Federated credential lets whoever holds a token of an issuer for a subject
// sign in as the application.
type Federated struct {
	Issuer   string
	Subject  string
	Audience string // By default api://AzureADTokenExchange.
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expires  int64    `json:"exp"`
}

// An audience is one string or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(a))
}

// assertion checks the claims of a client assertion, not its signature.
func (s *Server) assertion(kind, token string) *tokenFault {
	c, ok := readClaims(token)
	switch {
	case kind != assertionType || !ok:
		return &tokenFault{http.StatusUnauthorized, "invalid_client", 50027, "JWT token is invalid or malformed."}
	case s.options.Now().After(time.Unix(c.Expires, 0)):
		return &tokenFault{http.StatusUnauthorized, "invalid_client", 700024, "Client assertion is not within its valid time range."}
	case !slices.ContainsFunc(s.options.Federated, c.fit):
		return &tokenFault{http.StatusUnauthorized, "invalid_client", 700213,
			"No matching federated identity record found for presented assertion subject '" + c.Subject + "'."}
	}
	return nil
}

func (c claims) fit(f Federated) bool {
	return c.Issuer == f.Issuer && c.Subject == f.Subject &&
		slices.Contains(c.Audience, or(f.Audience, "api://AzureADTokenExchange"))
}

func readClaims(token string) (claims, bool) {
	var c claims
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	return c, err == nil && json.Unmarshal(raw, &c) == nil
}
