package owner

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestCheck(t *testing.T) {
	wanted := Of("local", &metav1.ObjectMeta{Namespace: "payments", Name: "checkout-prod"})
	cases := map[string]struct {
		reason string
		found  Marker
		want   string
	}{
		"Ours": {"A resource with our marker is ours.", "local/payments/checkout-prod", ""},
		"None": {
			"A resource without a marker is refused, with the remedy.", "",
			`ExistsNotOwned: index "orders" exists and carries no owner marker; choose another name, remove it, or hand it over: set x to "local/payments/checkout-prod"`,
		},
		"Other": {
			"A resource with another marker is refused, and its holder named.", "other/payments/checkout-prod",
			`OwnedElsewhere: index "orders" belongs to "other/payments/checkout-prod", not to "local/payments/checkout-prod"; choose another name, or delete it there first`,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ""
			if err := Check(tc.found, wanted, `index "orders"`, "set x to"); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("\n%s\nCheck(...): -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}
