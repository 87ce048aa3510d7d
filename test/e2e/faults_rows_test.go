package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

const (
	nobody    = platform.Fixer("")
	developer = platform.FixerDeveloper
	platforms = platform.FixerPlatformTeam
)

// allFaults are those of the claim faulty-dev, each by itself.
func allFaults() []faultRow {
	var all []faultRow
	for _, some := range [][]faultRow{graphFaults(), elasticsearchFaults(), configFaults(), claimFaults(), clusterFaults(), stateFaults(), planeFaults(), lookupFaults()} {
		all = append(all, some...)
	}
	return all
}

func theGroup() client.Object {
	return object("entra.plumbline.dev/v1alpha1", "Group", "payments", "faulty-dev")
}

func theIndex() client.Object {
	return object("elasticsearch.plumbline.dev/v1alpha1", "Index", "payments", "faulty-dev.orders")
}

// graphFault is one of Microsoft Graph's answers.
func graphFault(name string, r faults.Rule) faultRow {
	r.Path = "^/(v1.0|beta)/"
	return faultRow{
		name: name, nudge: theGroup(),
		inject:    func(t *testing.T, _ *claim.Unstructured) { inForce(t, plane.GraphURL(), r) },
		heal:      func(t *testing.T, _ *claim.Unstructured) { inForce(t, plane.GraphURL()) },
		condition: "IdentityReady", reason: "BackendFailed", fixer: platforms,
	}
}

func graphFaults() []faultRow {
	answer := func(code, message string) string {
		return `{"error":{"code":"` + code + `","message":"` + message + `","innerError":{"request-id":"0c5f0a51-9d8c-4b0e-8f5e-000000000000","date":"2026-01-01T00:00:00"}}}`
	}
	throttled := graphFault("Microsoft Graph throttles (429)", faults.Rule{
		Status: 429, Headers: map[string]string{"Retry-After": "2"}, Body: answer("TooManyRequests", "Too many requests"),
	})
	throttled.reason, throttled.fixer = "Throttled", nobody
	return []faultRow{
		graphFault("Microsoft Graph forbids it (403)", faults.Rule{Status: 403, Body: answer("Authorization_RequestDenied", "Insufficient privileges to complete the operation.")}),
		graphFault("Microsoft Graph is down (503)", faults.Rule{Status: 503, Body: answer("serviceNotAvailable", "The service is unavailable.")}),
		graphFault("Microsoft Graph does not know who asks (401)", faults.Rule{Status: 401, Body: answer("InvalidAuthenticationToken", "Access token validation failure.")}),
		graphFault("Microsoft Graph fails (500)", faults.Rule{Status: 500, Body: answer("generalException", "An error has occurred.")}),
		graphFault("A proxy answers in place of Microsoft Graph (502, HTML)", faults.Rule{Status: 502, Headers: map[string]string{"Content-Type": "text/html"}, Body: "<html>Bad Gateway</html>"}),
		graphFault("The connection to Microsoft Graph is cut", faults.Rule{Cut: true}),
		throttled,
	}
}

// elasticsearchFault is one of Elasticsearch's answers.
func elasticsearchFault(name string, r faults.Rule) faultRow {
	return faultRow{
		name: name, nudge: theIndex(),
		inject:    func(t *testing.T, _ *claim.Unstructured) { inForce(t, plane.ElasticsearchURL(), r) },
		heal:      func(t *testing.T, _ *claim.Unstructured) { inForce(t, plane.ElasticsearchURL()) },
		condition: "SearchReady", reason: "BackendFailed", fixer: platforms,
	}
}

// told waits until a claim says of all that it has in Elasticsearch that it is throttled.
// Memory answers for each until the last sweep is three polls old, and which is polled
// first then is chance.
func told(t *testing.T, c *claim.Unstructured) {
	t.Helper()
	eventually(t, "all in Elasticsearch is throttled", func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		for _, r := range status(t, c).Resources {
			if slices.Contains([]string{"Index", "Role", "RoleMapping"}, r.Kind) && r.Reason != "Throttled" {
				return r.Kind + " is " + r.Reason
			}
		}
		return ""
	})
}

