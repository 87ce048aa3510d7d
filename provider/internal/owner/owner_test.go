package owner

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/entra/v1alpha1"
)

func TestTake(t *testing.T) {
	const (
		never       = custody.AdoptionNever
		ifIdentical = custody.AdoptionIfIdentical
		adopt       = custody.AdoptionAdopt
		ours        = "local/payments/checkout-prod"
	)
	elsewhere := `OwnedElsewhere: index "orders" belongs to "other/payments/checkout-prod", not to "local/payments/checkout-prod"; choose another name, or delete it there first`
	taken := `NameTaken: index "orders" belongs to shop/x (team shop); choose another name, or delete it there first`
	cases := map[string]struct {
		reason   string
		adoption custody.Adoption
		found    string
		differs  []custody.Difference
		deleted  bool
		handOver string
		instead  string
		want     string
		err      string
	}{
		"Created":            {reason: "What we created is ours, whatever the mode.", adoption: never, found: ours, want: ours},
		"CreatedAdopt":       {reason: "What we created stays so in a mode that adopts.", adoption: adopt, found: ours, want: ours},
		"Adopted":            {reason: "What was adopted stays so when the mode is taken back.", adoption: never, found: ours + ";adopted", want: ours + ";adopted"},
		"AdoptedGoing":       {reason: "What was adopted is ours until it is released.", adoption: adopt, found: ours + ";adopted", deleted: true, want: ours + ";adopted"},
		"Elsewhere":          {reason: "Another's is refused, and its holder named.", adoption: never, found: "other/payments/checkout-prod", err: elsewhere},
		"ElsewhereAdopt":     {reason: "Nor is it adopted.", adoption: adopt, found: "other/payments/checkout-prod", err: elsewhere},
		"ElsewhereSame":      {reason: "Nor if it is identical.", adoption: ifIdentical, found: "other/payments/checkout-prod", err: elsewhere},
		"ElsewhereOffered":   {reason: "Nor what is offered to another.", adoption: adopt, found: "other/payments/checkout-prod;offered", err: elsewhere},
		"AnotherClaims":      {reason: "Of what another claim here has, the claim is named.", adoption: never, found: "local/shop/x", err: taken},
		"AnotherClaimsAdopt": {reason: "Nor is it adopted.", adoption: adopt, found: "local/shop/x;adopted", err: taken},
		"AnotherClaimsPart": {
			reason: "So is the resource of it, where it has another name.", adoption: never, found: "local/shop/x.orders",
			err: `NameTaken: index "orders" belongs to shop/x (team shop), as its resource x.orders; choose another name, or delete it there first`,
		},
		"None": {
			reason: "Without a marker nothing is ours, and the remedy is told.", adoption: never,
			err: `ExistsNotOwned: index "orders" exists and carries no owner marker; choose another name, remove it, or take it over: set spec.adoption to Adopt, and set x to "local/payments/checkout-prod;offered"`,
		},
		"NoneAdopt": {
			reason: "Adoption takes an offer, so that nobody takes what they only know the name of.", adoption: adopt,
			err: `ExistsNotOwned: index "orders" exists and is not offered to this resource; have its owner set x to "local/payments/checkout-prod;offered", or choose another name`,
		},
		"OfferedAdopt": {reason: "What is offered is adopted.", adoption: adopt, found: ours + ";offered", want: ours + ";adopted"},
		"OfferedNever": {
			reason: "An offer is not taken unasked.", adoption: never, found: ours + ";offered",
			err: `ExistsNotOwned: index "orders" carries the mark "local/payments/checkout-prod;offered", and spec.adoption is Never; set it to Adopt to take over what is offered`,
		},
		"OfferedGoing": {
			reason: "A resource that goes takes nothing over.", adoption: adopt, found: ours + ";offered", deleted: true,
			err: `ExistsNotOwned: index "orders" carries the mark "local/payments/checkout-prod;offered", and spec.adoption is Never; set it to Adopt to take over what is offered`,
		},
		"Unreadable": {
			reason: "A mark that cannot be read is no offer.", adoption: adopt, found: ours + ";lent",
			err: `ExistsNotOwned: index "orders" exists and is not offered to this resource; have its owner set x to "local/payments/checkout-prod;offered", or choose another name`,
		},
		"Unmarkable": {
			reason: "What cannot be marked cannot be taken over.", adoption: adopt, found: ours + ";offered", instead: "copy it",
			err: `ExistsNotOwned: index "orders" exists and carries no owner marker; choose another name, remove it, or copy it`,
		},
		"HandedOver":        {reason: "What we created becomes another's.", adoption: never, found: ours, handOver: "shop/x", want: "local/shop/x;transferred"},
		"HandedOverAdopted": {reason: "What we adopted is offered, so that it is adopted there too.", adoption: never, found: ours + ";adopted", handOver: "shop/x", want: "local/shop/x;offered"},
		"HandedOverStill":   {reason: "Until it is taken we leave it as it is.", adoption: never, found: "local/shop/x;transferred", handOver: "shop/x", want: "local/shop/x;transferred"},
		"HandedOverTaken":   {reason: "Once it is taken it is another's.", adoption: never, found: "local/shop/x", handOver: "shop/x", err: taken},
		"HandedOverGoing":   {reason: "What was handed over is not ours to delete.", adoption: never, found: "local/shop/x;transferred", handOver: "shop/x", deleted: true, err: taken},
		"HandedOverInstead": {reason: "What cannot be marked stays.", adoption: never, found: ours, handOver: "shop/x", instead: "copy it", want: ours},
		"Transferred":       {reason: "What was handed over to us is as if we had created it, whatever the mode.", adoption: never, found: ours + ";transferred", want: ours},
		"TransferredElse":   {reason: "What was handed over to another is not.", adoption: adopt, found: "other/payments/checkout-prod;transferred", err: elsewhere},
		"TransferredGoing":  {reason: "A resource that goes takes nothing over.", adoption: never, found: ours + ";transferred", deleted: true, err: `ExistsNotOwned: index "orders" carries the mark "local/payments/checkout-prod;transferred", and spec.adoption is Never; set it to Adopt to take over what is offered`},
		"Identical":         {reason: "What is identical is adopted.", adoption: ifIdentical, want: ours + ";adopted"},
		"Differs": {
			reason: "What differs is not, and the fields are named.", adoption: ifIdentical, differs: []custody.Difference{{Field: "a"}, {Field: "b.c"}},
			err: `ExistsNotOwned: index "orders" exists and is not identical to what is desired; it differs in a, b.c; change one of the two, or choose another name`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			mr := &v1alpha1.Group{ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "checkout-prod"}}
			mr.Spec.Adoption, mr.Spec.HandOver = tc.adoption, tc.handOver
			if tc.deleted {
				mr.DeletionTimestamp = new(metav1.Unix(1, 0))
			}
			mark, err := ClaimOf("local", mr).Take(Thing{Mark: Parse(tc.found), Name: `index "orders"`, Where: "set x to %q", Instead: tc.instead,
				Differs: func() ([]custody.Difference, error) { return tc.differs, nil }})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.err, got); diff != "" {
				t.Errorf("\n%s\nTake(...): -want, +got:\n%s", tc.reason, diff)
			}
			if IsRefusal(err) != (tc.err != "") {
				t.Errorf("\nA refusal is told apart.\nIsRefusal(%v): %t", err, IsRefusal(err))
			}
			if diff := cmp.Diff(tc.want, mark.String()); diff != "" {
				t.Errorf("\n%s\nTake(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
