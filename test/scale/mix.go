package scale

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"sigs.k8s.io/yaml"

	platform "github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// teams is how many teams share the claims.
const teams = 20

// A share is how many claims of ten are like an example.
type share struct {
	example string
	ofTen   int
	service string // The example's own service and team, which are replaced.
	team    string
}

// shares are those of the mix.
func shares() []share {
	return []share{
		{example: "minimal", ofTen: 6, service: "ledger", team: "payments"},
		{example: "web", ofTen: 3, service: "storefront", team: "shop"},
		{example: "production", ofTen: 1, service: "checkout", team: "payments"},
	}
}

// providerShares are those of the mix that burdens the provider: of each kind of managed
// resource that claims become there are some.
func providerShares() []share {
	return []share{
		{example: "minimal", ofTen: 5, service: "ledger", team: "payments"},
		{example: "web", ofTen: 3, service: "storefront", team: "shop"},
		{example: "production", ofTen: 1, service: "checkout", team: "payments"},
		{example: "events", ofTen: 1, service: "clickstream", team: "analytics"},
	}
}

// A Mix makes claims of the examples, each with a service of its own.
type Mix struct{ texts, examples [10]string }

// stride strews numbers over the examples. It has no factor in common with ten.
const stride = 7

// NewMix reads the examples of a repository.
func NewMix(root string) (*Mix, error) { return newMix(root, shares()) }

func newMix(root string, of []share) (*Mix, error) {
	m := &Mix{}
	next := 0
	for _, s := range of {
		b, err := os.ReadFile(filepath.Join(root, "examples", s.example, "claim.yaml")) //nolint:gosec // An example of this repository.
		if err != nil {
			return nil, errors.Wrap(err, "cannot read example")
		}
		text := strings.NewReplacer(s.service, "SERVICE", "namespace: "+s.team, "namespace: TEAM").Replace(string(b))
		for range s.ofTen {
			m.texts[next], m.examples[next] = text, s.example
			next++
		}
	}
	return m, nil
}

// Text returns the claim of a number as YAML. It is the same each time. Numbers are
// strewn over the examples, so that any ten in a row hold the mix.
func (m *Mix) Text(number int) string {
	return strings.NewReplacer(
		"SERVICE", fmt.Sprintf("svc-%06d", number),
		"TEAM", fmt.Sprintf("team-%02d", number%teams),
	).Replace(m.texts[number*stride%len(m.texts)])
}

// Claim returns the claim of a number.
func (m *Mix) Claim(number int) (*platform.ServiceEnvironment, error) {
	c := &platform.ServiceEnvironment{}
	return c, errors.Wrapf(yaml.UnmarshalStrict([]byte(m.Text(number)), c), "cannot parse claim %d", number)
}

// like reports whether the claim of a number is made of an example.
func (m *Mix) like(number int, example string) bool {
	return m.examples[number*stride%len(m.texts)] == example
}
