package expand

import (
	"strings"
	"testing"
	"time"

	fnv1 "github.com/crossplane/function-sdk-go/proto/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// TestLifetime asks on days around those that a claim names: its words change on them,
// and nothing else ever does.
func TestLifetime(t *testing.T) {
	cases := map[string]struct {
		reason        string
		lifetime      object
		day           string
		want, summary string
	}{
		"Before":     {reason: "Before its day there is nothing to do.", lifetime: object{"expires": "2026-12-01"}, day: "2026-11-30", want: "WithinLifetime=TRUE WithinLifetime"},
		"On":         {reason: "On its day somebody is asked to act.", lifetime: object{"expires": "2026-12-01"}, day: "2026-12-01", want: "WithinLifetime=FALSE Expired", summary: "it ended on 2026-12-01; delete the claim, or commit a later day in spec.lifetime.expires"},
		"Review":     {reason: "So it is when it is to be reviewed.", lifetime: object{"review": "2026-12-01"}, day: "2027-01-01", want: "WithinLifetime=FALSE ReviewDue", summary: "it was to be reviewed on 2026-12-01; commit the next day in spec.lifetime.review"},
		"Both":       {reason: "Who has to delete it need not review it.", lifetime: object{"expires": "2026-12-01", "review": "2026-12-01"}, day: "2026-12-01", want: "WithinLifetime=FALSE Expired", summary: "it ended"},
		"ReviewNext": {reason: "A review that lies ahead is no reason to act.", lifetime: object{"review": "2026-12-01"}, day: "2026-11-30", want: "WithinLifetime=TRUE WithinLifetime"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp, _ := Expand(ask(t, inSpec(t, "lifetime", tc.lifetime)), dawn(t, tc.day))
			if got := says(rsp)[1]; got != tc.want {
				t.Errorf("\n%s\nwant %q, got %q", tc.reason, tc.want, got)
			}
			if got := summary(rsp); !strings.Contains(got, tc.summary) || (tc.summary == "") == strings.Contains(got, "; it ") {
				t.Errorf("\n%s\nwant %q in the summary, got %q", tc.reason, tc.summary, got)
			}
			without, _ := Expand(ask(t), dawn(t, tc.day))
			if diff := cmp.Diff(without.GetDesired().GetResources(), rsp.GetDesired().GetResources(), protocmp.Transform()); diff != "" {
				t.Errorf("\nNo day deletes or changes a resource.\n-want, +got:\n%s", diff)
			}
		})
	}
}

// TestSameAllDay holds that an answer depends on the day, not on the hour, and that the
// next day is noticed soon.
func TestSameAllDay(t *testing.T) {
	lifetime := inSpec(t, "lifetime", object{"expires": "2026-12-01"})
	morning, _ := Expand(ask(t, lifetime), dawn(t, "2026-11-30"))
	evening, _ := Expand(ask(t, lifetime), dawn(t, "2026-11-30").Add(24*time.Hour-time.Nanosecond))
	if diff := cmp.Diff(proto.Message(morning), proto.Message(evening), protocmp.Transform()); diff != "" {
		t.Errorf("\nAn answer is the same all day.\n-morning, +evening:\n%s", diff)
	}
	if ttlSettled > time.Hour {
		t.Errorf("a new day is noticed within an hour, got %s", ttlSettled)
	}
}

// TestRefusedHasItsDays holds that a day comes for a claim that is refused or paused as
// for any other, whatever was said of it before.
func TestRefusedHasItsDays(t *testing.T) {
	before := func(req *fnv1.RunFunctionRequest) {
		req.Observed.Composite.Resource.Fields["status"] = pb(t, object{"status": object{"conditions": []any{
			object{"type": "WithinLifetime", "status": "True", "reason": "WithinLifetime", "message": "Ends on 2026-12-01"},
		}}}).GetFields()["status"]
	}
	namespace := observed(t, "namespace", recorded(object{"apiVersion": "v1", "kind": "Namespace", "metadata": object{"name": "checkout-prod"}}, object{"f:metadata": object{"f:labels": object{}}}))
	const asked = "it ended on 2026-12-01; delete the claim"
	cases := map[string]struct {
		reason  string
		edits   []edit
		day     string
		want    []string
		summary string
	}{
		"Before": {
			reason: "A day that lies ahead is still named.", day: "2026-11-30", edits: []edit{namespace, inSpec(t, "size", "huge")},
			want: []string{"Accepted=FALSE InvalidClaim", "WithinLifetime=TRUE WithinLifetime"}, summary: "spec.size",
		},
		"On": {
			reason: "Who corrects the claim may as well delete it.", day: "2026-12-01", edits: []edit{namespace, inSpec(t, "size", "huge")},
			want: []string{"Accepted=FALSE InvalidClaim", "WithinLifetime=FALSE Expired"}, summary: asked,
		},
		"Paused": {
			reason: "A claim that was paused and forgotten ends too.", day: "2026-12-01", edits: []edit{namespace, inSpec(t, "paused", true)},
			want: []string{"Accepted=FALSE Paused", "WithinLifetime=FALSE Expired"}, summary: asked,
		},
		"Unrecorded": {
			reason: "So it does where the call has to fail.", day: "2026-12-01", edits: []edit{active(t), inSpec(t, "size", "huge")},
			want: []string{"Accepted=FALSE InvalidClaim", "WithinLifetime=FALSE Expired"},
		},
		"NoDay": {
			reason: "Of what is no day nobody knows whether it has come: silence makes it Unknown.", day: "2026-12-01",
			edits: []edit{namespace, inSpec(t, "lifetime", object{"expires": "2026-02-31"})},
			want:  []string{"Accepted=FALSE InvalidClaim"}, summary: "spec.lifetime.expires",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			rsp, _ := Expand(ask(t, append([]edit{before, inSpec(t, "lifetime", object{"expires": "2026-12-01"})}, tc.edits...)...), dawn(t, tc.day))
			if diff := cmp.Diff(tc.want, says(rsp)); diff != "" {
				t.Errorf("\n%s\n-want, +got:\n%s", tc.reason, diff)
			}
			if got := summary(rsp); !strings.Contains(got, tc.summary) {
				t.Errorf("\n%s\nwant %q in the summary, got %q", tc.reason, tc.summary, got)
			}
		})
	}
}

// dawn is the first moment of a day.
func dawn(t *testing.T, day string) time.Time {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return at
}
