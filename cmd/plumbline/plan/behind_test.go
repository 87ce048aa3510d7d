package plan

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	kube "sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/plumbline-dev/plumbline/apis"
	"github.com/plumbline-dev/plumbline/apis/custody"
	elasticsearchapi "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entraapi "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/survey"
	"github.com/plumbline-dev/plumbline/test/standins/elasticsearch"
	"github.com/plumbline-dev/plumbline/test/standins/graph"
)

// backends are the stand-ins, and what they were asked to change by a plan.
type backends struct {
	search, directory http.Handler
	looked            *survey.Backends
	writes            *atomic.Int32
	reads             *atomic.Int32
}

func startBackends(t *testing.T) backends {
	t.Helper()
	b := backends{
		search:    elasticsearch.New(elasticsearch.Options{Username: "reader", Password: "secret"}),
		directory: graph.New(graph.Options{TenantID: tenant, ClientID: "client", ClientSecret: "secret"}),
		writes:    &atomic.Int32{}, reads: &atomic.Int32{},
	}
	serve := func(h http.Handler) *httptest.Server {
		s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method == http.MethodGet || r.Method == http.MethodHead:
				b.reads.Add(1)
			case !strings.HasSuffix(r.URL.Path, "/token"): // That signs in, and changes nothing.
				b.writes.Add(1)
				t.Errorf("a plan only reads: %s %s", r.Method, r.URL.Path)
			}
			h.ServeHTTP(w, r)
		}))
		t.Cleanup(s.Close)
		return s
	}
	search, directory := serve(b.search), serve(b.directory)
	scheme := runtime.NewScheme()
	if err := apis.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	reader := kube.NewClientBuilder().WithScheme(scheme).WithObjects(
		&elasticsearchapi.ClusterProviderConfig{
			ObjectMeta: metav1.ObjectMeta{Name: "default"},
			Spec:       elasticsearchapi.ProviderConfigSpec{Endpoint: search.URL, Installation: "local"},
		},
		&entraapi.ClusterProviderConfig{
			ObjectMeta: metav1.ObjectMeta{Name: "default"},
			Spec:       entraapi.ProviderConfigSpec{TenantID: tenant, Endpoint: directory.URL, AuthorityHost: directory.URL, Installation: "local"},
		},
	).Build()
	var bundle []byte
	for _, s := range []*httptest.Server{search, directory} {
		bundle = append(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})...)
	}
	b.looked = survey.Behind(reader, survey.Credentials{
		CABundle: bundle, ElasticsearchUsername: "reader", ElasticsearchPassword: "secret", AzureClientID: "client", AzureClientSecret: "secret",
	})
	return b
}

const tenant = "11111111-1111-4111-8111-111111111111"

// index makes that of the claim with a mark, as an administrator does; role and group likewise.
func (b backends) index(t *testing.T, mark string) {
	t.Helper()
	b.put(t, "/checkout-dev.orders", map[string]any{"mappings": map[string]any{"_meta": map[string]any{"plumbline.dev/owner": mark}}})
}

func (b backends) role(t *testing.T, name, mark string) {
	t.Helper()
	b.put(t, "/_security/role/"+name, map[string]any{"metadata": map[string]any{"plumbline.dev/owner": mark}})
}

func (b backends) put(t *testing.T, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, path, bytes.NewReader(text))
	r.SetBasicAuth("reader", "secret")
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if b.search.ServeHTTP(w, r); w.Code >= http.StatusMultipleChoices {
		t.Fatalf("cannot make %s: %d %s", path, w.Code, w.Body)
	}
}