func elasticsearchFaults() []faultRow {
	json := map[string]string{"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
	html := map[string]string{"Content-Type": "text/html"}
	throttled := elasticsearchFault("Elasticsearch has no room for requests (429)", faults.Rule{
		Status: 429, Headers: json, Body: `{"error":{"type":"es_rejected_execution_exception","reason":"rejected execution of TimedRunnable@7f3a"},"status":429}`,
	})
	throttled.reason, throttled.fixer = "Throttled", nobody
	inject := throttled.inject
	throttled.inject = func(t *testing.T, c *claim.Unstructured) {
		inject(t, c)
		told(t, c)
	}
	return []faultRow{
		elasticsearchFault("Elasticsearch does not know who asks (401)", faults.Rule{
			Status: 401, Headers: json, Body: `{"error":{"type":"security_exception","reason":"unable to authenticate user [plumbline] for REST request [/]"},"status":401}`,
		}),
		elasticsearchFault("Elasticsearch forbids it (403)", faults.Rule{
			Status: 403, Headers: json, Body: `{"error":{"type":"security_exception","reason":"action [indices:admin/get] is unauthorized for user [plumbline]"},"status":403}`,
		}),
		elasticsearchFault("Elasticsearch has no master (503)", faults.Rule{
			Status: 503, Headers: json, Body: `{"error":{"type":"master_not_discovered_exception","reason":null},"status":503}`,
		}),
		elasticsearchFault("Elasticsearch fails (500)", faults.Rule{
			Status: 500, Headers: json, Body: `{"error":{"type":"null_pointer_exception","reason":"Cannot invoke Object.hashCode()"},"status":500}`,
		}),
		elasticsearchFault("A proxy answers in place of Elasticsearch (502, HTML)", faults.Rule{
			Status: 502, Headers: html, Body: "<html><body><h1>502 Bad Gateway</h1></body></html>",
		}),
		elasticsearchFault("A proxy's sign-in page answers (200, HTML)", faults.Rule{
			Status: 200, Headers: html, Body: "<html><body>Sign in</body></html>",
		}),
		elasticsearchFault("The connection to Elasticsearch is cut", faults.Rule{Cut: true}),
		throttled,
	}
}

// configFault is a mistake in how a backend is reached.
func configFault(name, group, field string, value any, f faultRow) faultRow {
	config := func() *unstructured.Unstructured {
		return object(group+"/v1alpha1", "ClusterProviderConfig", "", "default")
	}
	var before any
	f.name = name
	f.inject = func(t *testing.T, _ *claim.Unstructured) {
		edit(t, config(), func(spec map[string]any) { before, spec[field] = spec[field], value })
	}
	f.heal = func(t *testing.T, _ *claim.Unstructured) {
		edit(t, config(), func(spec map[string]any) { spec[field] = before })
	}
	return f
}

func configFaults() []faultRow {
	search := faultRow{nudge: theIndex(), condition: "SearchReady", reason: "BackendFailed", fixer: platforms}
	identity := faultRow{nudge: theGroup(), condition: "IdentityReady", reason: "BackendFailed", fixer: platforms}
	missing := map[string]any{"namespace": "plumbline-system", "name": "nothing", "key": "secret"}
	return []faultRow{
		configFault("Elasticsearch has a name that nobody knows", "elasticsearch.plumbline.dev", "endpoint", "https://elasticsearch.invalid", search),
		configFault("Nothing listens at Elasticsearch's address", "elasticsearch.plumbline.dev", "endpoint", "https://127.0.0.1:1", search),
		configFault("Elasticsearch's certificate is of an authority that is not trusted", "elasticsearch.plumbline.dev", "caBundleSecretRef", nil, search),
		configFault("The Secret with the credentials is missing", "elasticsearch.plumbline.dev", "credentials",
			map[string]any{"username": "plumbline", "passwordSecretRef": missing}, search),
		configFault("Microsoft Graph has a name that nobody knows", "entra.plumbline.dev", "endpoint", "https://graph.invalid", identity),
		configFault("Nothing listens at Microsoft Graph's address", "entra.plumbline.dev", "endpoint", "https://127.0.0.1:1", identity),
		configFault("Microsoft Graph's certificate is of an authority that is not trusted", "entra.plumbline.dev", "caBundleSecretRef", nil, identity),
		configFault("The tenant refuses the sign-in", "entra.plumbline.dev", "clientID", "33333333-3333-4333-8333-333333333333", identity),
	}
}

// claimFault is an edit of the claim.
func claimFault(name string, wrong func(spec map[string]any), f faultRow) faultRow {
	var before map[string]any
	f.name = name
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		change(t, c, func(spec map[string]any) {
			before = (&unstructured.Unstructured{Object: spec}).DeepCopy().Object
			wrong(spec)
		})
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		change(t, c, func(spec map[string]any) {
			for _, field := range []string{"size", "paused", "access", "routes", "search"} {
				delete(spec, field)
				if v, had := before[field]; had {
					spec[field] = v
				}
			}
		})
	}
	return f
}

