package status

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

func TestEvents(t *testing.T) {
	group := func(h Health) Row { return Row{Capability: Identity, Kind: "Group", Name: "shop-dev", Health: h} }
	index := func(h Health) Row { return Row{Capability: Search, Kind: "Index", Name: "shop-dev.orders", Health: h} }
	adopted := index(Available())
	adopted.Adopted = true
	down := Failed(ReasonBackendFailed, "answered 503", v1alpha1.FixerPlatformTeam)
	cases := map[string]struct {
		reason string
		before Report
		ready  bool
		mute   string
		now    Report
		want   []Event
	}{
		"New": {
			reason: "What is under way for the first time is no news.",
			now:    Report{group(Progressing(ReasonCreating, "Being created")), index(Waiting())},
		},
		"Ready": {
			reason: "An environment becomes ready once.",
			before: Report{group(Progressing(ReasonCreating, "Being created"))},
			now:    Report{group(Available())},
			want:   []Event{{Reason: EventReady, Message: "shop-dev is ready"}},
		},
		"ReadyWithNote": {
			reason: "An environment that is new, and has a note, has not recovered from anything.",
			before: Report{group(Progressing(ReasonCreating, "Being created")), index(Noted(ReasonServiceMissing, "lacks a Service", v1alpha1.FixerDeveloper))},
			now:    Report{group(Available()), index(Noted(ReasonServiceMissing, "lacks a Service", v1alpha1.FixerDeveloper))},
			want:   []Event{{Reason: EventReady, Message: "shop-dev is ready, but Index shop-dev.orders: lacks a Service (the developer fixes this)"}},
		},
		"StillReady": {
			reason: "A call in which nothing happens makes no event.",
			before: Report{group(Available())}, ready: true,
			now: Report{group(Available())},
		},
		"Lost": {
			reason: "A ready environment that fails says why, and who acts.",
			before: Report{group(Available()), index(Available())}, ready: true,
			now:  Report{group(Available()), index(down)},
			want: []Event{{Warning: true, Reason: ReasonBackendFailed, Message: "Index shop-dev.orders: answered 503 (the platform team fixes this)"}},
		},
		"StillLost": {
			reason: "Trouble that changes its words is no news.",
			before: Report{group(Available()), index(down)},
			now:    Report{group(Available()), index(Failed(ReasonBackendFailed, "connection refused", v1alpha1.FixerPlatformTeam))},
		},
		"LostForAnotherReason": {
			reason: "Other trouble with the same resource is news.",
			before: Report{index(down)},
			now:    Report{index(Failed(ReasonOwnedElsewhere, "belongs to a/b", v1alpha1.FixerDeveloper))},
			want:   []Event{{Warning: true, Reason: ReasonOwnedElsewhere, Message: "Index shop-dev.orders: belongs to a/b (the developer fixes this)"}},
		},
		"NeverReady": {
			reason: "What fails before it was ever ready is news as well.",
			before: Report{index(Progressing(ReasonCreating, "Being created"))},
			now:    Report{index(down)},
			want:   []Event{{Warning: true, Reason: ReasonBackendFailed, Message: "Index shop-dev.orders: answered 503 (the platform team fixes this)"}},
		},
		"Recovered": {
			reason: "The end of trouble is told in other words than the beginning of an environment.",
			before: Report{index(down)},
			now:    Report{index(Available())},
			want:   []Event{{Reason: EventRecovered, Message: "shop-dev is ready"}},
		},
		"Throttled": {
			reason: "A backend that asks to wait worries nobody, but the environment is not ready.",
			before: Report{index(Available())}, ready: true,
			now:  Report{index(Progressing(ReasonThrottled, "Elasticsearch has no room"))},
			want: []Event{{Reason: ReasonThrottled, Message: "shop-dev is not ready: waiting for Index shop-dev.orders"}},
		},
		"Noted": {
			reason: "A note that asks somebody to act is told though the environment stays ready.",
			before: Report{group(Available())}, ready: true,
			now:  Report{group(Noted(ReasonMembersUnknown, "Entra ID does not know zoe", v1alpha1.FixerDeveloper))},
			want: []Event{{Warning: true, Reason: ReasonMembersUnknown, Message: "Group shop-dev: Entra ID does not know zoe (the developer fixes this)"}},
		},
		"NoteGone": {
			reason: "That nobody has to act any more is told.",
			before: Report{group(Noted(ReasonMembersUnknown, "Entra ID does not know zoe", v1alpha1.FixerDeveloper))}, ready: true,
			now:  Report{group(Available())},
			want: []Event{{Reason: EventRecovered, Message: "shop-dev is ready"}},
		},
		"NoteOfTwoGone": {
			reason: "While somebody has still to act, nothing has recovered.",
			before: Report{
				group(Noted(ReasonMembersUnknown, "Entra ID does not know zoe", v1alpha1.FixerDeveloper)),
				index(Noted(ReasonDiffers, "has another mapping", v1alpha1.FixerPlatformTeam)),
			},
			ready: true,
			now:   Report{group(Available()), index(Noted(ReasonDiffers, "has another mapping", v1alpha1.FixerPlatformTeam))},
		},
		"Adopted": {
			reason: "What was taken over is told when it is.",
			before: Report{index(Progressing(ReasonCreating, "Being created"))},
			now:    Report{adopted},
			want: []Event{
				{Reason: EventAdopted, Message: "Index shop-dev.orders was there before and is taken over; it is kept when the claim goes"},
				{Reason: EventReady, Message: "shop-dev is ready"},
			},
		},
		"StillAdopted": {
			reason: "And not again.",
			before: Report{adopted}, ready: true,
			now: Report{adopted},
		},
		"AcceptedAgain": {
			reason: "A claim whose mistakes are corrected has recovered.",
			before: Report{index(Available())}, mute: "Nothing was changed, as the claim has mistakes: spec.size",
			now:  Report{index(Available())},
			want: []Event{{Reason: EventRecovered, Message: "shop-dev is ready"}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			past := Past{Ready: tc.ready, Refusal: tc.mute, Resources: tc.before.Resources()}
			if diff := cmp.Diff(tc.want, tc.now.Events("shop-dev", past)); diff != "" {
				t.Errorf("\n%s\nEvents(...): -want, +got:\n%s", tc.reason, diff)
			}
			settled := Past{Ready: tc.now.Ready(), Resources: tc.now.Resources()}
			if diff := cmp.Diff([]Event(nil), tc.now.Events("shop-dev", settled)); diff != "" {
				t.Errorf("\n%s\nNothing is told twice.\nEvents(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestRefusalEvent(t *testing.T) {
	wrong := &Refusal{Reason: ReasonInvalidClaim, Mistakes: []string{"spec.size: Unsupported value"}}
	cases := map[string]struct {
		reason  string
		refusal *Refusal
		past    Past
		want    []Event
	}{
		"News": {
			reason: "Mistakes are told at once.", refusal: wrong,
			want: []Event{{Warning: true, Reason: ReasonInvalidClaim, Message: wrong.Sentence()}},
		},
		"Known": {
			reason: "And once.", refusal: wrong, past: Past{Refusal: wrong.Sentence()},
		},
		"OtherMistake": {
			reason: "A commit with other mistakes is news.", refusal: wrong, past: Past{Refusal: "Nothing was changed"},
			want: []Event{{Warning: true, Reason: ReasonInvalidClaim, Message: wrong.Sentence()}},
		},
		"Paused": {
			reason: "To pause is no mistake.", refusal: Paused(),
			want: []Event{{Reason: ReasonPaused, Message: Paused().Sentence()}},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.refusal.Event(tc.past)); diff != "" {
				t.Errorf("\n%s\nEvent(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
