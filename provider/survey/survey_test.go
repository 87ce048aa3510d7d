package survey

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/intstr"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/yaml"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/rehearsal"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/elasticsearch"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

const groupID = "11111111-2222-4333-8444-555555555555"

func blueprint(t *testing.T) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("../../examples/blueprint.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := map[string]any{}
	if err := yaml.Unmarshal(raw, &config); err != nil {
		t.Fatal(err)
	}
	return config
}

// legacy is what is asked about a service that ran before.
func legacy(t *testing.T) Question {
	t.Helper()
	return Question{
		Namespace: "legacy-dev", Team: "payments", Service: "legacy", Environment: "dev",
		Tags: map[string]string{"costCenter": "4711", "dataClass": "internal"}, Blueprint: blueprint(t),
	}
}

func reader(objects ...client.Object) client.Client {
	return fake.NewClientBuilder().WithScheme(clientgoscheme.Scheme).WithObjects(objects...).Build()
}

func in(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: "legacy-dev", Name: name}
}

// drafted is the draft of a service of which edit says what it has. Without more it has
// a namespace that is small.
func drafted(t *testing.T, edit func(*found), objects ...client.Object) Draft {
	t.Helper()
	q := legacy(t)
	b, mistakes, err := rehearsal.Blueprint(q.Blueprint)
	if err != nil || len(mistakes) > 0 {
		t.Fatal(err, mistakes)
	}
	n, err := namesOf(q, q.Blueprint)
	if err != nil {
		t.Fatal(err)
	}
	f := found{}
	f.namespace.Name = q.Namespace
	edit(&f)
	d := &drafting{Draft: Draft{Claim: q.claim()}, blueprint: b, names: n, found: f}
	d.describe()
	if err := d.offer(t.Context(), reader(objects...), q.Blueprint); err != nil {
		t.Fatal(err)
	}
	return d.Draft
}

func TestComplete(t *testing.T) {
	cases := map[string]struct {
		reason   string
		template string
		q        Question
		want     string // Service and environment.
		err      string
	}{
		"Derived":  {reason: "An environment holds no hyphen, so the last one divides.", template: "{service}-{environment}", q: Question{Namespace: "check-out-dev"}, want: "check-out dev"},
		"Affixes":  {reason: "What the template adds is taken off.", template: "svc-{service}-{environment}-eu", q: Question{Namespace: "svc-shop-dev-eu"}, want: "shop dev"},
		"Named":    {reason: "What is named need not be derived.", template: "{service}-{environment}", q: Question{Namespace: "shop-dev", Service: "shop", Environment: "dev"}, want: "shop dev"},
		"NoHyphen": {reason: "A name that no template gives is told.", template: "{service}-{environment}", q: Question{Namespace: "shop"}, err: `cannot tell service and environment from namespace "shop" by the Blueprint's template "{service}-{environment}"; name them`},
		"Other": {
			reason: "A namespace that the claim would not get cannot be described.", template: "{service}-{environment}", q: Question{Namespace: "shop-dev", Service: "basket"},
			err: `cannot describe namespace "shop-dev": service "basket" in environment "dev" gives another by the Blueprint's template "{service}-{environment}", and a namespace cannot be renamed`,
		},
		"OtherAffix": {
			reason: "Nor one whose name lacks what the template adds.", template: "svc-{service}-{environment}", q: Question{Namespace: "shop-dev", Service: "shop", Environment: "dev"},
			err: `cannot describe namespace "shop-dev": service "shop" in environment "dev" gives another by the Blueprint's template "svc-{service}-{environment}", and a namespace cannot be renamed`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.q.complete(v1alpha1.Blueprint{Names: v1alpha1.Names{Namespace: tc.template}})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.err, got); diff != "" {
				t.Fatalf("\n%s\ncomplete(...): -want error, +got error:\n%s", tc.reason, diff)
			}
			if err == nil {
				if diff := cmp.Diff(tc.want, tc.q.Service+" "+tc.q.Environment); diff != "" {
					t.Errorf("\n%s\ncomplete(...): -want, +got:\n%s", tc.reason, diff)
				}
			}
		})
	}
}

