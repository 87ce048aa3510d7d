package engine

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// Variables of the environment by which cmd/engine tells tests of a node.
const (
	nameVariable = "PLUMBLINE_ENGINE"
	urlVariable  = "PLUMBLINE_ENGINE_URL"
)

// A Feature is what an engine may lack.
type Feature string

// Features that tests need.
const (
	DataStreams       Feature = "data streams"
	StreamLifecycles  Feature = "data stream lifecycles"
	LifecyclePolicies Feature = "lifecycle policies"
	Security          Feature = "security"
)

// lacks says what each engine does not have.
var lacks = map[string][]Feature{
	Elasticsearch: {DataStreams, LifecyclePolicies, Security},
	OpenSearch:    {StreamLifecycles, LifecyclePolicies, Security},
}

// New returns what a test drives: the stand-in with these options or, where a node
// runs, that node, after it has forgotten what tests before left there.
func New(t testing.TB, o standin.Options, needs ...Feature) http.Handler {
	t.Helper()
	name := os.Getenv(nameVariable)
	if name == "" {
		return standin.New(o)
	}
	for _, f := range needs {
		if slices.Contains(lacks[name], f) {
			t.Skipf("the engine %s has no %s", name, f)
		}
	}
	to, err := url.Parse(os.Getenv(urlVariable))
	if err != nil {
		t.Fatal(err)
	}
	if err := wipe(t.Context(), to.String(), name); err != nil {
		t.Fatalf("cannot wipe %s: %v", name, err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to) //nolint:gosec // It is a node that cmd/engine started.
	if name != OpenSearch {
		return proxy
	}
	proxy.ModifyResponse = speakElastic
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		speakPlainly(r)
		proxy.ServeHTTP(w, r)
	})
}

// URL returns where a node of an engine serves, with nothing in between; false where
// none runs.
func URL(name string) (string, bool) {
	return os.Getenv(urlVariable), os.Getenv(nameVariable) == name
}

// elasticJSON is JSON by the name that Elasticsearch gave it after OpenSearch left.
const elasticJSON = "application/vnd.elasticsearch+json"

// speakPlainly makes a request one that OpenSearch understands.
func speakPlainly(r *http.Request) {
	for _, h := range []string{"Accept", "Content-Type"} {
		if strings.HasPrefix(r.Header.Get(h), elasticJSON) {
			r.Header.Set(h, "application/json")
		}
	}
}

// speakElastic makes an answer of OpenSearch one that clients of Elasticsearch
// understand.
func speakElastic(r *http.Response) error {
	r.Header.Set("X-Elastic-Product", "Elasticsearch")
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		r.Header.Set("Content-Type", fmt.Sprintf("%s;compatible-with=8", elasticJSON))
	}
	return nil
}
