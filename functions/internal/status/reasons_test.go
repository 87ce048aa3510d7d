package status

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestReasonsAreDocumented holds the developers' guide to every word that asks
// somebody to act or to wait.
func TestReasonsAreDocumented(t *testing.T) {
	guide, err := os.ReadFile("../../../docs/developers.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	fine := map[string]bool{ReasonAccepted: true, ReasonAvailable: true, ReasonNotRequested: true, ReasonWithinLifetime: true}
	seen := 0
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		reason, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if !fine[reason] && !strings.Contains(string(guide), "`"+reason+"`") {
			t.Errorf("docs/developers.md says who acts on %s", reason)
		}
		return true
	})
	if seen == 0 {
		t.Error("there are reasons to look for")
	}
}
