package gitops

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/plumbline-dev/plumbline/cmd/plumbline/trace"
	"github.com/plumbline-dev/plumbline/test/gittest"
)

// small is a claim of four lines.
const small = `apiVersion: plumbline.dev/v1alpha1
kind: ServiceEnvironment
metadata: {name: %[1]s-dev, namespace: payments}
spec: {service: %[1]s, environment: dev, size: small, tags: {costCenter: "4711", dataClass: internal}}
`

func smallOf(service string) string { return fmt.Sprintf(small, service) }

// TestStory follows a repository from its first commit.
func TestStory(t *testing.T) {
	r := publish(t)
	t.Run("ExampleBecomesReady", func(t *testing.T) {
		for _, c := range [][2]string{{"payments", "till-dev"}, {"payments", "till-prod"}, {"orders", "basket-dev"}} {
			eventually(t, "each claim of the example becomes Ready", func() string { return unready(t, claimOf(c[0], c[1])) })
		}
	})
	t.Run("EverythingLeadsToItsCommit", func(t *testing.T) { everythingLeadsToItsCommit(t, r) })
	t.Run("FolderBecomesEnvironment", func(t *testing.T) {
		r.write(t, "teams/payments/story/claim.yaml", smallOf("story"))
		r.commit(t, "Add story")
		eventually(t, "a new folder becomes Ready", func() string { return unready(t, claimOf("payments", "story-dev")) })
	})
	t.Run("ClaimsSayTheirCommit", func(t *testing.T) { claimsSayTheirCommit(t, r) })
	t.Run("EditAndRevert", func(t *testing.T) {
		before := cpu(t, "story-dev")
		r.write(t, "teams/payments/story/claim.yaml", strings.ReplaceAll(smallOf("story"), "size: small", "size: medium"))
		r.commit(t, "Enlarge story")
		eventually(t, "an edit changes the quota", func() string {
			if cpu(t, "story-dev") == before {
				return "it is unchanged"
			}
			return ""
		})
		gittest.Run(t, r.work, "revert", "--no-edit", "HEAD")
		gittest.Run(t, r.work, "push", "--quiet", "origin", "main")
		eventually(t, "a revert rolls it back", func() string {
			if got := cpu(t, "story-dev"); got != before {
				return "the quota is " + got
			}
			return ""
		})
	})
	t.Run("DriftIsHealed", func(t *testing.T) {
		c := claimOf("payments", "story-dev")
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"size":"medium"}}`))
		if err := plane.Client().Patch(t.Context(), c, patch); err != nil {
			t.Fatalf("cannot change the claim by hand: %v", err)
		}
		eventually(t, "a change by hand does not stay", func() string {
			if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
				return err.Error()
			}
			if size, _, _ := unstructured.NestedString(c.Object, "spec", "size"); size != "small" {
				return "size is " + size
			}
			return ""
		})
	})
	t.Run("BrokenFileHurtsNobodyElse", func(t *testing.T) {
		r.write(t, "teams/payments/broken/claim.yaml", "kind: [ServiceEnvironment\n")
		r.write(t, "teams/payments/wrong/claim.yaml", strings.ReplaceAll(smallOf("wrong"), "environment: dev", "environment: PROD"))
		r.write(t, "teams/payments/good/claim.yaml", smallOf("good"))
		r.commit(t, "Break two folders, and add one")
		eventually(t, "a good folder becomes Ready beside broken ones", func() string { return unready(t, claimOf("payments", "good-dev")) })
		eventually(t, "a file that is no YAML is told", func() string { return r.said(t, "teams/payments/broken: cannot read") })
		eventually(t, "and where", func() string { return r.said(t, "cannot read claim.yaml from line 1") })
		eventually(t, "a claim that the API server refuses is told", func() string { return r.said(t, "spec.environment") })
		for _, kept := range []string{"story-dev", "till-dev"} {
			if why := unready(t, claimOf("payments", kept)); why != "" {
				t.Errorf("what was Ready stays so: %s", why)
			}
		}
		r.remove(t, "teams/payments/broken")
		r.remove(t, "teams/payments/wrong")
		r.commit(t, "Remove what is broken")
	})
	t.Run("FolderGoes", func(t *testing.T) {
		r.remove(t, "teams/payments/story")
		r.commit(t, "Remove story")
		eventually(t, "a claim goes with its folder", func() string { return absent(t, claimOf("payments", "story-dev")) })
		eventually(t, "a namespace goes with its claim", func() string {
			return absent(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "story-dev"}})
		})
	})
	t.Run("ProtectedFolderStays", func(t *testing.T) { protectedFolderStays(t, r) })
	t.Run("ManyFolders", func(t *testing.T) { manyFolders(t, r) })
}

// everythingLeadsToItsCommit goes from a thing of each system to the line and the commit
// that asked for it.
func everythingLeadsToItsCommit(t *testing.T, r repository) {
	t.Helper()
	commit := gittest.Run(t, r.work, "rev-parse", "HEAD")
	c := claimOf("payments", "till-dev")
	if why := unready(t, c); why != "" {
		t.Fatal(why)
	}
	group, _, _ := unstructured.NestedString(c.Object, "status", "endpoints", "groupId")
	for thing, line := range map[string]string{
		"till-dev":             "service: till",
		"till-dev.orders":      "name: orders",
		"till.dev.example.com": "host: till.dev.example.com",
		group:                  "members: [ana@example.com]",
	} {
		out, code := plumbline(t, r.work, "trace", thing, "--repo", r.work, "--kubeconfig", plane.Kubeconfig())
		for _, want := range []string{"ServiceEnvironment till-dev", "payments", "teams/payments/dev/till.yaml:", line, commit, "Ana <ana@example.com>"} {
			if code != 0 || !strings.Contains(out, want) {
				t.Errorf("%s leads to its commit: want %q, got %d:\n%s", thing, want, code, out)
			}
		}
	}
	for _, ref := range references(t, c) {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion(ref.GetAPIVersion())
		o.SetKind(ref.GetKind())
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(&ref), o); err != nil {
			t.Errorf("what a claim is composed of is there: %v", err)
			continue
		}
		if l := o.GetLabels(); l["crossplane.io/claim-namespace"] != "payments" || l["crossplane.io/claim-name"] != "till-dev" {
			t.Errorf("%s %s says which claim it is from, got labels %v", o.GetKind(), o.GetName(), l)
		}
	}
}

// claimsSayTheirCommit holds that a claim names its file and the last commit that
// changed it, though others were committed since, and that no checkout is needed to read it.
func claimsSayTheirCommit(t *testing.T, r repository) {
	t.Helper()
	for name, file := range map[string]string{"till-dev": "teams/payments/dev/till.yaml", "story-dev": "teams/payments/story/claim.yaml"} {
		c := claimOf("payments", name)
		if why := unready(t, c); why != "" {
			t.Fatal(why)
		}
		want := [2]string{file, gittest.Run(t, r.work, "log", "-1", "--format=%H", "--", file)}
		if got := [2]string{c.GetAnnotations()[trace.AnnotationFile], c.GetAnnotations()[trace.AnnotationCommit]}; got != want {
			t.Errorf("claim %s says its file and commit: want %v, got %v", name, want, got)
		}
		out, code := plumbline(t, t.TempDir(), "trace", name, "--kubeconfig", plane.Kubeconfig())
		if code != 0 || !strings.Contains(out, want[0]) || !strings.Contains(out, want[1]) {
			t.Errorf("namespace %s leads to its file and commit by the claim alone: want %v, got %d:\n%s", name, want, code, out)
		}
	}
}

// protectedFolderStays removes a protected claim in one commit, which is refused, and
// then in two.
func protectedFolderStays(t *testing.T, r repository) {
	t.Helper()
	const file = "teams/payments/prod/till.yaml"
	text := r.read(t, file)
	r.remove(t, "teams/payments/prod")
	out, code := plumbline(t, r.work, "plan", "teams/", "--base", "HEAD", "--kubeconfig", plane.Kubeconfig())
	if code != 1 || !strings.Contains(out, "first commit spec.deletion.protect: false") {
		t.Errorf("a plan says beforehand what is refused: exit code %d\n%s", code, out)
	}
	r.commit(t, "Lose production")
	eventually(t, "the prune is refused, and says what to commit first", func() string { return r.said(t, "first commit spec.deletion.protect: false") })
	if why := unready(t, claimOf("payments", "till-prod")); why != "" {
		t.Errorf("a protected claim stays Ready: %s", why)
	}
	r.write(t, file, strings.ReplaceAll(text, "protect: true", "protect: false"))
	r.commit(t, "Allow it")
	c := claimOf("payments", "till-prod")
	eventually(t, "the claim is no longer protected", func() string {
		if err := plane.Client().Get(t.Context(), client.ObjectKeyFromObject(c), c); err != nil {
			return err.Error()
		}
		if protect, _, _ := unstructured.NestedBool(c.Object, "spec", "deletion", "protect"); protect {
			return "it is"
		}
		return ""
	})
	r.remove(t, "teams/payments/prod")
	out, code = plumbline(t, r.work, "plan", "teams/", "--base", "HEAD", "--kubeconfig", plane.Kubeconfig())
	if code != 3 || !strings.Contains(out, "DESTROY Namespace till-prod") || !strings.Contains(out, "retain Index") {
		t.Errorf("a plan says what is destroyed, and what is kept: exit code %d\n%s", code, out)
	}
	r.commit(t, "Remove production")
	eventually(t, "the second commit removes it", func() string { return absent(t, c) })
}

// manyFolders adds a number of folders in one commit, and says what they took.
func manyFolders(t *testing.T, r repository) {
	t.Helper()
	for i := range *folders {
		service := fmt.Sprintf("many%03d", i)
		r.write(t, "teams/payments/"+service+"/claim.yaml", smallOf(service))
	}
	begun := time.Now()
	r.commit(t, "Add many")
	for i := range *folders {
		eventually(t, "each of many folders becomes Ready", func() string { return unready(t, claimOf("payments", fmt.Sprintf("many%03d-dev", i))) })
	}
	t.Logf("%d folders of one commit were Ready after %s", *folders, time.Since(begun).Round(time.Second))
}

// cpu is the bound of a namespace's quota.
func cpu(t *testing.T, namespace string) string {
	t.Helper()
	list := &corev1.ResourceQuotaList{}
	if err := plane.Client().List(t.Context(), list, client.InNamespace(namespace)); err != nil || len(list.Items) != 1 {
		t.Fatalf("namespace %s has %d quotas: %v", namespace, len(list.Items), err)
	}
	q := list.Items[0].Spec.Hard["requests.cpu"]
	return q.String()
}