func claimFaults() []faultRow {
	route := func(host, zone, service string) func(map[string]any) {
		return func(spec map[string]any) {
			r := map[string]any{"host": host, "service": service, "port": int64(8080)}
			if zone != "" {
				r["zone"] = zone
			}
			spec["routes"] = append(spec["routes"].([]any), r)
		}
	}
	noService := claimFault("A route leads to a Service that does not exist", route("other.faulty-dev.preview.example.com", "", "api"),
		faultRow{condition: "RouteReady", ready: true, reason: "ServiceMissing", fixer: developer})
	unknown := claimFault("A member is not in Entra ID", func(spec map[string]any) {
		spec["access"] = map[string]any{"members": []any{"ana@example.com", "bo@example.com", "nobody@example.com"}}
	}, faultRow{condition: "IdentityReady", ready: true, reason: "MembersUnknown", fixer: developer})
	return []faultRow{
		claimFault("The claim has a mistake", func(spec map[string]any) { spec["size"] = "huge" },
			faultRow{condition: "Accepted", reason: "InvalidClaim", fixer: developer}),
		claimFault("The claim asks for another team's host", route("shop.example.org", "", "web"),
			faultRow{condition: "Accepted", reason: "InvalidClaim", fixer: developer}),
		noService, unknown, refusedRoute(), takenHost(),
	}
}

// refusedRoute is a Gateway that lets in no routes of environments.
func refusedRoute() faultRow {
	gateway := object("gateway.networking.k8s.io/v1", "Gateway", "kong", "internal")
	letIn := func(t *testing.T, allowed map[string]any) {
		edit(t, gateway, func(spec map[string]any) {
			spec["listeners"].([]any)[0].(map[string]any)["allowedRoutes"] = map[string]any{"namespaces": allowed}
		})
	}
	f := claimFault("The Gateway does not let in the route", func(spec map[string]any) {
		spec["routes"] = append(spec["routes"].([]any), map[string]any{"host": "faulty.dev.internal.example.com", "zone": "internal", "service": "web", "port": int64(8080)})
	}, faultRow{condition: "RouteReady", reason: "RouteRefused", fixer: platforms})
	add, takeBack := f.inject, f.heal
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		letIn(t, map[string]any{"from": "Same"})
		add(t, c)
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		labels := map[string]any{"app.kubernetes.io/managed-by": "plumbline"}
		letIn(t, map[string]any{"from": "Selector", "selector": map[string]any{"matchLabels": labels}})
		takeBack(t, c)
	}
	return f
}

// takenHost is a host that another team's claim had first.
func takenHost() faultRow {
	const host = "sought.dev.example.com"
	var winner *claim.Unstructured
	f := claimFault("Another claim has the host", func(spec map[string]any) {
		spec["routes"] = append(spec["routes"].([]any), map[string]any{"host": host, "service": "web", "port": int64(8080)})
	}, faultRow{condition: "RouteReady", reason: "NameTaken", fixer: developer})
	add, takeBack := f.inject, f.heal
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		winner = commit(t, strings.NewReplacer("SERVICE", "first", "TEAM", "shop", "NAME", "sought").Replace(sameHost))
		becomesReady(t, winner)
		add(t, c)
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		remove(t, winner)
		takeBack(t, c)
	}
	return f
}

