package rehearsal

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/plumbline-dev/plumbline/functions/expand"
)

// TestTTL holds how long an environment is left alone, which is ready but for what a case
// changes.
func TestTTL(t *testing.T) {
	cases := map[string]struct {
		reason  string
		breaker string // What Crossplane says of its circuit breaker: True is closed.
		refused bool
		want    time.Duration
	}{
		"Ready": {
			reason:  "Crossplane watches all that an environment is made of",
			breaker: "True",
			want:    time.Hour,
		},
		"NothingSaid": {
			reason: "On its first pass Crossplane has said nothing yet",
			want:   time.Hour,
		},
		"Unheard": {
			reason:  "An open circuit breaker drops the last change as well as the first",
			breaker: "False",
			want:    time.Minute,
		},
		"Refused": {
			reason:  "What is refused waits for a change",
			breaker: "True",
			refused: true,
			want:    time.Hour,
		},
		"RefusedUnheard": {
			reason:  "The change that a refused claim waits for may be one that is dropped",
			breaker: "False",
			refused: true,
			want:    time.Minute,
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req, _ := settled(t)
			composite := req.GetObserved().GetComposite().GetResource().GetFields()
			if tc.breaker != "" {
				composite["status"] = responsive(t, tc.breaker)
			}
			if tc.refused {
				composite["spec"].GetStructValue().Fields["size"] = structpb.NewStringValue("nonsense")
				clear(req.GetObserved().GetResources()) // A rehearsal knows of nobody who applied them.
			}
			rsp, outcome := expand.Expand(req, today)
			if (outcome.Refusal != nil) != tc.refused || expand.Failure(rsp) != nil {
				t.Fatalf("refused: %v, failed: %v", outcome.Refusal, expand.Failure(rsp))
			}
			if diff := cmp.Diff(tc.want, rsp.GetMeta().GetTtl().AsDuration()); diff != "" {
				t.Errorf("%s: TTL: -want, +got:\n%s", tc.reason, diff)
			}
		})
	}
}

// responsive is a status of which nothing is known but Crossplane's circuit breaker.
func responsive(t *testing.T, truth string) *structpb.Value {
	t.Helper()
	v, err := structpb.NewValue(map[string]any{
		"conditions": []any{map[string]any{"type": "Responsive", "status": truth, "reason": "Any"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}
