package rehearsal

import (
	"testing"

	"github.com/plumbline-dev/plumbline/functions/expand"
)

// BenchmarkSteady is a call for the production example when nothing changes any more.
func BenchmarkSteady(b *testing.B) {
	req, _ := settled(b)
	for b.Loop() {
		expand.Expand(req, today)
	}
}
