package group

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/meta"
	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
	"github.com/plumbline-dev/plumbline/provider/internal/clients/graph"
)

const (
	marker      = "local/payments/checkout-prod"
	ownerEnding = "[plumbline.dev/owner=" + marker + "]"
	id          = "99999999-0000-0000-0000-00000000000a"
)

var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// ours is the group of the resource of these tests, as the directory has it.
func ours() graph.Group {
	return graph.Group{ID: id, UniqueName: "plumbline.checkout-prod", DisplayName: "checkout-prod", Description: ownerEnding}
}

func foreignGroup(description string) graph.Group {
	g := ours()
	g.Description = description
	return g
}

// group returns a Group, changed by mods.
func group(mods ...func(*v1alpha1.Group)) *v1alpha1.Group {
	cr := &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "checkout-prod"}}
	cr.Spec.ForProvider = v1alpha1.GroupParameters{
		UniqueName: "plumbline.checkout-prod", DisplayName: "checkout-prod", MembershipPolicy: v1alpha1.MembershipExclusive,
	}
	for _, mod := range mods {
		mod(cr)
	}
	return cr
}

func recorded(cr *v1alpha1.Group) { meta.SetExternalName(cr, id) }
func deleted(cr *v1alpha1.Group)  { cr.DeletionTimestamp = &metav1.Time{Time: now} }
func ready(cr *v1alpha1.Group)    { cr.SetConditions(xpv2.Available()) }
func pending(cr *v1alpha1.Group)  { meta.SetExternalCreatePending(cr, now.Add(-time.Minute)) }

func created(ago time.Duration) func(*v1alpha1.Group) {
	return func(cr *v1alpha1.Group) { meta.SetExternalCreateSucceeded(cr, now.Add(-ago)) }
}

func members(names ...string) func(*v1alpha1.Group) {
	return func(cr *v1alpha1.Group) { cr.Spec.ForProvider.Members = names }
}

func owners(names ...string) func(*v1alpha1.Group) {
	return func(cr *v1alpha1.Group) { cr.Spec.ForProvider.Owners = names }
}

func additive(cr *v1alpha1.Group) { cr.Spec.ForProvider.MembershipPolicy = v1alpha1.MembershipAdditive }

// having returns a directory with a group that has members.
func having(g graph.Group, ids ...string) *directory {
	d := newDirectory(g)
	d.groups[g.ID].related[graph.Members] = ids
	return d
}

func with(d *directory, mod func(*directory)) *directory { mod(d); return d }

func lagging(d *directory) { d.lag = true }

func clientOf(d *directory) *external {
	return &external{svc: d, installation: "local", now: func() time.Time { return now }}
}

