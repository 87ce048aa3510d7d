package status

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestReport(t *testing.T) {
	namespace := Row{Capability: Namespace, Kind: "Namespace", Name: "a-prod", Health: Available()}
	quota := Row{Capability: Namespace, Kind: "ResourceQuota", Name: "environment", Health: Waiting(), WaitingFor: "Namespace a-prod"}
	coming := namespace
	coming.Health = Progressing(ReasonCreating, "Not active yet")
	group := Row{Capability: Identity, Kind: "Group", Name: "a-prod", Health: Failed(ReasonBackendFailed, "403 Forbidden", v1alpha1.FixerPlatformTeam)}
	binding := Row{Capability: Identity, Kind: "RoleBinding", Name: "access-edit", Health: Waiting(), WaitingFor: "Group a-prod"}
	index := Row{Capability: Search, Kind: "Index", Name: "a-prod.orders", Health: Progressing(ReasonCreating, "The provider is at work")}
	ingress := Row{Capability: Route, Kind: "Ingress", Name: "a.example.com", Health: Waiting(), WaitingFor: "Namespace a-prod"}
	members := group
	members.Health = Health{State: v1alpha1.ResourceReady, Reason: ReasonMembersUnknown, Message: "Entra ID does not know zoe", WhoFixes: v1alpha1.FixerDeveloper}

	notRequested := func(c Capability) Condition {
		return Condition{Type: string(c), True: true, Reason: ReasonNotRequested, Message: "The claim does not ask for it"}
	}
	cases := map[string]struct {
		reason  string
		report  Report
		summary string
		want    []Condition
	}{
		"Ready": {
			reason:  "What is not asked for holds up nothing.",
			report:  Report{namespace},
			summary: "a-prod is ready",
			want: []Condition{
				{Type: string(Namespace), True: true, Reason: ReasonAvailable},
				notRequested(Identity), notRequested(Search), notRequested(Route),
			},
		},
		"RootCauses": {
			reason:  "What waits is never the cause; what failed comes before what is under way.",
			report:  Report{coming, quota, group, binding, index, ingress},
			summary: "a-prod is not ready: Group a-prod: 403 Forbidden (the platform team fixes this)",
			want: []Condition{
				{Type: string(Namespace), Reason: ReasonCreating, Message: "Namespace a-prod: Not active yet"},
				{Type: string(Identity), Reason: ReasonBackendFailed, Message: "Group a-prod: 403 Forbidden (the platform team fixes this)"},
				{Type: string(Search), Reason: ReasonCreating, Message: "Index a-prod.orders: The provider is at work"},
				{Type: string(Route), Reason: ReasonWaiting, Message: "Waiting for Namespace a-prod"},
			},
		},
		"UnderWay": {
			reason:  "A summary names what is under way, and no more than has room.",
			report:  Report{coming, quota, index, index, index},
			summary: "a-prod is not ready: waiting for Namespace a-prod, Index a-prod.orders, Index a-prod.orders, others",
			want: []Condition{
				{Type: string(Namespace), Reason: ReasonCreating, Message: "Namespace a-prod: Not active yet"},
				notRequested(Identity),
				{Type: string(Search), Reason: ReasonCreating, Message: strings.Join(slices.Repeat([]string{"Index a-prod.orders: The provider is at work"}, 3), "; ")},
				notRequested(Route),
			},
		},
		"OnlyWaiting": {
			reason:  "Where nothing is under way, the summary names what is waited for.",
			report:  Report{namespace, binding},
			summary: "a-prod is not ready: waiting for Group a-prod",
			want: []Condition{
				{Type: string(Namespace), True: true, Reason: ReasonAvailable},
				{Type: string(Identity), Reason: ReasonWaiting, Message: "Waiting for Group a-prod"},
				notRequested(Search), notRequested(Route),
			},
		},
		"ReadyWithANote": {
			reason:  "A ready environment still says what somebody should put right.",
			report:  Report{namespace, members},
			summary: "a-prod is ready, but Group a-prod: Entra ID does not know zoe (the developer fixes this)",
			want: []Condition{
				{Type: string(Namespace), True: true, Reason: ReasonAvailable},
				{Type: string(Identity), True: true, Reason: ReasonMembersUnknown, Message: "Group a-prod: Entra ID does not know zoe (the developer fixes this)"},
				notRequested(Search), notRequested(Route),
			},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.summary, tc.report.Summary("a-prod")); diff != "" {
				t.Errorf("\n%s\nSummary(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.want, tc.report.Conditions()); diff != "" {
				t.Errorf("\n%s\nConditions(): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTaken(t *testing.T) {
	lease := Row{Capability: Route, Kind: "Lease", Name: "a.example.com", Health: Failed(ReasonNameTaken, "Taken", v1alpha1.FixerDeveloper)}
	waiting := Row{Capability: Route, Kind: "Ingress", Name: "a.example.com", Health: Waiting(), WaitingFor: "Lease a.example.com"}
	ready := Row{Capability: Namespace, Kind: "Namespace", Name: "a-prod", Health: Available()}
	coming := Row{Capability: Search, Kind: "Index", Name: "orders", Health: Progressing(ReasonCreating, "The provider is at work")}
	cases := map[string]struct {
		reason string
		report Report
		want   bool
	}{
		"Ready":  {reason: "Who is ready waits for nobody.", report: Report{ready}},
		"Taken":  {reason: "What waits for a name that is taken waits for its owner.", report: Report{ready, lease, waiting}, want: true},
		"Coming": {reason: "What is under way is looked at again.", report: Report{ready, lease, waiting, coming}},
		"Only":   {reason: "What waits for something else is looked at again.", report: Report{ready, waiting}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.report.Taken(); got != tc.want {
				t.Errorf("\n%s\nTaken(): want %t, got %t", tc.reason, tc.want, got)
			}
		})
	}
}

func TestBounded(t *testing.T) {
	if got := bounded("a\n\tb"); got != "a b" {
		t.Errorf("a message is one line, got %q", got)
	}
	if got := []rune(bounded(strings.Repeat("ä", maxMessage+1))); len(got) != maxMessage+1 || got[maxMessage] != '…' {
		t.Errorf("a message is cut at a letter, got %d letters", len(got))
	}
}