// quota is that of size small, but for what edits say.
func quota(edits map[string]string) corev1.ResourceQuotaList {
	hard := corev1.ResourceList{}
	for name, text := range map[string]string{
		"requests.cpu": "1", "requests.memory": "2Gi", "limits.memory": "4Gi", "pods": "20", "persistentvolumeclaims": "5", "services.loadbalancers": "0", "services.nodeports": "0",
	} {
		hard[corev1.ResourceName(name)] = resource.MustParse(text)
	}
	for name, text := range edits {
		hard[corev1.ResourceName(name)] = resource.MustParse(text)
	}
	return corev1.ResourceQuotaList{Items: []corev1.ResourceQuota{{ObjectMeta: in("of-old"), Spec: corev1.ResourceQuotaSpec{Hard: hard}}}}
}

func ingress(rules ...networkingv1.IngressRule) networkingv1.IngressList {
	return networkingv1.IngressList{Items: []networkingv1.Ingress{{ObjectMeta: in("of-old"), Spec: networkingv1.IngressSpec{Rules: rules}}}}
}

func rule(host, path string, kind networkingv1.PathType, backend networkingv1.IngressBackend) networkingv1.IngressRule {
	return networkingv1.IngressRule{Host: host, IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{
		Paths: []networkingv1.HTTPIngressPath{{Path: path, PathType: &kind, Backend: backend}},
	}}}
}

func web(port networkingv1.ServiceBackendPort) networkingv1.IngressBackend {
	return networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "web", Port: port}}
}

func bound(role string, subjects ...rbacv1.Subject) rbacv1.RoleBindingList {
	return rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{{ObjectMeta: in("of-old"), RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role}, Subjects: subjects}}}
}

func allows(peers ...networkingv1.NetworkPolicyPeer) networkingv1.NetworkPolicyList {
	port := intstr.FromInt32(5432)
	return networkingv1.NetworkPolicyList{Items: []networkingv1.NetworkPolicy{{ObjectMeta: in("of-old"), Spec: networkingv1.NetworkPolicySpec{
		Egress: []networkingv1.NetworkPolicyEgressRule{{To: peers, Ports: []networkingv1.NetworkPolicyPort{{Port: &port}}}},
	}}}}
}

