package e2e

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestMember signs in as a member of an environment's group does, with the group's
// object id among the groups, and tries what is allowed and what is not.
func TestMember(t *testing.T) {
	const ns = "tenant-dev"
	c := commit(t, storyOf("tenant"))
	becomesReady(t, c)
	ana := signIn(t, "ana@example.com", status(t, c).Endpoints.GroupID)
	stranger := signIn(t, "mallory@example.com", "00000000-0000-0000-0000-000000000000")
	in := func(name string) metav1.ObjectMeta { return metav1.ObjectMeta{Namespace: ns, Name: name} }
	prefix := networkingv1.PathTypePrefix

	cases := map[string]struct {
		reason string
		as     client.Client
		object client.Object
		want   string // Part of the refusal; empty if it is allowed.
	}{
		"Work": {
			reason: "A member may work in the environment.",
			as:     ana,
			object: &corev1.ConfigMap{ObjectMeta: in("mine")},
		},
		"Stranger": {
			reason: "Who is no member may not.",
			as:     stranger,
			object: &corev1.ConfigMap{ObjectMeta: in("theirs")},
			want:   "forbidden",
		},
		"Network": {
			reason: "A member cannot open the network past the claim.",
			as:     ana,
			object: &networkingv1.NetworkPolicy{ObjectMeta: in("open"), Spec: networkingv1.NetworkPolicySpec{
				Ingress: []networkingv1.NetworkPolicyIngressRule{{}},
			}},
			want: "change spec.network of the ServiceEnvironment in namespace payments",
		},
		"Host": {
			reason: "A member cannot take a host past the claim.",
			as:     ana,
			object: &networkingv1.Ingress{ObjectMeta: in("hijack"), Spec: networkingv1.IngressSpec{Rules: []networkingv1.IngressRule{{
				Host: "life.dev.example.com",
				IngressRuleValue: networkingv1.IngressRuleValue{HTTP: &networkingv1.HTTPIngressRuleValue{Paths: []networkingv1.HTTPIngressPath{{
					Path: "/", PathType: &prefix,
					Backend: networkingv1.IngressBackend{Service: &networkingv1.IngressServiceBackend{Name: "web", Port: networkingv1.ServiceBackendPort{Number: 80}}},
				}}}},
			}}}},
			want: "change spec.routes of the ServiceEnvironment in namespace payments",
		},
		"Quota": {
			reason: "A member cannot give the environment another quota.",
			as:     ana,
			object: &corev1.ResourceQuota{ObjectMeta: in("more")},
			want:   "forbidden",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.as.Create(t.Context(), tc.object)
			switch {
			case tc.want == "" && err != nil:
				t.Errorf("\n%s\nCreate(...): %v", tc.reason, err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("\n%s\nCreate(...): want an error with %q, got: %v", tc.reason, tc.want, err)
			}
		})
	}
	t.Run("Delete", func(t *testing.T) {
		err := ana.Delete(t.Context(), &networkingv1.NetworkPolicy{ObjectMeta: in("environment")})
		if err == nil {
			t.Error("a member cannot delete the network rules of the environment")
		}
	})
	remove(t, c)
}

// signIn returns a client of somebody whose token names one group.
func signIn(t *testing.T, user, group string) client.Client {
	t.Helper()
	config := plane.Config()
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: []string{group, "system:authenticated"}}
	k, err := client.New(config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}
