package provider

import (
	"fmt"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	elasticsearch "github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
	entra "github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	standin "github.com/plumbline-dev/plumbline/test/standins/graph"
)

func errorOf(c xpv2.Condition) error {
	return fmt.Errorf("%s is %s: %s: %s", c.Type, c.Status, c.Reason, c.Message)
}

// clusterConfig makes a ClusterProviderConfig, named like the namespace of its
// Secret.
func clusterConfig(t *testing.T, d *tenant, secretNamespace string) *entra.ClusterProviderConfig {
	t.Helper()
	secret(t, secretNamespace, d.backend, clientSecret)
	pc := &entra.ClusterProviderConfig{ObjectMeta: metav1.ObjectMeta{Name: secretNamespace}, Spec: entraSpec(d, secretNamespace)}
	create(t, pc)
	return pc
}

func withClusterConfig(name string) func(*entra.Group) {
	return func(g *entra.Group) {
		g.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ClusterProviderConfig", Name: name}
	}
}

// TestConfigInUse checks of both kinds that a config stays while it is used.
func TestConfigInUse(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	t.Run("ProviderConfig", func(t *testing.T) {
		ns := newNamespace(t)
		pc := entraConfig(t, d, ns)
		g := newGroup(ns)
		create(t, g)
		awaitReady(t, g)
		eventually(t, "The use is counted.", func() error {
			if get(t, pc); pc.Status.Users != 1 {
				return fmt.Errorf("%d users", pc.Status.Users)
			}
			return nil
		})
		remove(t, pc)
		eventually(t, "The config says that it is in use.", func() error {
			get(t, pc)
			if c := pc.GetCondition("Terminating"); c.Status != corev1.ConditionTrue || pc.Status.Users != 1 {
				return errorOf(c)
			}
			return nil
		})
		remove(t, g)
		awaitGone(t, g)
		awaitGone(t, pc)
	})
	t.Run("ClusterProviderConfig", func(t *testing.T) {
		system, ns := newNamespace(t), newNamespace(t)
		pc := clusterConfig(t, d, system)
		g := newGroup(ns, withClusterConfig(pc.Name))
		create(t, g)
		awaitReady(t, g)
		eventually(t, "The use is counted.", func() error {
			if get(t, pc); pc.Status.Users != 1 {
				return fmt.Errorf("%d users", pc.Status.Users)
			}
			return nil
		})
		remove(t, pc)
		eventually(t, "The config says that it is in use.", func() error {
			get(t, pc)
			if c := pc.GetCondition("Terminating"); c.Status != corev1.ConditionTrue || pc.Status.Users != 1 {
				return errorOf(c)
			}
			return nil
		})
		remove(t, g)
		awaitGone(t, g)
		awaitGone(t, pc)
	})
}

// TestForeignSecret checks that a ProviderConfig cannot be used to read the
// Secrets of another namespace, which a ClusterProviderConfig can.
func TestForeignSecret(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	system, ns := newNamespace(t), newNamespace(t)
	clusterConfig(t, d, system)
	pc := &entra.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "default"}, Spec: entraSpec(d, system)}
	create(t, pc)
	g := newGroup(ns)
	create(t, g)
	awaitRefusal(t, g, `connect failed: cannot use ProviderConfig "default": a ProviderConfig reads Secrets of its own namespace only`)
	if all, _ := d.seen(); all != 0 {
		t.Errorf("\nNobody signs in with a Secret that was not theirs to use.\nrequests: %d", all)
	}
	change(t, g, withClusterConfig(system))
	awaitReady(t, g)
	remove(t, g)
	awaitGone(t, g)
}

// TestTerminatingNamespace deletes a namespace with all that is in it: nothing can
// be created there any more, and the Secret may go before the Group does.
func TestTerminatingNamespace(t *testing.T) {
	d := startTenant(t, standin.Options{})
	startProvider(t)
	system := newNamespace(t)
	pc := clusterConfig(t, d, system)
	for name, config := range map[string]func(t *testing.T, ns string) func(*entra.Group){
		"ClusterProviderConfig": func(*testing.T, string) func(*entra.Group) { return withClusterConfig(pc.Name) },
		"ProviderConfig": func(t *testing.T, ns string) func(*entra.Group) {
			t.Helper()
			entraConfig(t, d, ns)
			return func(*entra.Group) {}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ns := newNamespace(t)
			g := newGroup(ns, config(t, ns))
			create(t, g)
			awaitReady(t, g)
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}
			remove(t, namespace)
			awaitGone(t, g)
			awaitGone(t, namespace)
			if found := d.groups(t, g.Spec.ForProvider.DisplayName); len(found) != 0 {
				t.Errorf("\nThe group goes with its namespace.\ngroups: %v", found)
			}
		})
	}
}

// TestConfigEngine checks that a config says what answers at its endpoint.
func TestConfigEngine(t *testing.T) {
	c := startCluster(t)
	startProvider(t)
	ns := newNamespace(t)
	elasticsearchConfig(t, c, ns)
	pc := &elasticsearch.ProviderConfig{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "default"}}
	says := func(reason string, status corev1.ConditionStatus, why xpv2.ConditionReason) {
		t.Helper()
		eventually(t, reason, func() error {
			get(t, pc)
			if e := pc.Status.Engine; e == nil || *e != (elasticsearch.Engine{Distribution: "Elasticsearch", Version: "8.19.7"}) {
				return fmt.Errorf("engine is %v", e)
			}
			if c := pc.GetCondition("EngineSupported"); c.Status != status || c.Reason != why {
				return errorOf(c)
			}
			return nil
		})
	}
	says("What answers is known before any resource asks.", corev1.ConditionTrue, "Supported")
	change(t, pc, func(pc *elasticsearch.ProviderConfig) { pc.Spec.Endpoint = "https://127.0.0.1:1" })
	says("Nobody answers, and what did is kept.", corev1.ConditionUnknown, "Unobserved")
	remove(t, pc)
	awaitGone(t, pc)
}