func namespaced(name string) networkingv1.NetworkPolicyPeer {
	return networkingv1.NetworkPolicyPeer{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": name}}}
}

func indices(all map[string]elasticsearch.Index) searchFound {
	return searchFound{looked: true, installation: "eu", endpoint: "https://es.example.com/", indices: all}
}

func directory(g *graph.Group, members, owners []graph.Principal) groupFound {
	return groupFound{looked: true, installation: "eu", endpoint: "https://graph.example.com", group: g, members: members, owners: owners}
}

// TestDescribe holds that a claim says of a service what it can, and that all else is
// remarked: nothing is lost without a word.
func TestDescribe(t *testing.T) {
	type spec = v1alpha1.ServiceEnvironmentSpec
	cases := map[string]struct {
		reason  string
		found   func(*found)
		want    func(*spec) // Beside service, environment, tags and adoption.
		remarks []string
		silent  string // What is not remarked.
	}{
		"Nothing": {
			reason: "What bounds, restricts or was looked at nowhere is told.",
			found:  func(*found) {}, want: func(*spec) {},
			remarks: []string{"Namespace legacy-dev has no quota", "Nothing restricts the network", "Elasticsearch was not looked at", "Entra ID was not looked at"},
		},
		"Size": {
			reason: "The size is the one whose quota holds.",
			found:  func(f *found) { f.quotas = quota(nil) }, want: func(s *spec) { s.Size = "small" },
			remarks: []string{"ResourceQuota of-old stays beside the claim's"}, silent: "allows no override",
		},
		"QuotaBeyond": {
			reason: "A quota that no override may reach is told.",
			found:  func(f *found) { f.quotas = quota(map[string]string{"pods": "25"}) }, want: func(s *spec) { s.Size = "small" },
			remarks: []string{"Quota pods is 25 now, and size small allows no override to it"},
		},
		"QuotaOverride": {
			reason: "One that the size lets a claim ask for is asked for.",
			found: func(f *found) {
				f.quotas = quota(map[string]string{"requests.cpu": "16", "requests.memory": "32Gi", "limits.memory": "64Gi", "pods": "300", "persistentvolumeclaims": "50"})
			},
			want: func(s *spec) {
				s.Size, s.Overrides = "large", &v1alpha1.Overrides{Quota: map[string]v1alpha1.Quantity{"pods": "300"}}
			},
			silent: "allows no override",
		},
		"TighterOfTwo": {
			reason: "Where two quotas bound the same, the tighter holds.",
			found: func(f *found) {
				f.quotas = quota(map[string]string{"pods": "400"})
				f.quotas.Items = append(f.quotas.Items, quota(nil).Items...)
			},
			want: func(s *spec) { s.Size = "small" }, silent: "Quota pods",
		},
		"Index": {
			reason: "An index that has a name of the environment is described as it is; our mark is none of its own.",
			found: func(f *found) {
				f.search = indices(map[string]elasticsearch.Index{"legacy-dev.orders": {
					Settings: map[string]string{"number_of_shards": "3", "number_of_replicas": "1", "refresh_interval": "30s", "codec": "best"},
					Mappings: map[string]any{"_meta": map[string]any{"plumbline.dev/owner": "eu/payments/legacy-dev.orders;offered"}, "dynamic": "strict"},
					Aliases:  map[string]map[string]any{"legacy-dev.current": {"is_write_index": true}, "reports": {}},
				}})
			},
			want: func(s *spec) {
				s.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{
					Name: "orders", Shards: new(int32(3)), Replicas: new(int32(1)), Settings: map[string]v1alpha1.Setting{"refresh_interval": "30s"},
					Mappings: &apiextensionsv1.JSON{Raw: []byte(`{"dynamic":"strict"}`)}, Aliases: []v1alpha1.Alias{{Name: "current", IsWriteIndex: new(true)}},
				}}}
			},
			remarks: []string{"Alias reports of index legacy-dev.orders does not fit, and stays as it is"},
		},
		"IndexOfOtherName": {
			reason:  "An index that has another is left out, as none can be renamed.",
			found:   func(f *found) { f.search = indices(map[string]elasticsearch.Index{"orders-v2": {}}) },
			want:    func(*spec) {},
			remarks: []string{"Index orders-v2 does not fit: indices of the environment are named legacy-dev.<name>"},
		},
		"Group": {
			reason: "Those whom the group has are named, by the names that people know.",
			found: func(f *found) {
				f.group = directory(&graph.Group{ID: groupID, DisplayName: "legacy-dev"}, []graph.Principal{{ID: "2", Name: "bo@example.com"}, {ID: "1", Name: "ana@example.com"}}, []graph.Principal{{ID: groupID}})
			},
			want: func(s *spec) {
				s.Access = &v1alpha1.Access{Members: []v1alpha1.Member{"ana@example.com", "bo@example.com"}, Owners: []v1alpha1.Member{groupID}}
			},
			silent: "does not fit",
		},
		"GroupOfOtherName": {
			reason: "A group of another name gives its members, and is not taken over.",
			found: func(f *found) {
				f.group = directory(&graph.Group{ID: groupID, DisplayName: "Legacy people"}, []graph.Principal{{ID: "1", Name: "ana@example.com"}}, nil)
			},
			want:    func(s *spec) { s.Access = &v1alpha1.Access{Members: []v1alpha1.Member{"ana@example.com"}} },
			remarks: []string{"Group Legacy people does not fit: the group of the environment is named legacy-dev, and is made anew"},
		},
		"NoGroup": {
			reason: "Where there is none, the claim makes one.",
			found:  func(f *found) { f.group = directory(nil, nil, nil) }, want: func(*spec) {},
			remarks: []string{"There is no group legacy-dev"},
		},
		"Bindings": {
			reason: "Those whom a RoleBinding lets in have the role that gives the same; pipelines deploy.",
			found: func(f *found) {
				f.bindings = bound("edit", rbacv1.Subject{Kind: rbacv1.UserKind, Name: "dee@example.com"}, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "ci", Name: "runner"})
			},
			want: func(s *spec) {
				s.Access = &v1alpha1.Access{Roles: []v1alpha1.RoleGrant{
					{Role: v1alpha1.RoleEditor, Users: []v1alpha1.Subject{"dee@example.com"}},
					{Role: v1alpha1.RoleDeployer, ServiceAccounts: []v1alpha1.ServiceAccount{{Namespace: "ci", Name: "runner"}}},
				}}
			},
			remarks: []string{"RoleBinding of-old stays beside the claim's"},
		},
		"BindingOfTheGroup": {
			reason: "The group is bound by the claim itself.",
			found: func(f *found) {
				f.group = directory(&graph.Group{ID: groupID, DisplayName: "legacy-dev"}, nil, nil)
				f.bindings = bound("edit", rbacv1.Subject{Kind: rbacv1.GroupKind, Name: groupID})
			},
			want: func(*spec) {},
		},
		"BindingOfNoRole": {
			reason: "A role that no claim gives is told.",
			found: func(f *found) {
				f.bindings = bound("cluster-admin", rbacv1.Subject{Kind: rbacv1.UserKind, Name: "dee@example.com"})
			},
			want:    func(*spec) {},
			remarks: []string{"RoleBinding of-old does not fit: no role of a claim is bound to ClusterRole cluster-admin"},
		},
		"Network": {
			reason: "Whom a policy lets through is named as a service, or a network; DNS and the namespace itself are always let through.",
			found: func(f *found) {
				f.policies = allows(namespaced("ledger-dev"), namespaced("kube-system"), namespaced("legacy-dev"),
					networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "10.1.0.0/16"}}, networkingv1.NetworkPolicyPeer{PodSelector: &metav1.LabelSelector{}})
			},
			want: func(s *spec) {
				s.Network = &v1alpha1.Connections{AllowTo: []v1alpha1.Peer{
					{Service: "ledger", Environment: "dev", Ports: []v1alpha1.Port{5432}}, {CIDR: "10.1.0.0/16", Ports: []v1alpha1.Port{5432}},
				}}
			},
			silent: "A rule of NetworkPolicy",
		},
		"NetworkBeyondWords": {
			reason: "What no claim can say is told.",
			found: func(f *found) {
				f.policies = allows(namespaced("somewhere"), networkingv1.NetworkPolicyPeer{IPBlock: &networkingv1.IPBlock{CIDR: "10.0.0.0/8", Except: []string{"10.1.0.0/16"}}})
			},
			want:    func(*spec) {},
			remarks: []string{"A rule of NetworkPolicy of-old does not fit: a claim names environments of services, and networks, and no others"},
		},
		"Routes": {
			reason: "A rule of an Ingress is a route; a port is known by its number.",
			found: func(f *found) {
				f.services.Items = []corev1.Service{{ObjectMeta: in("web"), Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Name: "http", Port: 8080}}}}}
				f.ingresses = ingress(
					rule("legacy.dev.example.com", "/", networkingv1.PathTypePrefix, web(networkingv1.ServiceBackendPort{Name: "http"})),
					rule("legacy.dev.example.com", "/health", networkingv1.PathTypeExact, web(networkingv1.ServiceBackendPort{Number: 9090})),
					rule("legacy.dev.example.com", "/~/v[0-9]+", networkingv1.PathTypeImplementationSpecific, web(networkingv1.ServiceBackendPort{Number: 9090})))
			},
			want: func(s *spec) {
				s.Routes = []v1alpha1.Route{
					{Host: "legacy.dev.example.com", Path: "/", PathType: v1alpha1.PathPrefix, Service: "web", Port: 8080},
					{Host: "legacy.dev.example.com", Path: "/health", PathType: v1alpha1.PathExact, Service: "web", Port: 9090},
					{Host: "legacy.dev.example.com", Path: "/v[0-9]+", PathType: v1alpha1.PathRegularExpression, Service: "web", Port: 9090},
				}
			},
			remarks: []string{"Ingress of-old stays beside the claim's"},
		},
		"RoutesThatDoNotFit": {
			reason: "What leads to no host, to no Service, or to a port of no number is told.",
			found: func(f *found) {
				f.ingresses = ingress(networkingv1.IngressRule{}, rule("a.dev.example.com", "/", networkingv1.PathTypePrefix, networkingv1.IngressBackend{}),
					rule("b.dev.example.com", "/", networkingv1.PathTypePrefix, web(networkingv1.ServiceBackendPort{Name: "http"})))
				f.ingresses.Items[0].Spec.DefaultBackend = &networkingv1.IngressBackend{}
			},
			want: func(*spec) {},
			remarks: []string{
				"The default backend of Ingress of-old does not fit", "A rule of Ingress of-old without a host does not fit",
				"Path / of Ingress of-old leads to no Service, and does not fit", `Path / of Ingress of-old does not fit: Service web has no port "http"`,
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := drafted(t, tc.found)
			want := spec{
				Service: "legacy", Environment: "dev", Adoption: custody.AdoptionAdopt,
				Tags: map[string]v1alpha1.TagValue{"costCenter": "4711", "dataClass": "internal"},
			}
			tc.want(&want)
			if diff := cmp.Diff(want, got.Claim.Spec); diff != "" {
				t.Errorf("\n%s\nclaim: -want, +got:\n%s", tc.reason, diff)
			}
			all := strings.Join(got.Remarks, "\n")
			for _, remark := range tc.remarks {
				if !strings.Contains(all, remark) {
					t.Errorf("\n%s\nwant remark %q in\n%s", tc.reason, remark, all)
				}
			}
			if tc.silent != "" && strings.Contains(all, tc.silent) {
				t.Errorf("\n%s\nwant no remark with %q in\n%s", tc.reason, tc.silent, all)
			}
			if len(got.Mistakes) > 0 {
				t.Errorf("\nWhat is drafted is accepted.\nmistakes: %v", got.Mistakes)
			}
		})
	}
}

