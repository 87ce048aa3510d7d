package elasticsearch

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

// A library is Elastic's client library, as its calls: each takes a name and a
// body, as far as it needs them, and returns the structure that the library decodes
// the answer into.
type library map[string]func(ctx context.Context, name, body string) (any, error)

// A connection says how to reach a cluster.
type connection struct {
	address     string
	authorities []byte

	username, password, apiKey string
}

// A failure is what a library made of an error's answer.
type failure struct {
	Status int
	Type   string
	Reason string
	Causes int // How many root causes it tells.
}

// A release of the library, and the version of Elasticsearch that it is for.
type release struct {
	version string
	connect func(*testing.T, connection) library
	failure func(error) (failure, bool)
}

var releases = map[string]release{
	"V8": {"8.19.7", connect8, failure8},
	"V9": {"9.5.2", connect9, failure9},
}

// options of a stand-in that lets the tests in.
func options(version string) standin.Options {
	return standin.Options{Version: version, Username: "u", Password: "p", APIKey: "Z29vZDprZXk=", Unprivileged: "d2VhazprZXk="} //nolint:gosec // They open nothing but a test's stand-in.
}

// serve serves a stand-in over TLS and returns how its superuser reaches it.
func serve(t *testing.T, h http.Handler) connection {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return connection{address: server.URL, authorities: ca, username: "u", password: "p"}
}

// A step is a call and what the library makes of the answer: part of a structure,
// as JSON, or a failure.
type step struct {
	call, name, body string

	want    string // What it does not name does not matter.
	failure failure
}

// take makes the call of a step and checks what comes back.
func (r release) take(t *testing.T, es library, reason string, st step) {
	t.Helper()
	got, err := es[st.call](t.Context(), st.name, st.body)
	if st.failure != (failure{}) {
		failed, ok := r.failure(err)
		if !ok {
			t.Fatalf("\n%s\n%s(%q): want a failure of the cluster, got %v", reason, st.call, st.name, err)
		}
		if diff := cmp.Diff(st.failure, failed); diff != "" {
			t.Errorf("\n%s\n%s(%q): -want, +got:\n%s", reason, st.call, st.name, diff)
		}
		return
	}
	if err != nil {
		t.Fatalf("\n%s\n%s(%q): %v", reason, st.call, st.name, err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	want := decoded(t, st.want)
	if diff := cmp.Diff(want, project(decoded(t, string(text)), want)); diff != "" {
		t.Errorf("\n%s\n%s(%q): -want, +got:\n%s", reason, st.call, st.name, diff)
	}
}

func decoded(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("no JSON: %q: %v", text, err)
	}
	return v
}

// project returns what want names of got.
func project(got, want any) any {
	if w, isList := want.([]any); isList {
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return got
		}
		out := make([]any, len(g))
		for n := range g {
			out[n] = project(g[n], w[n])
		}
		return out
	}
	w, isObject := want.(map[string]any)
	g, ok := got.(map[string]any)
	if !isObject || !ok {
		return got
	}
	out := map[string]any{}
	for k := range w {
		if v, has := g[k]; has {
			out[k] = project(v, w[k])
		}
	}
	return out
}
