package compose

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
	"github.com/plumbline-dev/plumbline/functions/internal/status"
)

// conditions makes an object's conditions from "Type=Status Reason: message".
func conditions(lines ...string) []any {
	var out []any
	for _, line := range lines {
		head, message, _ := strings.Cut(line, ": ")
		kind, reason, _ := strings.Cut(head, " ")
		kind, state, _ := strings.Cut(kind, "=")
		out = append(out, map[string]any{"type": kind, "status": state, "reason": reason, "message": message})
	}
	return out
}

func TestHealth(t *testing.T) {
	with := func(lines ...string) Object {
		return Object{"status": map[string]any{"conditions": conditions(lines...)}}
	}
	unresolved := with("Synced=True", "Ready=True")
	unresolved.set([]any{"zoe@example.com", "yan@example.com"}, "status", "atProvider", "unresolved")
	disabled := with("Synced=True", "Ready=True")
	disabled.set([]any{"yan@example.com"}, "status", "atProvider", "disabled")
	stale := with("Ready=True")
	stale.set(int64(2), "metadata", "generation")
	behind := with("Ready=True")
	behind.set(int64(2), "metadata", "generation")
	behind["status"].(map[string]any)["conditions"] = append(behind.list("status", "conditions"),
		map[string]any{"type": "Synced", "status": "True", "observedGeneration": int64(1)})
	lookedBefore := with("Ready=False LeadsElsewhere: x")
	lookedBefore.set(int64(2), "metadata", "generation")
	lookedBefore["status"].(map[string]any)["conditions"] = append(lookedBefore.list("status", "conditions"),
		map[string]any{"type": "Synced", "status": "True", "observedGeneration": int64(1)})
	quota := func(used, hard map[string]any) Object {
		return Object{"status": map[string]any{"used": used, "hard": hard}}
	}
	ofIssuer := func(issuers map[string]Object) func(Object) status.Health {
		return func(o Object) status.Health {
			return certificateHealth(o, v1alpha1.Issuer{Kind: "ClusterIssuer", Name: "ca"}, issuers)
		}
	}
	moved := Object{"metadata": map[string]any{"generation": 3.0}, "status": map[string]any{"observedGeneration": 2.0}}

	cases := map[string]struct {
		reason string
		judge  func(Object) status.Health
		object Object
		want   status.Health
	}{
		"ManagedNew": {
			reason: "A managed resource that the provider has not looked at is under way.",
			judge:  ManagedHealth,
			object: Object{},
			want:   status.Progressing(status.ReasonCreating, "The provider is at work"),
		},
		"ManagedReady": {
			reason: "A managed resource is ready when it is Ready and Synced.",
			judge:  ManagedHealth,
			object: with("Synced=True", "Ready=True"),
			want:   status.Available(),
		},
		"ManagedReadyOnce": {
			reason: "A managed resource whose last change failed is not ready, though it was.",
			judge:  ManagedHealth,
			object: with("Ready=True", "Synced=False ReconcileError: observe failed: cannot get index: connection refused"),
			want:   status.Failed(status.ReasonBackendFailed, "cannot get index: connection refused", v1alpha1.FixerPlatformTeam),
		},
		"ManagedBehind": {
			reason: "What the provider said of an earlier generation says nothing about this one.",
			judge:  ManagedHealth,
			object: behind,
			want:   status.Progressing(status.ReasonCreating, "The provider has not looked at its latest change"),
		},
		"ManagedThrottled": {
			reason: "A backend that asks to wait is nobody's fault.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: observe failed: cannot get group: Throttled: Microsoft Graph asks the application to wait (TooManyRequests)"),
			want:   status.Progressing(status.ReasonThrottled, "Microsoft Graph asks the application to wait (TooManyRequests)"),
		},
		"ManagedIll": {
			reason: "What is there and serves nobody is for the platform team.",
			judge:  ManagedHealth,
			object: with("Synced=True", "Ready=False Unavailable: Elasticsearch reports health red"),
			want:   status.Failed(status.ReasonBackendFailed, "Elasticsearch reports health red", v1alpha1.FixerPlatformTeam),
		},
		"QuotaLeft": {
			reason: "A bound of none is a rule and no shortage.",
			judge:  quotaHealth,
			object: quota(map[string]any{"pods": "19", "services.nodeports": "0"}, map[string]any{"pods": "20", "services.nodeports": "0"}),
			want:   status.Available(),
		},
		"QuotaUsedUp": {
			reason: "A quota that is used up refuses pods, and the claim says which.",
			judge:  quotaHealth,
			object: quota(map[string]any{"pods": "20", "requests.cpu": "1000m"}, map[string]any{"pods": "20", "requests.cpu": "1"}),
			want: status.Noted(status.ReasonQuotaUsedUp,
				"all is in use of pods (20), requests.cpu (1); new pods that need it are refused until less is used or the claim has a larger size", v1alpha1.FixerDeveloper),
		},
		"IssuerMissing": {
			reason: "A certificate that waits for an issuer that is missing does not take the blame.",
			judge:  ofIssuer(map[string]Object{"ca": nil}),
			object: with("Ready=False DoesNotExist: Issuing certificate as Secret does not exist"),
			want:   status.Failed(status.ReasonIssuingFailed, `ClusterIssuer "ca" does not exist`, v1alpha1.FixerPlatformTeam),
		},
		"IssuerIll": {
			reason: "An issuer that is not ready says why.",
			judge:  ofIssuer(map[string]Object{"ca": with("Ready=False ErrGetKeyPair: secret not found")}),
			object: with("Ready=False DoesNotExist: Issuing certificate as Secret does not exist"),
			want:   status.Failed(status.ReasonIssuingFailed, `ClusterIssuer "ca" is not ready: secret not found`, v1alpha1.FixerPlatformTeam),
		},
		"IssuerGone": {
			reason: "A certificate that was issued is ready, whatever became of its issuer.",
			judge:  ofIssuer(map[string]Object{"ca": nil}),
			object: with("Ready=True"),
			want:   status.Available(),
		},
		"ManagedForeign": {
			reason: "Something of that name that is not ours is for the developer to solve.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: create failed: ExistsNotOwned: index \"a\" exists; delete it or choose another name"),
			want:   status.Failed(status.ReasonExistsNotOwned, "index \"a\" exists; delete it or choose another name", v1alpha1.FixerDeveloper),
		},
		"ManagedRetyped": {
			reason: "A field that cannot change its type is for the developer to set back.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: ImmutableMapping: of data stream \"a\", field \"b\" has type \"long\""),
			want:   status.Failed(status.ReasonImmutableMapping, "of data stream \"a\", field \"b\" has type \"long\"", v1alpha1.FixerDeveloper),
		},
		"ManagedRefused": {
			reason: "What Elasticsearch does not take is for the developer to correct.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: Refused: cannot create index \"a\": mapper_parsing_exception: x"),
			want:   status.Failed(status.ReasonRefused, "cannot create index \"a\": mapper_parsing_exception: x", v1alpha1.FixerDeveloper),
		},
		"ManagedOwnedElsewhere": {
			reason: "Something that another control plane owns says who has it.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: OwnedElsewhere: group \"a\" belongs to eu/payments/a"),
			want:   status.Failed(status.ReasonOwnedElsewhere, "group \"a\" belongs to eu/payments/a", v1alpha1.FixerDeveloper),
		},
		"ManagedNameTaken": {
			reason: "Something that another claim has says which.",
			judge:  ManagedHealth,
			object: with("Synced=False ReconcileError: observe failed: NameTaken: group \"a\" belongs to shop/a (team shop); choose another name"),
			want:   status.Failed(status.ReasonNameTaken, "group \"a\" belongs to shop/a (team shop); choose another name", v1alpha1.FixerDeveloper),
		},
		"GroupMembersUnknown": {
			reason: "Members that Entra ID does not know hold up nobody, and are named.",
			judge:  groupHealth,
			object: unresolved,
			want: status.Health{
				State: v1alpha1.ResourceReady, Reason: status.ReasonMembersUnknown,
				Message: "Entra ID does not know zoe@example.com, yan@example.com", WhoFixes: v1alpha1.FixerDeveloper,
			},
		},
		"GroupMembersDisabled": {
			reason: "Members who may not sign in have no access, and are named.",
			judge:  groupHealth,
			object: disabled,
			want:   status.Noted(status.ReasonMembersDisabled, "Entra ID does not let sign in yan@example.com", v1alpha1.FixerDeveloper),
		},
		"CertificateIssuing": {
			reason: "A certificate that is being issued is under way, in cert-manager's words.",
			judge:  ofIssuer(nil),
			object: with("Issuing=True", "Ready=False DoesNotExist: Issuing certificate as Secret does not exist"),
			want:   status.Progressing(status.ReasonCreating, "Issuing certificate as Secret does not exist"),
		},
		"CertificateFailed": {
			reason: "A certificate that the issuer refused is for the platform team.",
			judge:  ofIssuer(nil),
			object: with("Ready=False DoesNotExist: No secret", "Issuing=False Failed: The issuer said no"),
			want:   status.Failed(status.ReasonIssuingFailed, "The issuer said no", v1alpha1.FixerPlatformTeam),
		},
		"CertificateDenied": {
			reason: "A certificate that a policy denied is for the platform team, whatever the policy calls it.",
			judge:  ofIssuer(nil),
			object: with("Issuing=False policy.cert-manager.io: No policy approved this request", "Ready=False DoesNotExist: Issuing certificate as Secret does not exist"),
			want:   status.Failed(status.ReasonIssuingFailed, "No policy approved this request", v1alpha1.FixerPlatformTeam),
		},
		"CertificateStale": {
			reason: "A Ready of an earlier generation may be that of other names.",
			judge:  ofIssuer(nil),
			object: stale,
			want:   status.Progressing(status.ReasonCreating, "cert-manager is at work"),
		},
		"DNSRecordMoved": {
			reason: "A record that ExternalDNS read before it changed is not ready.",
			judge:  dnsEndpointHealth,
			object: moved,
			want:   status.Progressing(status.ReasonCreating, "ExternalDNS has not read it yet"),
		},
		"LookupWaits": {
			reason: "A host that is not published yet is on its way.",
			judge:  lookupHealth,
			object: with("Synced=True", "Ready=False Creating: shop.example.com does not resolve yet (NXDOMAIN from 10.0.0.2)"),
			want:   status.Progressing(status.ReasonCreating, "shop.example.com does not resolve yet (NXDOMAIN from 10.0.0.2)"),
		},
		"LookupReady": {
			reason: "A host that leads where it should is ready.",
			judge:  lookupHealth,
			object: with("Synced=True", "Ready=True Available"),
			want:   status.Available(),
		},
		"LookupElsewhere": {
			reason: "A host that leads elsewhere has a record of somebody else, with whom the platform team talks.",
			judge:  lookupHealth,
			object: with("Synced=True", "Ready=False LeadsElsewhere: shop.example.com leads to 198.51.100.9, not to 203.0.113.7"),
			want:   status.Failed(status.ReasonLeadsElsewhere, "shop.example.com leads to 198.51.100.9, not to 203.0.113.7", v1alpha1.FixerPlatformTeam),
		},
		"LookupNotOwned": {
			reason: "A record of another ExternalDNS says whose it is.",
			judge:  lookupHealth,
			object: with("Synced=True", "Ready=False RecordNotOwned: its record belongs to ExternalDNS owner other-cluster"),
			want:   status.Failed(status.ReasonRecordNotOwned, "its record belongs to ExternalDNS owner other-cluster", v1alpha1.FixerPlatformTeam),
		},
		"LookupNotOwnedRight": {
			reason: "As long as it leads where it should, it serves the users.",
			judge:  lookupHealth,
			object: with("Synced=True", "Ready=True RecordNotOwned: its record belongs to ExternalDNS owner other-cluster"),
			want:   status.Noted(status.ReasonRecordNotOwned, "its record belongs to ExternalDNS owner other-cluster", v1alpha1.FixerPlatformTeam),
		},
		"LookupUnanswered": {
			reason: "A server that does not tell takes the blame, not whoever had the record when it last did.",
			judge:  lookupHealth,
			object: with("Synced=False ReconcileError: DNS server 10.0.0.2 answers SERVFAIL for shop.example.com", "Ready=False LeadsElsewhere: x"),
			want:   status.Failed(status.ReasonBackendFailed, "DNS server 10.0.0.2 answers SERVFAIL for shop.example.com", v1alpha1.FixerPlatformTeam),
		},
		"LookupBehind": {
			reason: "What was said of an earlier target says nothing about this one.",
			judge:  lookupHealth,
			object: lookedBefore,
			want:   status.Progressing(status.ReasonCreating, "The provider has not looked at its latest change"),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.judge(tc.object)); diff != "" {
				t.Errorf("\n%s\nHealth(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