// TestOffer holds to the letter what the present owner is told to run: it is run on what
// is in production.
func TestOffer(t *testing.T) {
	const offer = "kubectl annotate namespace legacy-dev --overwrite 'plumbline.dev/owner=payments/legacy-dev;offered'"
	cases := map[string]struct {
		reason  string
		found   func(*found)
		objects []client.Object
		want    []string // Beside the labels and annotations of the namespace.
	}{
		"Namespace": {reason: "The namespace is offered to the claim.", found: func(*found) {}, want: []string{offer}},
		"Index": {
			reason: "The mark is added to the _meta that is there: Elasticsearch replaces it as a whole.",
			found: func(f *found) {
				f.search = indices(map[string]elasticsearch.Index{"legacy-dev.orders": {Mappings: map[string]any{"_meta": map[string]any{"their's": "kept"}}}})
			},
			want: []string{
				offer,
				`curl --fail -X PUT -u "$ELASTICSEARCH_USERNAME:$ELASTICSEARCH_PASSWORD" -H 'Content-Type: application/json' 'https://es.example.com/legacy-dev.orders/_mapping'` +
					` -d '{"_meta":{"plumbline.dev/owner":"eu/payments/legacy-dev.orders;offered","their'\''s":"kept"}}'`,
			},
		},
		"Group": {
			reason: "The mark is added to the description that is there.",
			found: func(f *found) {
				f.group = directory(&graph.Group{ID: groupID, DisplayName: "legacy-dev", Description: "Those of old"}, nil, nil)
			},
			want: []string{
				`az rest --method PATCH --url 'https://graph.example.com/v1.0/groups/` + groupID + `' --body '{"description":"Those of old [plumbline.dev/owner=eu/payments/legacy-dev;offered]"}'`,
				offer,
			},
		},
		"GroupOfOtherName": {
			reason: "A group that would not be taken over is not offered.",
			found: func(f *found) {
				f.group = directory(&graph.Group{ID: groupID, DisplayName: "Legacy people"}, nil, nil)
			},
			want: []string{offer},
		},
		"ObjectOfTheSameName": {
			reason:  "What has the name of an object of the claim is offered too.",
			found:   func(*found) {},
			objects: []client.Object{&corev1.ResourceQuota{ObjectMeta: in("environment")}},
			want:    []string{"kubectl annotate -n legacy-dev resourcequota environment --overwrite 'plumbline.dev/owner=payments/legacy-dev;offered'", offer},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := slices.DeleteFunc(drafted(t, tc.found, tc.objects...).Offers, func(command string) bool {
				return strings.Contains(command, " namespace ") && command != offer
			})
			slices.Sort(got)
			slices.Sort(tc.want)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\noffers: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestOfferLabels holds that the namespace is told only what it does not have yet, so
// that who runs the commands sees what they change.
func TestOfferLabels(t *testing.T) {
	labels := func(d Draft) string {
		i := slices.IndexFunc(d.Offers, func(c string) bool { return strings.HasPrefix(c, "kubectl label namespace legacy-dev --overwrite ") })
		if i < 0 {
			return ""
		}
		return d.Offers[i]
	}
	first := labels(drafted(t, func(*found) {}))
	if !strings.Contains(first, "'plumbline.dev/team=payments'") || !strings.Contains(first, "'pod-security.kubernetes.io/enforce=baseline'") {
		t.Errorf("\nThe labels that a claim's namespace has are set.\ngot %s", first)
	}
	rest := labels(drafted(t, func(f *found) {
		f.namespace.Labels = map[string]string{"plumbline.dev/team": "payments", "pod-security.kubernetes.io/enforce": "privileged"}
	}))
	if strings.Contains(rest, "plumbline.dev/team") || !strings.Contains(rest, "'pod-security.kubernetes.io/enforce=baseline'") {
		t.Errorf("\nWhat is there already is not set, and what is there otherwise is.\ngot %s", rest)
	}
}

// TestRun drafts from the control plane alone, by somebody without credentials for the
// backends.
func TestRun(t *testing.T) {
	config := &unstructured.Unstructured{Object: blueprint(t)}
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "legacy-dev"}}
	forbids := &unstructured.Unstructured{Object: blueprint(t)}
	if err := unstructured.SetNestedMap(forbids.Object, map[string]any{"default": "Never", "max": "Never"}, "data", "environments", "dev", "adoption"); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		reason   string
		objects  []client.Object
		edit     func(*Question)
		err      string
		mistakes string
	}{
		"Drafted":     {reason: "The Blueprint of the cluster is used.", objects: []client.Object{config, ns}},
		"NoNamespace": {reason: "What is not there cannot be described.", objects: []client.Object{config}, err: `cannot get namespace "legacy-dev": `},
		"NoBlueprint": {reason: "Nor what nobody says how to name.", objects: []client.Object{ns}, err: `cannot get EnvironmentConfig "plumbline-blueprint": `},
		"WrongBlueprint": {
			reason: "A Blueprint with mistakes is told with them.", objects: []client.Object{ns},
			edit: func(q *Question) { q.Blueprint = map[string]any{"data": map[string]any{"oops": true}} }, err: "cannot use the Blueprint: ",
		},
		"WrongTag":     {reason: "What no claim can say is told with its field.", objects: []client.Object{config, ns}, edit: func(q *Question) { q.Tags = map[string]string{"cost center": "1"} }, err: "cannot draft a claim: spec.tags"},
		"NotPermitted": {reason: "A draft that may take nothing over says so.", objects: []client.Object{forbids, ns}, mistakes: "spec.adoption"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			q := legacy(t)
			q.Blueprint, q.Service, q.Environment = nil, "", ""
			if tc.edit != nil {
				tc.edit(&q)
			}
			draft, err := Run(t.Context(), reader(tc.objects...), q)
			if tc.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tc.err) {
					t.Fatalf("\n%s\nwant error %q, got %v", tc.reason, tc.err, err)
				}
				return
			}
			if err != nil {
				t.Fatalf("\n%s\n%v", tc.reason, err)
			}
			if got := strings.Join(draft.Mistakes, "; "); (got == "") != (tc.mistakes == "") || !strings.Contains(got, tc.mistakes) {
				t.Errorf("\n%s\nmistakes: want %q, got %q", tc.reason, tc.mistakes, got)
			}
			if tc.mistakes != "" {
				return
			}
			if _, err := rehearsal.Run(draft.Claim, config.Object, time.Now()); err != nil {
				t.Errorf("\nWhat is drafted is what a claim may say.\n%v", err)
			}
		})
	}
}
