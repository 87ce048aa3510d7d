package group

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/connect"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/kind"
	"github.com/plumbline-dev/plumbline/provider/internal/controller/world"
	"github.com/plumbline-dev/plumbline/provider/internal/observe"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

const (
	tenantID = "11111111-1111-4111-8111-111111111111"
	appID    = "22222222-2222-4222-8222-222222222222"
)

// A tenant is a stand-in for Microsoft Graph that tests look into.
type tenant struct {
	*world.Backend

	inner http.Handler
	token string
	clock *time.Time
}

func startTenant(t *testing.T, o standin.Options) tenant {
	t.Helper()
	return startTenantBehind(t, o, func(next http.Handler) http.Handler { return next })
}

// startTenantBehind starts one whose requests pass something first.
func startTenantBehind(t *testing.T, o standin.Options, before func(http.Handler) http.Handler) tenant {
	t.Helper()
	clock := time.Now()
	o.TenantID, o.ClientID, o.ClientSecret = tenantID, appID, "right"
	o.Now = func() time.Time { return clock }
	s := standin.New(o)
	d := tenant{Backend: world.Serve(t, before(s)), inner: s, clock: &clock}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {appID}, "client_secret": {"right"}, "scope": {"https://graph.microsoft.com/.default"}}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, d.URL+"/"+tenantID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("cannot sign in: %s", w.Body)
	}
	d.token = answer.AccessToken
	return d
}

// do asks the directory itself, as an administrator would.
func (d tenant) do(t *testing.T, method, path string, body any) map[string]any {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, d.URL+path, strings.NewReader(string(b)))
	r.Header.Set("Authorization", "Bearer "+d.token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	d.inner.ServeHTTP(w, r)
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
	}
	if w.Code >= 300 {
		t.Fatalf("%s %s: %d %v", method, path, w.Code, answer)
	}
	return answer
}

// found returns all groups of the tenant.
func (d tenant) found(t *testing.T) []map[string]any {
	t.Helper()
	return listed(d.do(t, http.MethodGet, "/v1.0/groups?$top=999", nil))
}

// related names who is in a relation to a group, in order.
func (d tenant) related(t *testing.T, id any, relation string) []string {
	t.Helper()
	ids := []string{}
	for next := fmt.Sprintf("/beta/groups/%s/%s?$top=999", id, relation); next != ""; {
		page := d.do(t, http.MethodGet, next, nil)
		for _, o := range listed(page) {
			ids = append(ids, o["id"].(string))
		}
		link, _ := page["@odata.nextLink"].(string)
		next = strings.TrimPrefix(link, d.URL)
	}
	slices.Sort(ids)
	return ids
}

func (d tenant) add(t *testing.T, id any, member string) {
	t.Helper()
	d.do(t, http.MethodPost, fmt.Sprintf("/v1.0/groups/%s/members/$ref", id), map[string]string{"@odata.id": d.URL + "/v1.0/directoryObjects/" + member})
}

func (d tenant) removeMember(t *testing.T, id any, member string) {
	t.Helper()
	d.do(t, http.MethodDelete, fmt.Sprintf("/v1.0/groups/%s/members/%s/$ref", id, member), nil)
}

// make creates a group as somebody else would, and returns its object id.
func (d tenant) make(t *testing.T, uniqueName, displayName, description string) string {
	t.Helper()
	body := map[string]any{"displayName": displayName, "description": description, "mailNickname": "x", "mailEnabled": false, "securityEnabled": true}
	if uniqueName != "" {
		body["uniqueName"] = uniqueName
	}
	return d.do(t, http.MethodPost, "/v1.0/groups", body)["id"].(string)
}

func listed(answer map[string]any) []map[string]any {
	var out []map[string]any
	all, _ := answer["value"].([]any)
	for _, v := range all {
		out = append(out, v.(map[string]any))
	}
	return out
}

// unswept is the kind with nothing remembered.
func unswept(kube client.Client) kind.Kind[*v1alpha1.Group] {
	return of(connect.NewEntra(kube, observe.Sweeps{}))
}

type plane = *world.World[*v1alpha1.Group]

// newPlane returns a control plane of an installation, on whose reconciles the
// directory's clock moves by a second.
func newPlane(t *testing.T, d tenant, installation string) plane {
	t.Helper()
	secret := func(key string) *xpv2.SecretKeySelector {
		return &xpv2.SecretKeySelector{SecretReference: xpv2.SecretReference{Namespace: "system", Name: "entra"}, Key: key}
	}
	w := world.New(t, d.Backend, unswept,
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "system", Name: "entra"}, Data: map[string][]byte{"ca": d.CA(), "p": []byte("right")}},
		&v1alpha1.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: "default"}, Spec: v1alpha1.ProviderConfigSpec{
			TenantID: tenantID, ClientID: appID, Installation: installation, Endpoint: d.URL, AuthorityHost: d.URL, CABundleSecretRef: secret("ca"),
			Credentials: v1alpha1.Credentials{Source: v1alpha1.SourceClientSecret, ClientSecretRef: secret("p")},
		}})
	w.Tick = func() { *d.clock = d.clock.Add(time.Second) }
	return w
}

// managedGroup returns a Group as it is applied, changed by mods.
func managedGroup(mods ...func(*v1alpha1.Group)) *v1alpha1.Group {
	cr := group(mods...)
	cr.SetGroupVersionKind(v1alpha1.GroupGroupVersionKind)
	if cr.Spec.ManagementPolicies == nil {
		cr.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionAll}
	}
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: "default"}
	return cr
}

func retain(cr *v1alpha1.Group) {
	cr.Spec.ManagementPolicies = xpv2.ManagementPolicies{xpv2.ManagementActionObserve, xpv2.ManagementActionCreate, xpv2.ManagementActionUpdate, xpv2.ManagementActionLateInitialize}
}

func synced(cr *v1alpha1.Group) string { return cr.GetCondition(xpv2.TypeSynced).Message }

// userIDs returns the object ids of users, in order.
func userIDs(names ...string) []string {
	ids := make([]string, 0, len(names))
	for _, n := range names {
		ids = append(ids, standin.ObjectID(n))
	}
	slices.Sort(ids)
	return ids
}

func stringOf(v any) string {
	s, _ := v.(string)
	return s
}

// bin returns the groups in the deleted items.
func (d tenant) bin(t *testing.T) []map[string]any {
	t.Helper()
	return listed(d.do(t, http.MethodGet, "/v1.0/directory/deletedItems/microsoft.graph.group", nil))
}
