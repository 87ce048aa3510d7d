package index

import (
	"net/http"
	"strings"
	"testing"

	xpv2 "github.com/crossplane/crossplane/apis/v2/core/v2"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/plumbline-dev/plumbline/apis/custody"
	"github.com/plumbline-dev/plumbline/apis/elasticsearch/v1alpha1"
)

func deletesData(cr *v1alpha1.Index) {
	cr.Spec.Deletion = &custody.DeletionTerms{Data: custody.DataDelete}
}

// TestDataGuard deletes resources whose index holds documents, or none.
func TestDataGuard(t *testing.T) {
	const refusal = `DataLoss: "orders" holds 2 documents, which would be lost; commit spec.deletion.data: Delete to delete it all the same, ` +
		`or spec.managementPolicies without Delete to keep it`
	cases := map[string]struct {
		reason    string
		cr        *v1alpha1.Index
		documents []string
		ending    bool
		says      string // None: the resource goes.
		there     bool
	}{
		"Empty":      {"An empty index goes with its resource.", orders(), nil, false, "", false},
		"Documents":  {"Documents are not deleted unasked, and the way out is told.", orders(), []string{"1", "2"}, false, refusal, true},
		"Allowed":    {"They are deleted where the resource says so.", orders(deletesData), []string{"1", "2"}, false, "", false},
		"Ending":     {"A namespace that is being deleted is not held up, and nothing is lost.", orders(), []string{"1", "2"}, true, "", true},
		"EndingGone": {"There, what may go goes.", orders(deletesData), []string{"1", "2"}, true, "", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := startNode(t)
			w := newPlane(t, e, "local")
			w.Make(tc.cr)
			e.put(t, tc.documents...)
			w.Ending = tc.ending
			w.Restart()
			if got := w.Remove(tc.cr); got != (tc.says != "") {
				t.Fatalf("\n%s\nthe resource stays: %t, %s", tc.reason, got, synced(tc.cr))
			}
			if got := synced(tc.cr); tc.says != "" && got != tc.says {
				t.Errorf("\n%s\nSynced: want %q, got %q", tc.reason, tc.says, got)
			}
			if got := e.orders(t) != nil; got != tc.there {
				t.Errorf("\n%s\nindex: want %t, got %t", tc.reason, tc.there, got)
			}
			if tc.there && e.mark(t) != "local/payments/checkout" {
				t.Errorf("\nWhat stays keeps its marker.\nmark: %v", e.mark(t))
			}
			if tc.says == "" {
				return
			}
			if w.Change(tc.cr, deletesData) || e.orders(t) != nil {
				t.Errorf("\nThe commit that was asked for lets it go.\n%s", synced(tc.cr))
			}
		})
	}
}

// TestRetainInsteadOfLoss keeps the index of a resource that may not delete it.
func TestRetainInsteadOfLoss(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders()
	w.Make(cr)
	e.put(t, "1")
	w.Remove(cr)
	if w.Change(cr, retain) || e.orders(t) == nil {
		t.Errorf("\nThe other commit that was told keeps the index and lets the resource go.\n%s", synced(cr))
	}
}

// TestConfigWentFirst deletes a namespace whose ProviderConfig goes before the
// resource that needs it, under a provider that never opened it.
func TestConfigWentFirst(t *testing.T) {
	e := startNode(t)
	w, cr := newPlane(t, e, "local"), orders()
	w.Make(cr)
	cr.Spec.ProviderConfigReference = &xpv2.ProviderConfigReference{Kind: "ProviderConfig", Name: "default"}
	if err := w.Update(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	if !w.Remove(cr) || !strings.Contains(synced(cr), `cannot get ProviderConfig "default"`) {
		t.Fatalf("\nWhile the ProviderConfig can be made again, the resource waits for it.\n%s", synced(cr))
	}
	w.Ending = true
	if w.Settle(cr) {
		t.Fatalf("\nWhere it cannot, the resource goes.\n%s", synced(cr))
	}
	if e.mark(t) != "local/payments/checkout" || !strings.Contains(strings.Join(w.Events, "\n"), `Warning LeftBehind: the external object "orders" stays`) {
		t.Errorf("\nThe index stays, and an event tells it.\nmark: %v, events: %v", e.mark(t), w.Events)
	}
	again := orders()
	again.ObjectMeta = metav1.ObjectMeta{Namespace: "payments", Name: "checkout", Annotations: again.Annotations}
	w.Ending = false
	w.Make(again)
	if c := again.GetCondition(xpv2.TypeReady); c.Status != corev1.ConditionTrue || len(e.do(t, http.MethodGet, "/_alias", "")) > 1 {
		t.Errorf("\nA resource of the same name finds it.\n%+v", c)
	}
}

// TestClaimIsTold deletes the Index of a claim while it cannot go: nobody but the
// provider can tell the developer then.
func TestClaimIsTold(t *testing.T) {
	ofClaim := func(cr *v1alpha1.Index) {
		cr.Labels = map[string]string{"crossplane.io/claim-name": "shop", "crossplane.io/claim-namespace": "payments"}
	}
	const heldUp = "Warning DeletionHeldUp on ServiceEnvironment shop: Index orders cannot go: "
	cases := map[string]struct {
		reason    string
		cr        *v1alpha1.Index
		documents []string
		refuses   bool
		want      string // None: no claim is told.
	}{
		"Documents": {"It is told of documents, and of the way out.", orders(ofClaim), []string{"1"}, false, heldUp + `DataLoss: "orders" holds 1 documents`},
		"Refused":   {"It is told of a backend that refuses.", orders(ofClaim), nil, true, heldUp + `cannot delete index "orders": Elasticsearch answered 429`},
		"NoClaim":   {"Where there is no claim, none is told.", orders(), []string{"1"}, false, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := startNode(t)
			w := newPlane(t, e, "local")
			w.Make(tc.cr)
			e.put(t, tc.documents...)
			e.refuse(tc.refuses)
			if err := w.Delete(t.Context(), tc.cr); err != nil {
				t.Fatal(err)
			}
			for range 4 {
				if !w.Reconcile(tc.cr) {
					t.Fatalf("\n%s\nIt is gone.", tc.reason)
				}
			}
			var told []string
			for _, event := range w.Events {
				if strings.Contains(event, " on ServiceEnvironment ") {
					told = append(told, event)
				}
			}
			if tc.want == "" && len(told) == 0 {
				return
			}
			if len(told) != 1 || tc.want == "" || !strings.HasPrefix(told[0], tc.want) {
				t.Errorf("\n%s\nWant once %q, got %q", tc.reason, tc.want, told)
			}
		})
	}
}
