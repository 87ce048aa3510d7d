package elasticsearch

import (
	"net/http"
	"strings"
	"testing"

	standin "github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
)

func TestInfo(t *testing.T) {
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			es := r.connect(t, serve(t, standin.New(options(r.version))))
			r.take(t, es, "The library reads the version and the product.", step{
				call: "Info", want: `{"cluster_name":"standin","tagline":"You Know, for Search","version":{"number":"` + r.version + `","build_flavor":"default"}}`,
			})
		})
	}
}

// TestOtherMajor has the releases ask each other's version.
func TestOtherMajor(t *testing.T) {
	v8, v9 := releases["V8"], releases["V9"]
	es := v8.connect(t, serve(t, standin.New(options(v9.version))))
	v8.take(t, es, "A cluster understands the major version before its own.", step{call: "Info", want: `{"version":{"number":"` + v9.version + `"}}`})

	es = v9.connect(t, serve(t, standin.New(options(v8.version))))
	v9.take(t, es, "A cluster refuses the major version after its own.", step{
		call: "Info", failure: failure{400, "media_type_header_exception", "Invalid media-type value on headers [Accept, Content-Type]", 1},
	})
}

// TestProduct checks that the libraries do look: without the header that the
// stand-in sets, they refuse it.
func TestProduct(t *testing.T) {
	for name, r := range releases {
		t.Run(name, func(t *testing.T) {
			cluster := standin.New(options(r.version))
			es := r.connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				cluster.ServeHTTP(unnamed{w}, req)
			})))
			if _, err := es["Info"](t.Context(), "", ""); err == nil || !strings.Contains(err.Error(), "not Elasticsearch") {
				t.Errorf("\nA server that does not call itself Elasticsearch is refused.\nInfo(...): %v", err)
			}
		})
	}
}

// unnamed leaves the product out of an answer.
type unnamed struct{ http.ResponseWriter }

func (u unnamed) WriteHeader(status int) {
	u.Header().Del("X-Elastic-Product")
	u.ResponseWriter.WriteHeader(status)
}
