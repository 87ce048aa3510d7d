package e2e

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/resource/unstructured/claim"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/test/standins/faults"
)

var update = flag.Bool("update", false, "write docs/faults.md from what the claims say")

// faultTable is what TestFaults holds, and writes with -update.
const faultTable = "../../docs/faults.md"

const faultIntroduction = `# What a claim says when something is wrong

Each row was injected on a control plane, at the backend or in the cluster, while a claim was Ready. The sentence is what the claim's
summary said; the condition is the one that tells of it. When the fault ended, the claim became Ready without help, with the same
namespace, index and group as before. Written by ` + "`go test ./test/e2e -run TestFaults -update`" + `, and held by the same test.

Whose a DNS record is a claim tells where its zone has [` + "`dns.lookup`" + `](install.md#whether-a-host-resolves), as in the last rows. Not
in the table is [what a claim cannot tell](health.md#what-a-claim-cannot-tell), such as that pods need more than the quota has left, and what
is no fault: a claim that is edited while it is being deleted goes all the same, and what the edit asks for is never made.

| fault | condition | reason | who acts | the claim says |
| --- | --- | --- | --- | --- |
`

// A faultRow is one row: what goes wrong, and what the claim has to say of it. The
// sentence stands in docs/faults.md.
type faultRow struct {
	name      string
	inject    func(t *testing.T, c *claim.Unstructured)
	heal      func(t *testing.T, c *claim.Unstructured)
	nudge     client.Object // Looked at by the provider at once, which saves the test its poll.
	condition string
	ready     bool // Whether the claim stays Ready all the same.
	unknown   bool // Whether the condition is Unknown.
	reason    string
	fixer     platform.Fixer
	takes     time.Duration // How long Crossplane waits itself before it says anything.
	own       string        // The service of a claim of its own, which inject commits; none: it befalls faulty-dev.
}

