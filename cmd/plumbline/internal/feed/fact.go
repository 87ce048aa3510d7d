package feed

import (
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/catalog"
	"github.com/plumbline-dev/plumbline/cmd/plumbline/internal/score"
)

// A Fact is what Backstage's Tech Insights keeps of an entity: a fact retriever that
// fetches the list returns it as it is.
type Fact struct {
	Entity EntityName     `json:"entity"`
	Facts  map[string]any `json:"facts"`
}

// EntityName names an entity as Backstage's programs do.
type EntityName struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// factOf has a boolean for each check, and beside it the sentence that says why.
func factOf(name catalog.Name, card score.Card) Fact {
	f := Fact{Entity: EntityName(name), Facts: map[string]any{"passed": card.Passed(), "checks": len(card)}}
	for _, r := range card {
		f.Facts[r.Check] = r.Pass
		f.Facts[r.Check+"-sentence"] = r.Sentence
	}
	return f
}