func TestObserve(t *testing.T) {
	type want struct {
		Exists, UpToDate, Adopted bool
		Status                    v1alpha1.GroupObservation
		Ready                     xpv2.Condition
		ExternalName              string
		Err                       string
	}
	status := func(members int64, unresolved ...string) v1alpha1.GroupObservation {
		return v1alpha1.GroupObservation{ObjectID: id, Members: members, Unresolved: unresolved, Owner: marker}
	}
	waiting := xpv2.Creating().WithMessage("Waiting for Microsoft Graph to show the new group")
	cases := map[string]struct {
		reason string
		dir    *directory
		cr     *v1alpha1.Group
		want   want
	}{
		"Missing": {
			reason: "A group that Graph knows by no name does not exist.",
			dir:    newDirectory(), cr: group(),
		},
		"UpToDate": {
			reason: "A group as desired is up to date and ready.",
			dir:    having(ours(), person(1)), cr: group(recorded, members("ana@example.com")),
			want: want{Exists: true, UpToDate: true, Status: status(1), Ready: xpv2.Available(), ExternalName: id},
		},
		"FoundByUniqueName": {
			reason: "Our group is found before its object id was recorded, and the id is recorded then.",
			dir:    having(ours()), cr: group(pending),
			want: want{Exists: true, UpToDate: true, Adopted: true, Status: status(0), Ready: xpv2.Available(), ExternalName: id},
		},
		"NotYetEffective": {
			reason: "A new group is not ready before its members are in it.",
			dir:    having(ours()), cr: group(recorded, members("ana@example.com")),
			want: want{Exists: true, Status: status(0), ExternalName: id,
				Ready: xpv2.Creating().WithMessage("Members and owners are not all in place yet")},
		},
		"DriftOfReady": {
			reason: "A group that was ready stays so while drift is put right.",
			dir:    having(ours()), cr: group(recorded, ready, members("ana@example.com")),
			want: want{Exists: true, Status: status(0), Ready: xpv2.Available(), ExternalName: id},
		},
		"Unresolved": {
			reason: "A name that the directory does not know is told, and does not hold up the rest.",
			dir:    having(ours(), person(1)), cr: group(recorded, members("nobody@example.com", "ana@example.com")),
			want: want{Exists: true, UpToDate: true, Status: status(1, "nobody@example.com"), ExternalName: id,
				Ready: xpv2.Available().WithMessage("Not found in the directory, or not unique: nobody@example.com")},
		},
		"AddedByHand": {
			reason: "A member that others added is drift when membership is exclusive.",
			dir:    having(ours(), person(2)), cr: group(recorded),
			want: want{Exists: true, Status: status(1), ExternalName: id,
				Ready: xpv2.Creating().WithMessage("Members and owners are not all in place yet")},
		},
		"AddedByHandAdditive": {
			reason: "A member that others added is none of our business when membership is additive.",
			dir:    having(ours(), person(2)), cr: group(recorded, additive),
			want: want{Exists: true, UpToDate: true, Status: status(1), Ready: xpv2.Available(), ExternalName: id},
		},
		"NotOwned": {
			reason: "A group without a marker is refused, although it has our unique name.",
			dir:    having(foreignGroup("Staff")), cr: group(),
			want: want{Err: `ExistsNotOwned: a group with display name "checkout-prod" and object id ` + id + ` exists and carries no owner marker; ` +
				`choose another name, remove it, or take it over: set spec.adoption to Adopt, and end its description with [plumbline.dev/owner=local/payments/checkout-prod;offered]`},
		},
		"OwnedElsewhere": {
			reason: "A group with another marker is refused, and its holder named.",
			dir:    having(foreignGroup("Staff [plumbline.dev/owner=other/a/b]")), cr: group(recorded),
			want: want{ExternalName: id, Err: `OwnedElsewhere: a group with display name "checkout-prod" and object id ` + id +
				` belongs to "other/a/b", not to "local/payments/checkout-prod"; choose another name, or delete it there first`},
		},
		"Namesake": {
			reason: "A group of another unique name with our display name is refused.",
			dir:    having(graph.Group{ID: id, DisplayName: "checkout-prod"}), cr: group(),
			want: want{Err: `ExistsNotOwned: a group with display name "checkout-prod" and object id ` + id + ` exists and carries no owner marker; ` +
				`choose another name, remove it, or take it over: set spec.adoption to Adopt, and end its description with [plumbline.dev/owner=local/payments/checkout-prod;offered]`},
		},
		"ListedFirst": {
			reason: "Our group is ours by whichever way it is found first.",
			dir:    with(having(ours()), func(d *directory) { d.keyLag = true }), cr: group(pending),
			want: want{Exists: true, UpToDate: true, Adopted: true, ExternalName: id},
		},
		"ListedBesideNamesake": {
			reason: "A namesake that came later does not take our group from us.",
			dir: with(newDirectory(ours(), graph.Group{ID: person(9), DisplayName: "checkout-prod"}),
				func(d *directory) { d.keyLag = true }), cr: group(pending),
			want: want{Exists: true, UpToDate: true, Adopted: true, ExternalName: id},
		},
		"NamesakeWithOurMarker": {
			reason: "A group with our marker and another unique name is not taken for ours.",
			dir:    having(graph.Group{ID: id, UniqueName: "old", DisplayName: "checkout-prod", Description: ownerEnding}), cr: group(),
			want: want{Err: `OwnedElsewhere: a group with display name "checkout-prod" and object id ` + id + ` carries the marker of this resource, ` +
				`but has unique name "old"; delete that group, or name it in spec.forProvider.uniqueName of a new resource`},
		},
		"Settling": {
			reason: "A group that was created a moment ago and is not found is not settled.",
			dir:    with(having(ours()), lagging), cr: group(recorded, created(time.Minute)),
			want: want{Exists: true, UpToDate: true, Ready: waiting, ExternalName: id},
		},
		"SettlingAfterReady": {
			reason: "A server that lags does not make a ready group unready.",
			dir:    with(having(ours()), lagging), cr: group(recorded, created(time.Minute), ready),
			want: want{Exists: true, UpToDate: true, Ready: xpv2.Available(), ExternalName: id},
		},
		"DeletedByHandYoung": {
			reason: "A young group that is in the deleted items is not settling: somebody deleted it.",
			dir:    with(newDirectory(), func(d *directory) { d.bin[id] = &record{Group: ours()} }), cr: group(recorded, created(time.Minute)),
			want: want{ExternalName: id},
		},
		"DeletedByHand": {
			reason: "A group that is not found long after its creation is gone.",
			dir:    newDirectory(), cr: group(recorded, created(time.Hour)),
			want: want{ExternalName: id},
		},
		"GoingWhileSettling": {
			reason: "A resource deleted before its group is found stays until the group is gone.",
			dir:    with(having(ours()), lagging), cr: group(recorded, created(time.Minute), deleted),
			want: want{Exists: true, UpToDate: true, Ready: waiting, ExternalName: id},
		},
		"GoingWhileUnsure": {
			reason: "A resource deleted before anybody knows whether its group was created stays for a while.",
			dir:    with(having(ours()), lagging), cr: group(pending, deleted),
			want: want{Exists: true, UpToDate: true, Ready: waiting},
		},
		"Gone": {
			reason: "A resource whose group is in the deleted items can go.",
			dir:    with(newDirectory(), func(d *directory) { d.bin[id] = &record{Group: ours()} }), cr: group(recorded, created(time.Minute), deleted),
			want: want{ExternalName: id},
		},
		"GoingNotOurs": {
			reason: "A resource whose name is another's can go without touching that.",
			dir:    having(foreignGroup("Staff")), cr: group(recorded, deleted),
			want: want{ExternalName: id},
		},
		"Down": {
			reason: "A directory that is down says nothing about the group, and Ready keeps what it was.",
			dir:    with(newDirectory(), func(d *directory) { d.fail = &graph.Error{Status: 503, Code: "x"} }), cr: group(recorded, ready),
			want: want{Err: `cannot get group "plumbline.checkout-prod": Microsoft Graph answered 503 Service Unavailable (x)`,
				ExternalName: id, Ready: xpv2.Available()},
		},
		"ProxyNotFound": {
			reason: "A 404 that is not Graph's does not mean that the group is missing.",
			dir:    with(newDirectory(), func(d *directory) { d.fail = &graph.Error{Status: 404} }), cr: group(recorded),
			want: want{Err: `cannot get group "plumbline.checkout-prod": answer 404 Not Found does not come from Microsoft Graph; check the endpoint and what stands before it`,
				ExternalName: id},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			before := everything(t, tc.dir)
			o, err := clientOf(tc.dir).Observe(t.Context(), tc.cr)
			got := want{Exists: o.ResourceExists, UpToDate: o.ResourceUpToDate, Adopted: o.ResourceLateInitialized,
				Status: tc.cr.Status.AtProvider, ExternalName: meta.GetExternalName(tc.cr), Err: text(err)}
			if r := tc.cr.GetCondition(xpv2.TypeReady); r.Reason != "" {
				got.Ready = r
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreTypes(metav1.Time{})); diff != "" {
				t.Errorf("\n%s\nObserve(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(before, everything(t, tc.dir)); diff != "" {
				t.Errorf("\nObserving changes nothing.\nObserve(...): -before, +after:\n%s", diff)
			}
			if err == nil && o.ResourceLateInitialized && meta.ExternalCreateIncomplete(tc.cr) {
				t.Error("\nA creation whose result was found is complete.")
			}
		})
	}
}