// TestFaults lets one thing after the other go wrong under a claim that is Ready.
func TestFaults(t *testing.T) {
	c := commit(t, storyOf("faulty"))
	becomesReady(t, c)
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "faulty-dev", Name: "web"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 8080}}},
	}
	if err := plane.Client().Create(t.Context(), service); err != nil {
		t.Fatal(err)
	}
	says(t, c, "faulty-dev is ready")
	restored(t, c, "")
	capture(t, c, "healthy", platform.ConditionAccepted)
	want := world(t)
	held := heldTable(t)
	written := &strings.Builder{}
	written.WriteString(faultIntroduction)
	for _, f := range allFaults() {
		sentence := held[f.name]
		t.Run(f.name, func(t *testing.T) {
			sentence = suffers(t, c, f, sentence)
			restored(t, c, f.name)
			eventually(t, "nothing is lost and nothing is made twice", func() string { return cmp.Diff(want, world(t)) })
		})
		written.WriteString(row(f, sentence))
	}
	remove(t, c)
	if *update && !t.Failed() {
		if err := os.WriteFile(faultTable, []byte(written.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// suffers injects a fault, waits for what the claim says of it, and ends the fault.
func suffers(t *testing.T, c *claim.Unstructured, f faultRow, sentence string) string {
	t.Helper()
	if f.own != "" {
		c = parse(t, storyOf(f.own))
		defer func() {
			becomesReady(t, c)
			remove(t, c)
		}()
	}
	defer f.heal(t, c)
	f.inject(t, c)
	if f.nudge != nil {
		touch(t, f.nudge)
	}
	within(t, patience+f.takes, f.name+": the claim says "+f.reason, func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		return f.missing(t, c, sentence)
	})
	capture(t, c, f.name, f.condition)
	return spoken(t, c)
}

// missing is what a claim does not say, though it should.
func (f faultRow) missing(t *testing.T, c *claim.Unstructured, sentence string) string {
	t.Helper()
	s := status(t, c)
	got := c.GetCondition(xpv2.ConditionType(f.condition))
	if string(got.Reason) != f.reason || got.Status != f.truth() {
		return fmt.Sprintf("condition %s is %s %s: %s; the summary is %s", f.condition, got.Status, got.Reason, got.Message, s.Summary)
	}
	if ready := c.GetCondition(xpv2.TypeReady).Status == corev1.ConditionTrue; ready != f.ready {
		return fmt.Sprintf("Ready is %t", ready)
	}
	for _, r := range s.Resources {
		if r.State == platform.ResourceFailed && f.condition != platform.ConditionAccepted && r.Reason != f.reason {
			return fmt.Sprintf("%s %s takes blame, with reason %s: %s", r.Kind, r.Name, r.Reason, r.Message)
		}
		if r.Reason == f.reason && r.WhoFixes != f.fixer {
			return fmt.Sprintf("%s %s is fixed by %q", r.Kind, r.Name, r.WhoFixes)
		}
		if f.nudge != nil && !f.ready && r.Kind == f.nudge.GetObjectKind().GroupVersionKind().Kind && r.Reason != f.reason {
			return fmt.Sprintf("%s %s, which was looked at, is %s", r.Kind, r.Name, r.Reason)
		}
	}
	if spoken := spoken(t, c); !*update && spoken != sentence {
		return cmp.Diff(sentence, spoken)
	}
	return ""
}

// truth is the status of the condition that tells of the fault.
func (f faultRow) truth() corev1.ConditionStatus {
	switch {
	case f.unknown:
		return corev1.ConditionUnknown
	case f.ready:
		return corev1.ConditionTrue
	default:
		return corev1.ConditionFalse
	}
}

// spoken is a claim's summary, with the names that backends have elsewhere.
func spoken(t *testing.T, c *claim.Unstructured) string {
	t.Helper()
	return strings.NewReplacer(
		strings.TrimPrefix(plane.ElasticsearchURL(), "https://"), "elasticsearch.example.com",
		strings.TrimPrefix(plane.GraphURL(), "https://"), "graph.example.com",
	).Replace(status(t, c).Summary)
}

// restored waits until a claim is Ready and has nothing more to say.
func restored(t *testing.T, c *claim.Unstructured, after string) {
	t.Helper()
	eventually(t, "the claim is as before, without help, after "+after, func() string {
		if missing := get(t, c); missing != "" {
			return missing
		}
		if s := status(t, c).Summary; s != "faulty-dev is ready" || c.GetCondition(xpv2.TypeReady).Status != corev1.ConditionTrue {
			return s
		}
		if accepted := c.GetCondition(platform.ConditionAccepted); accepted.Status != corev1.ConditionTrue {
			return "Accepted is " + string(accepted.Reason)
		}
		return ""
	})
}

// world is what must outlive every fault: the identity of what holds data and access.
func world(t *testing.T) map[string]any {
	t.Helper()
	found := groups(t, "faulty-dev")
	ids := []any{}
	for _, g := range found {
		ids = append(ids, g["id"])
	}
	out := map[string]any{"groups": ids, "index": index(t, "faulty-dev.orders")["index.uuid"]}
	if len(ids) == 1 {
		out["members"] = members(t, ids[0].(string))
		out["bound"] = boundGroups(t, "faulty-dev")
	}
	return out
}

// touch lets the provider look at a managed resource now.
func touch(t *testing.T, o client.Object) {
	t.Helper()
	annotate(t, o, "crossplane.io/reconcile-requested-at", t.Name())
}

// inForce puts rules in force at a stand-in. Control of a stand-in needs no
// credentials, which a rule may be about.
func inForce(t *testing.T, url string, rules ...faults.Rule) {
	t.Helper()
	b := backend{base: url, authorize: func(*testing.T, *http.Request) {}}
	if rules == nil {
		rules = []faults.Rule{}
	}
	if code, answer := b.do(t, http.MethodPut, "/_standin/faults", rules); code != http.StatusNoContent {
		t.Fatalf("cannot set faults: %d %v", code, answer)
	}
}

func row(f faultRow, sentence string) string {
	who := map[platform.Fixer]string{"": "nobody", platform.FixerDeveloper: "developer", platform.FixerPlatformTeam: "platform team"}[f.fixer]
	condition := f.condition + "=" + string(f.truth())
	return fmt.Sprintf("| %s | %s | `%s` | %s | %s |\n", f.name, condition, f.reason, who, strings.ReplaceAll(sentence, "|", `\|`))
}

// heldTable returns the sentences of docs/faults.md by their fault.
func heldTable(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for line := range strings.Lines(read(t, faultTable)) {
		if cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00"), " | "); len(cells) == 5 {
			out[strings.TrimPrefix(cells[0], "| ")] = strings.ReplaceAll(strings.TrimSuffix(cells[4], " |"), "\x00", "|")
		}
	}
	return out
}
