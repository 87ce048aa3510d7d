package world

import (
	"fmt"
	"testing"
)

// Deaths tells a story once in peace, and then once for every request that it
// takes and each side of it: the provider dies as it asks, before the backend did
// what it was asked, or after that and before it hears so. It returns to what is
// stored, and has to come to the same end.
//
// The story begins with Forget where deaths are to begin, and returns the number
// of requests from there.
func Deaths(t *testing.T, story func(t *testing.T, d Death) (requests int)) {
	t.Helper()
	requests := story(t, Death{})
	if requests == 0 || t.Failed() {
		t.Fatalf("a story without requests, or without a good end, tells nothing: %d requests", requests)
	}
	for at := 1; at <= requests; at++ {
		for side, after := range map[string]bool{"Before": false, "After": true} {
			t.Run(fmt.Sprintf("%s%d", side, at), func(t *testing.T) { story(t, Death{At: at, After: after}) })
		}
	}
}
