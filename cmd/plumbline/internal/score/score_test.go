package score

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/inventory"
)

var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// perfect is a claim, and all around it, that passes every check.
func perfect() (inventory.Claim, v1alpha1.Blueprint, inventory.World) {
	yes := true
	c := inventory.Claim{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "checkout-prod", UID: "1"}}
	c.Spec = v1alpha1.ServiceEnvironmentSpec{
		Service: "checkout", Environment: "prod",
		Tags:     map[string]v1alpha1.TagValue{"costCenter": "4711"},
		Access:   &v1alpha1.Access{Owners: []v1alpha1.Member{"ana@example.com"}},
		Deletion: &v1alpha1.Deletion{Protect: &yes},
	}
	c.Status.Namespace = "checkout-prod"
	c.Status.Resources = []v1alpha1.ResourceStatus{{Kind: "Certificate", Name: "checkout.example.com", State: v1alpha1.ResourceReady}}
	b := v1alpha1.Blueprint{
		RequiredTags: []string{"costCenter"},
		Environments: map[string]v1alpha1.EnvironmentClass{"prod": {Tier: v1alpha1.TierProduction}, "pr*": {Tier: v1alpha1.TierNonProduction}},
	}
	q := corev1.ResourceQuota{}
	q.Status.Hard = corev1.ResourceList{"pods": resource.MustParse("10"), "services.nodeports": resource.MustParse("0")}
	q.Status.Used = corev1.ResourceList{"pods": resource.MustParse("8"), "services.nodeports": resource.MustParse("0")}
	renewal := metav1.NewTime(now.Add(-time.Hour))
	certificate := inventory.Certificate{ObjectMeta: metav1.ObjectMeta{Name: "checkout.example.com"}}
	certificate.Status.RenewalTime = &renewal
	group := inventory.Managed{Kind: "Group", ObjectMeta: metav1.ObjectMeta{Name: "checkout-prod"}}
	group.Status.Drift = []custody.Drift{{Field: "members", At: metav1.NewTime(now.Add(-8 * 24 * time.Hour))}}
	return c, b, inventory.World{
		Quotas:       map[string][]corev1.ResourceQuota{"checkout-prod": {q}},
		Certificates: map[string][]inventory.Certificate{"checkout-prod": {certificate}},
		Managed:      map[string][]inventory.Managed{"checkout-prod": {group}},
	}
}

func TestChecks(t *testing.T) {
	cases := map[string]struct {
		reason string
		spoil  func(*inventory.Claim, *v1alpha1.Blueprint, inventory.World)
		fails  string
		names  string
		who    v1alpha1.Fixer
	}{
		"Perfect":     {"What lacks nothing passes everything", func(*inventory.Claim, *v1alpha1.Blueprint, inventory.World) {}, "", "", ""},
		"NoOwner":     {"Somebody owns the group", func(c *inventory.Claim, _ *v1alpha1.Blueprint, _ inventory.World) { c.Spec.Access = nil }, "has-owner", "spec.access.owners", v1alpha1.FixerDeveloper},
		"TagMissing":  {"Required tags are there", func(c *inventory.Claim, _ *v1alpha1.Blueprint, _ inventory.World) { c.Spec.Tags = nil }, "tags-complete", "costCenter", v1alpha1.FixerDeveloper},
		"Unprotected": {"Production is protected", func(c *inventory.Claim, _ *v1alpha1.Blueprint, _ inventory.World) { c.Spec.Deletion = nil }, "protected-in-production", "spec.deletion.protect", v1alpha1.FixerDeveloper},
		"Unissued": {"A certificate is issued", func(c *inventory.Claim, _ *v1alpha1.Blueprint, _ inventory.World) {
			c.Status.Resources[0].State, c.Status.Resources[0].Message = v1alpha1.ResourceFailed, "issuer not found."
		}, "certificates-ready", "issuer not found.", v1alpha1.FixerPlatformTeam},
		"ReviewDue": {"Somebody looks at the environment on the day", func(c *inventory.Claim, _ *v1alpha1.Blueprint, _ inventory.World) {
			c.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionWithinLifetime, Status: metav1.ConditionFalse, Message: "was to be reviewed on 2026-11-01"}}
		}, "reviewed", "2026-11-01", v1alpha1.FixerDeveloper},
		"Overdue": {"A certificate is renewed in time", func(_ *inventory.Claim, _ *v1alpha1.Blueprint, w inventory.World) {
			*w.Certificates["checkout-prod"][0].Status.RenewalTime = metav1.NewTime(now.Add(-25 * time.Hour))
		}, "certificates-fresh", "2026-11-20", v1alpha1.FixerPlatformTeam},
		"QuotaFull": {"A quota has room for a deployment", func(_ *inventory.Claim, _ *v1alpha1.Blueprint, w inventory.World) {
			w.Quotas["checkout-prod"][0].Status.Used["pods"] = resource.MustParse("9")
		}, "quota-in-range", "pods of the quota is used to 90%: 9 of 10", v1alpha1.FixerDeveloper},
		"Drift": {"What was changed outside this week is told", func(_ *inventory.Claim, _ *v1alpha1.Blueprint, w inventory.World) {
			w.Managed["checkout-prod"][0].Status.Drift[0].At = metav1.NewTime(now.Add(-6 * 24 * time.Hour))
		}, "no-drift", "members of Group checkout-prod was changed outside on 2026-11-15", v1alpha1.FixerDeveloper},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c, b, w := perfect()
			tc.spoil(&c, &b, w)
			for _, r := range InWorld(c, b, w, now) {
				switch {
				case r.Pass == (r.Check == tc.fails):
					t.Errorf("%s: check %s: pass is %v: %s", tc.reason, r.Check, r.Pass, r.Sentence)
				case !r.Pass && (r.WhoActs != tc.who || !strings.Contains(r.Sentence, tc.names)):
					t.Errorf("%s: want %q and %s, got %q and %s", tc.reason, tc.names, tc.who, r.Sentence, r.WhoActs)
				case !strings.HasSuffix(r.Sentence, "."):
					t.Errorf("a sentence ends with a full stop: %q", r.Sentence)
				}
			}
		})
	}
}

// TestOf holds that what the claim alone tells says nothing of what it does not.
func TestOf(t *testing.T) {
	c, b, w := perfect()
	if got, all := len(Of(c, b)), len(InWorld(c, b, w, now)); got != len(ofClaims()) || all != len(ofClaims())+len(ofWorlds()) {
		t.Errorf("a check without its facts is left out and not passed, got %d and %d", got, all)
	}
}

func TestProduction(t *testing.T) {
	_, b, _ := perfect()
	for environment, want := range map[string]bool{"prod": true, "pr42": false, "unknown": false, "prodx": false} {
		c := inventory.Claim{}
		c.Spec.Environment = environment
		if got := Production(c, b); got != want {
			t.Errorf("the Blueprint says whether %s is production: want %v, got %v", environment, want, got)
		}
	}
}
