package graph

import (
	"net/http"
	"sync"
	"time"
)

// Options of a Server. The zero value has no application that could sign in.
type Options struct {
	// TenantID of the only tenant, ClientID and ClientSecret of the only
	// application.
	TenantID     string
	ClientID     string
	ClientSecret string

	// Federated credentials by which the application may sign in instead of with a
	// secret.
	Federated []Federated

	// Permissions are the application permissions that are granted, for example
	// Group.ReadWrite.All. If nil, everything is permitted.
	Permissions []string

	// Users of the tenant. If nil, there are those of DefaultUsers.
	Users []User

	// ServicePrincipals of the tenant besides the application's own.
	ServicePrincipals []ServicePrincipal

	// Lag is how long a new or restored group is not found by any read or write,
	// except a write by its unique name.
	Lag time.Duration

	// RelationLag is how long lists of members and owners show neither additions
	// nor removals.
	RelationLag time.Duration

	// DeletedKeepUniqueName keeps the unique name of a deleted group taken until
	// the group is purged. Otherwise a new group may take it.
	DeletedKeepUniqueName bool

	// ResourceUnits are how many the application may take in ten seconds: 3,500, 5,000
	// or 8,000, as the tenant is small, medium or large. 0: as many as it likes.
	ResourceUnits int

	// Now is the clock, by default the machine's.
	Now func() time.Time
}

// A Server is the stand-in. Clients insist on TLS, which its user adds.
type Server struct {
	options Options
	routes  []route

	mu        sync.Mutex
	tokens    map[string]time.Time // Access tokens and when they expire.
	directory *directory
	throttle  throttle
}

var _ http.Handler = &Server{}

// New returns a server with a directory that holds no groups.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Users == nil {
		o.Users = DefaultUsers()
	}
	s := &Server{options: o, tokens: map[string]time.Time{}, directory: newDirectory(o)}
	s.routes = s.table()
	return s
}

// ServeHTTP answers the token service's and Microsoft Graph's paths.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.signIn(w, r) {
		return
	}
	req, err := s.read(r)
	if err != nil {
		s.write(w, req, refusal(req, err))
		return
	}
	s.write(w, req, s.perform(req))
}

// perform answers a request that is its own or part of a batch.
func (s *Server) perform(r *request) answer {
	if r.method == http.MethodPost && len(r.path) == 1 && r.path[0] == "$batch" {
		return s.batch(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to, params, found := s.find(r)
	if !found {
		return refusal(r, segmentNotFound(r.path))
	}
	if !s.permitted(to.permissions) {
		return refusal(r, denied())
	}
	if err := s.throttled(r); err != nil {
		a := refusal(r, err)
		a.retryAfter = s.retryAfter()
		return a
	}
	r.params = params
	a, err := to.handle(r)
	if err != nil {
		return refusal(r, err)
	}
	return a
}