func clusterFaults() []faultRow {
	issuer := object("cert-manager.io/v1", "ClusterIssuer", "", "plumbline-ca")
	missing := claimFault("The issuer of certificates is missing", func(spec map[string]any) {
		spec["routes"] = append(spec["routes"].([]any), map[string]any{"host": "tls.faulty-dev.preview.example.com", "service": "web", "port": int64(8080)})
	}, faultRow{condition: "RouteReady", reason: "IssuingFailed", fixer: platforms})
	add, takeBack := missing.inject, missing.heal
	kept := issuer.DeepCopy()
	missing.inject = func(t *testing.T, c *claim.Unstructured) {
		must(t, get(t, kept))
		must(t, say(plane.Client().Delete(t.Context(), issuer.DeepCopy())))
		add(t, c)
	}
	missing.heal = func(t *testing.T, c *claim.Unstructured) {
		back := issuer.DeepCopy()
		back.Object["spec"] = kept.Object["spec"]
		must(t, say(plane.Client().Create(t.Context(), back)))
		takeBack(t, c)
	}
	return []faultRow{
		{
			name: "The quota is used up",
			inject: func(t *testing.T, _ *claim.Unstructured) {
				must(t, say(plane.Client().Create(t.Context(), greedy("1"))))
			},
			heal: func(t *testing.T, _ *claim.Unstructured) {
				must(t, say(plane.Client().Delete(t.Context(), greedy("1"), client.GracePeriodSeconds(0))))
			},
			condition: "NamespaceReady", ready: true, reason: "QuotaUsedUp", fixer: developer,
		},
		belowUse(),
		missing,
		denied(),
		{
			name: "The Blueprint has a mistake",
			inject: func(t *testing.T, _ *claim.Unstructured) {
				blueprint := object("apiextensions.crossplane.io/v1beta1", "EnvironmentConfig", "", "plumbline-blueprint")
				must(t, get(t, blueprint))
				unstructured.RemoveNestedField(blueprint.Object, "data", "environments")
				must(t, say(plane.Client().Update(t.Context(), blueprint)))
			},
			heal:      func(t *testing.T, _ *claim.Unstructured) { apply(t, examples+"/blueprint.yaml") },
			condition: "Accepted", reason: "InvalidBlueprint", fixer: platforms,
		},
		{
			name:      "The Blueprint is missing",
			inject:    func(t *testing.T, _ *claim.Unstructured) { deleteBlueprint(t) },
			heal:      func(t *testing.T, _ *claim.Unstructured) { apply(t, examples+"/blueprint.yaml") },
			condition: "Accepted", reason: "BlueprintMissing", fixer: platforms,
		},
		{
			name: "The provider is down when the claim changes",
			inject: func(t *testing.T, c *claim.Unstructured) {
				must(t, say(plane.KillProvider()))
				change(t, c, func(spec map[string]any) { spec["access"] = map[string]any{"members": []any{"ana@example.com"}} })
			},
			heal: func(t *testing.T, c *claim.Unstructured) {
				must(t, say(plane.RestartProvider(t.Context())))
				change(t, c, func(spec map[string]any) {
					spec["access"] = map[string]any{"members": []any{"ana@example.com", "bo@example.com"}}
				})
			},
			condition: "IdentityReady", reason: "Creating",
		},
	}
}

// greedy is a pod that asks for some of what the namespace may have.
func greedy(cpu string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "faulty-dev", Name: "greedy"},
		Spec: corev1.PodSpec{ServiceAccountName: "workload", Containers: []corev1.Container{{
			Name: "greedy", Image: "example.com/greedy",
			Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{"cpu": resource.MustParse(cpu)}},
		}}},
	}
}

// belowUse is a size that is too small for the pods that run.
func belowUse() faultRow {
	f := claimFault("The claim asks for less than its pods use", func(spec map[string]any) { spec["size"] = "preview" },
		faultRow{condition: "Accepted", reason: "InvalidClaim", fixer: developer})
	shrink, takeBack := f.inject, f.heal
	f.inject = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		must(t, say(plane.Client().Create(t.Context(), greedy("700m"))))
		eventually(t, "the claim counts the pod", func() string {
			must(t, get(t, c))
			return unlessEqual("[Pods]", fmt.Sprint(status(t, c).InUse))
		})
		shrink(t, c)
	}
	f.heal = func(t *testing.T, c *claim.Unstructured) {
		t.Helper()
		takeBack(t, c)
		must(t, say(plane.Client().Delete(t.Context(), greedy("700m"), client.GracePeriodSeconds(0))))
	}
	return f
}

// edit changes an object's spec as it is now.
func edit(t *testing.T, o *unstructured.Unstructured, by func(spec map[string]any)) {
	t.Helper()
	eventually(t, "edit "+o.GetKind(), func() string {
		if missing := get(t, o); missing != "" {
			return missing
		}
		spec := o.Object["spec"].(map[string]any)
		by(spec)
		for field, value := range spec {
			if value == nil {
				delete(spec, field)
			}
		}
		return say(plane.Client().Update(t.Context(), o))
	})
}

func must(t *testing.T, problem string) {
	t.Helper()
	if problem != "" {
		t.Fatal(problem)
	}
}