func (b backends) group(t *testing.T, name, description string) {
	t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"client"}, "client_secret": {"secret"}, "scope": {"https://graph.microsoft.com/.default"}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+tenant+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	b.directory.ServeHTTP(w, r)
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &token); err != nil || token.AccessToken == "" {
		t.Fatalf("cannot sign in: %d %s", w.Code, w.Body)
	}
	body := fmt.Sprintf(`{"displayName": %q, "description": %q, "mailEnabled": false, "mailNickname": %q, "securityEnabled": true}`, name, description, name)
	r = httptest.NewRequestWithContext(t.Context(), http.MethodPatch, "/v1.0/groups(uniqueName='"+name+"')", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token.AccessToken)
	r.Header.Set("Prefer", "create-if-missing")
	w = httptest.NewRecorder()
	if b.directory.ServeHTTP(w, r); w.Code >= http.StatusMultipleChoices {
		t.Fatalf("cannot make group: %d %s", w.Code, w.Body)
	}
}

// TestBehind holds what a plan says of names that exist in Elasticsearch and Entra ID
// already, and that it changes nothing there.
func TestBehind(t *testing.T) {
	cases := map[string]struct {
		reason   string
		make     func(*testing.T, backends)
		adoption custody.Adoption
		want     map[string]Action // By kind; what is not named here is created.
		refused  string            // What the refusals say.
		exit     int
	}{
		"Nothing": {
			reason: "A name that nobody has is free", make: func(*testing.T, backends) {}, exit: ExitChanges,
		},
		"Strangers": {
			reason: "What others made collides, with the remedy",
			make: func(t *testing.T, b backends) {
				t.Helper()
				b.index(t, "")
				b.role(t, "checkout-dev.writer", "elsewhere/shop/checkout-dev")
				b.group(t, "checkout-dev", "Made by hand")
			},
			want: map[string]Action{"Index": Collide, "Role": Collide, "Group": Collide}, refused: "OwnedElsewhere", exit: ExitRefused,
		},
		"Offered": {
			reason: "What its owner offers is adopted by a claim that says so", adoption: custody.AdoptionAdopt,
			make: func(t *testing.T, b backends) {
				t.Helper()
				b.index(t, "local/payments/checkout-dev.orders;offered")
			},
			want: map[string]Action{"Index": Adopt}, exit: ExitChanges,
		},
		"OfferedUnasked": {
			reason: "An offer is not taken by a claim that does not say so",
			make: func(t *testing.T, b backends) {
				t.Helper()
				b.index(t, "local/payments/checkout-dev.orders;offered")
			},
			want: map[string]Action{"Index": Collide}, refused: "set it to Adopt", exit: ExitRefused,
		},
		"Kept": {
			reason: "What outlived the claim is picked up again",
			make: func(t *testing.T, b backends) {
				t.Helper()
				b.index(t, "local/payments/checkout-dev.orders")
				b.group(t, "checkout-dev", "Kept [plumbline.dev/owner=local/payments/checkout-dev]")
			},
			want: map[string]Action{"Index": Adopt, "Group": Adopt}, exit: ExitChanges,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			b := startBackends(t)
			tc.make(t, b)
			c, _ := cluster(t, blueprint(t))
			c.Backends = b.looked
			claim := claim("payments", "checkout-dev", "dev")
			claim.Spec.Service, claim.Spec.Adoption = "checkout", tc.adoption
			claim.Spec.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "orders"}}}
			p, err := Of(c, []File{{Path: "checkout.yaml", Claim: claim}}, nil, nil)
			if err != nil {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			got := map[string]Action{}
			for _, r := range p.Claims[0].Resources {
				if r.Action != Create {
					got[r.Kind] = r.Action
				}
			}
			want := tc.want
			if want == nil {
				want = map[string]Action{}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: -want, +got:\n%s", tc.reason, diff)
			}
			if refused := strings.Join(p.Claims[0].Refused, "\n"); !strings.Contains(refused, tc.refused) || (refused == "") != (tc.refused == "") {
				t.Errorf("%s: want a refusal that says %q, got %q", tc.reason, tc.refused, refused)
			}
			if p.ExitCode() != tc.exit {
				t.Errorf("%s: want exit code %d, got %d", tc.reason, tc.exit, p.ExitCode())
			}
			if b.reads.Load() == 0 || b.writes.Load() > 0 {
				t.Errorf("%s: a plan reads, and never writes; got %d reads and %d writes", tc.reason, b.reads.Load(), b.writes.Load())
			}
		})
	}
}