func TestCreate(t *testing.T) {
	cases := map[string]struct {
		reason string
		dir    *directory
		cr     *v1alpha1.Group
		name   string // The external name afterwards.
		groups int
		err    string
	}{
		"New":   {"A new group is recorded by its object id.", newDirectory(), group(), "99999999-0000-0000-0000-000000000001", 1, ""},
		"Twice": {"A creation whose result was lost finds its group, and makes no second one.", having(ours()), group(pending), id, 1, ""},
		"TwiceLagging": {
			"A group that exists and is not found yet is waited for.", with(having(ours()), lagging), group(pending), "", 1,
			`NameTaken: Microsoft Graph keeps unique name "plumbline.checkout-prod" for a group that it does not show: one that is new, and shows within minutes, ` +
				`or one in the deleted items that is not of this resource; have an administrator restore or remove that one, or choose another name`,
		},
		"Restore": {
			"A group of ours in the deleted items is restored, with its object id.",
			with(newDirectory(), func(d *directory) { d.bin[id] = &record{Group: ours()} }), group(), id, 1, "",
		},
		"RestoreRecorded": {
			"A group that was renamed before it was deleted is restored by its object id.",
			with(newDirectory(), func(d *directory) {
				g := ours()
				g.DisplayName = "renamed"
				d.bin[id] = &record{Group: g}
			}), group(recorded), id, 1, "",
		},
		"NotRestored": {
			"A deleted group of another stays deleted.",
			with(newDirectory(), func(d *directory) { d.bin[id] = &record{Group: foreignGroup("Staff")} }), group(), "99999999-0000-0000-0000-000000000001", 1, "",
		},
		"Refused": {
			"A refusal is reported, and nothing is recorded.",
			with(newDirectory(), func(d *directory) { d.frozen = &graph.Error{Status: 403, Code: "Authorization_RequestDenied"} }), group(), "", 0,
			`cannot create group "plumbline.checkout-prod": Microsoft Graph does not permit this to the application (Authorization_RequestDenied); see the permissions it needs`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := clientOf(tc.dir).Create(t.Context(), tc.cr)
			if diff := cmp.Diff(tc.err, text(err)); diff != "" {
				t.Errorf("\n%s\nCreate(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.name, meta.GetExternalName(tc.cr)); diff != "" {
				t.Errorf("\n%s\nexternal name: -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.groups, len(tc.dir.groups)); diff != "" {
				t.Errorf("\n%s\ngroups: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestUpdate(t *testing.T) {
	type want struct {
		Members, Owners []string
		DisplayName     string
		History         []string
		Err             string
	}
	cases := map[string]struct {
		reason string
		dir    *directory
		cr     *v1alpha1.Group
		want   want
	}{
		"Exclusive": {
			reason: "Members are added before others are removed.",
			dir:    having(ours(), person(2)), cr: group(recorded, members("ana@example.com", strings.ToUpper(person(3)))),
			want: want{Members: []string{person(1), person(3)}, DisplayName: "checkout-prod", History: []string{"add members", "remove members"}},
		},
		"Additive": {
			reason: "Members that others added stay.",
			dir:    having(ours(), person(2)), cr: group(recorded, additive, members("ana@example.com")),
			want: want{Members: []string{person(1), person(2)}, DisplayName: "checkout-prod", History: []string{"add members"}},
		},
		"Renamed": {
			reason: "A display name that was changed by hand is put right.",
			dir:    with(having(ours()), func(d *directory) { d.groups[id].DisplayName = "x" }), cr: group(recorded),
			want: want{DisplayName: "checkout-prod"},
		},
		"Owners": {
			reason: "Owners are added before others are removed.",
			dir:    with(having(ours()), func(d *directory) { d.groups[id].related[graph.Owners] = []string{person(2)} }),
			cr:     group(recorded, owners("ana@example.com")),
			want:   want{Owners: []string{person(1)}, DisplayName: "checkout-prod", History: []string{"add owners", "remove owners"}},
		},
		"NoOwnerResolved": {
			reason: "A group never loses its last owner to a name that nobody has.",
			dir:    with(having(ours()), func(d *directory) { d.groups[id].related[graph.Owners] = []string{person(2)} }),
			cr:     group(recorded, owners("nobody@example.com")),
			want:   want{Owners: []string{person(2)}, DisplayName: "checkout-prod"},
		},
		"NoOpinionOnOwners": {
			reason: "Owners that nobody named are left alone.",
			dir:    with(having(ours()), func(d *directory) { d.groups[id].related[graph.Owners] = []string{person(2)} }), cr: group(recorded),
			want: want{Owners: []string{person(2)}, DisplayName: "checkout-prod"},
		},
		"NotOwned": {
			reason: "What is not ours is not written to, whoever asks.",
			dir:    having(foreignGroup("Staff [plumbline.dev/owner=other/a/b]"), person(2)), cr: group(recorded, members("ana@example.com")),
			want: want{Members: []string{person(2)}, DisplayName: "checkout-prod",
				Err: `OwnedElsewhere: a group with display name "checkout-prod" and object id ` + id +
					` belongs to "other/a/b", not to "local/payments/checkout-prod"; choose another name, or delete it there first`},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := clientOf(tc.dir).Update(t.Context(), tc.cr)
			g := tc.dir.groups[id]
			got := want{Members: tc.dir.ids(graph.Members), Owners: tc.dir.ids(graph.Owners), DisplayName: g.DisplayName, History: tc.dir.history, Err: text(err)}
			if diff := cmp.Diff(tc.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("\n%s\nUpdate(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	cases := map[string]struct {
		reason string
		dir    *directory
		cr     *v1alpha1.Group
		left   int
		err    string
	}{
		"Ours":       {"Our group is deleted.", having(ours()), group(recorded, deleted), 0, ""},
		"Unrecorded": {"Our group is deleted although its object id was never recorded.", having(ours()), group(pending, deleted), 0, ""},
		"Gone":       {"A group that is gone is deleted.", newDirectory(), group(recorded, deleted, created(time.Hour)), 0, ""},
		"NotOwned":   {"A group without a marker stays.", having(foreignGroup("Staff")), group(recorded, deleted), 1, ""},
		"Settling": {
			"A group that is not found yet holds the resource until it can be deleted.",
			with(having(ours()), lagging), group(recorded, deleted, created(time.Minute)), 1,
			`group "plumbline.checkout-prod" was created a moment ago and cannot be found yet; it is deleted as soon as it can`,
		},
		"Down": {
			"A group that cannot be looked at is not deleted.",
			with(having(ours()), func(d *directory) { d.fail = &graph.Error{Status: 500, Code: "x"} }), group(recorded, deleted), 1,
			`cannot get group "plumbline.checkout-prod": Microsoft Graph answered 500 Internal Server Error (x)`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := clientOf(tc.dir).Delete(t.Context(), tc.cr)
			if diff := cmp.Diff(tc.err, text(err)); diff != "" {
				t.Errorf("\n%s\nDelete(...): -want, +got:\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.left, len(tc.dir.groups)); diff != "" {
				t.Errorf("\n%s\ngroups left: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// TestUpdateSettles checks that one update is enough, from every membership to
// every other.
func TestUpdateSettles(t *testing.T) {
	all := []string{person(1), person(2), person(3)}
	for has := range 8 {
		for wants := range 8 {
			d := having(ours(), subset(all, has)...)
			cr := group(recorded, members(subset(all, wants)...))
			e := clientOf(d)
			if _, err := e.Update(t.Context(), cr); err != nil {
				t.Fatal(err)
			}
			o, err := e.Observe(t.Context(), cr)
			if err != nil || !o.ResourceUpToDate {
				t.Errorf("\nOne update brings %v to %v.\nObserve(...): up to date %t, %v", subset(all, has), subset(all, wants), o.ResourceUpToDate, err)
			}
		}
	}
}

func subset(all []string, bits int) []string {
	var out []string
	for i, s := range all {
		if bits&(1<<i) != 0 {
			out = append(out, s)
		}
	}
	return out
}

func TestMarker(t *testing.T) {
	cases := map[string]struct {
		reason      string
		description string
		want        string
	}{
		"AtEnd":    {"The marker is at the end.", "Staff [plumbline.dev/owner=a/b/c]", "a/b/c"},
		"Alone":    {"A description may be nothing but the marker.", "[plumbline.dev/owner=a/b/c]", "a/b/c"},
		"Offered":  {"A marker may have a state.", "Staff [plumbline.dev/owner=a/b/c;offered]", "a/b/c;offered"},
		"Quoted":   {"A marker within the text is text.", "see [plumbline.dev/owner=a/b/c] for more", ""},
		"Last":     {"Of two, the last counts: a user's text cannot pass for the marker.", "[plumbline.dev/owner=x/y/z] [plumbline.dev/owner=a/b/c]", "a/b/c"},
		"Embedded": {"A marker that is part of a word is text.", "x[plumbline.dev/owner=a/b/c]", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, markOf(tc.description).String()); diff != "" {
				t.Errorf("\n%s\nmarkOf(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// everything returns all that a directory holds, as text.
func everything(t *testing.T, d *directory) string {
	t.Helper()
	type view struct {
		Group   graph.Group                 `json:"group"`
		Related map[graph.Relation][]string `json:"related"`
	}
	all := map[string]view{}
	for id, g := range d.groups {
		all[id] = view{g.Group, g.related}
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// text returns the words of an error, which must fit on one line.
func text(err error) string {
	if err == nil {
		return ""
	}
	return strings.ReplaceAll(err.Error(), "\n", "⏎")
}
