package elasticsearch

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options of a stand-in.
type Options struct {
	// Version that the cluster says it has. Left out: 8.19.7.
	Version string

	// Username and Password are the superuser's.
	Username, Password string

	// APIKey is an encoded API key of the superuser. Left out: there is none.
	APIKey string

	// Unprivileged is the encoded API key of somebody who may do nothing.
	Unprivileged string

	// Users besides the superuser.
	Users []User

	// DataNodes is how many nodes hold shards: a shard and its copies are on different
	// ones. Left out: one, which leaves every index with replicas yellow.
	DataNodes int

	// Pool that reads and writes documents. Left out: it takes all.
	Pool Pool

	// Now is the clock, by default the machine's.
	Now func() time.Time
}

// A User of the cluster's own.
type User struct {
	Name, Password string

	// Roles by name. They are made as in Elasticsearch: PUT /_security/role/<name>.
	// One that does not exist grants nothing.
	Roles []string
}

// A Server is the stand-in for one cluster.
type Server struct {
	options Options
	routes  []route
	pool    *pool

	mu        sync.Mutex
	changed   chan struct{} // Closed, and made anew, by every request that may write.
	indices   map[string]*index
	streams   map[string]*dataStream
	templates map[string]template
	roles     map[string]role
	mappings  map[string]object // Role mappings.
	keys      map[string]*apiKey
	policies  map[string]*policy // Of lifecycles.
}

var _ http.Handler = &Server{}

// New returns a cluster without indices.
func New(o Options) *Server {
	if o.Version == "" {
		o.Version = "8.19.7"
	}
	o.DataNodes = max(1, o.DataNodes)
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{
		options: o, pool: newPool(o.Pool), changed: make(chan struct{}),
		indices: map[string]*index{}, streams: map[string]*dataStream{}, templates: map[string]template{}, roles: reservedRoles(),
		mappings: map[string]object{}, keys: map[string]*apiKey{}, policies: map[string]*policy{},
	}
	s.routes = s.table()
	return s
}

// ServeHTTP answers a request as the cluster would.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && r.URL.Path == "/_standin/state" {
		write(w, r, ok(s.State()))
		return
	}
	if r.Method == http.MethodPut && r.URL.Path == "/_standin/lost" {
		s.putLost(w, r)
		return
	}
	a, err := s.take(r)
	if err != nil {
		a = refusal(w, err)
	}
	write(w, r, a)
}

// take has a request wait where it would.
func (s *Server) take(r *http.Request) (answer, error) {
	if !bounded(r) {
		return s.perform(r)
	}
	return s.pool.serve(r.Context(), func() (answer, error) { return s.perform(r) })
}

func (s *Server) perform(r *http.Request) (answer, error) {
	if err := s.checkMediaTypes(r); err != nil {
		return answer{}, err
	}
	req, err := read(r)
	if err != nil {
		return answer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.who, err = s.authenticate(r); err != nil {
		return answer{}, err
	}
	to, err := s.find(req)
	if err != nil {
		return answer{}, err
	}
	if err := s.authorize(req, to.needs); err != nil {
		return answer{}, err
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		defer s.announce()
	}
	return to.handle(req)
}

// announce lets those who wait for a change look again.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// major is that of the version.
func (s *Server) major() string {
	major, _, _ := strings.Cut(s.options.Version, ".")
	return major
}
