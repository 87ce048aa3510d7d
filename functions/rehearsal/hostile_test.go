package rehearsal

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/plumbline-dev/plumbline/apis/serviceenvironment/v1alpha1"
)

// hostile are claims that nobody means well with, of any size. The API server would
// store no more than 1.5 MB of one; the function also runs where none stands in front.
func hostile() map[string]func(*v1alpha1.ServiceEnvironmentSpec, int) {
	type spec = v1alpha1.ServiceEnvironmentSpec
	return map[string]func(*spec, int){
		"Description": func(s *spec, n int) { s.Description = strings.Repeat("x", 100*n) },
		"Service":     func(s *spec, n int) { s.Service = strings.Repeat("x", 100*n) },
		"Members": func(s *spec, n int) {
			s.Access = &v1alpha1.Access{Members: each(n, func(i int) v1alpha1.Member { return v1alpha1.Member(fmt.Sprintf("m%d@example.com", i)) })}
		},
		"WrongMembers": func(s *spec, n int) {
			s.Access = &v1alpha1.Access{Members: each(n, func(i int) v1alpha1.Member { return v1alpha1.Member(fmt.Sprintf("m %d", i)) })}
		},
		"Routes": func(s *spec, n int) {
			s.Routes = each(n, func(i int) v1alpha1.Route {
				return v1alpha1.Route{Host: fmt.Sprintf("h%d.checkout.example.com", i), Service: "a", Port: 80}
			})
		},
		"Plugins": func(s *spec, n int) {
			s.Routes = []v1alpha1.Route{{Host: "checkout.example.com", Service: "a", Port: 80, Plugins: each(n, func(i int) string { return fmt.Sprintf("p%d", i) })}}
		},
		"Tags": func(s *spec, n int) {
			s.Tags = map[string]v1alpha1.TagValue{}
			for i := range n {
				s.Tags[fmt.Sprintf("t%d", i)] = "v"
			}
		},
		"Indices": func(s *spec, n int) {
			s.Search = &v1alpha1.Search{Indices: each(n, func(i int) v1alpha1.Index { return v1alpha1.Index{Name: fmt.Sprintf("i%d", i)} })}
		},
		"Mappings": func(s *spec, n int) {
			s.Search = &v1alpha1.Search{Indices: []v1alpha1.Index{{Name: "i", Mappings: &apiextensionsv1.JSON{Raw: []byte(`{"x":"` + strings.Repeat("y", 100*n) + `"}`)}}}}
		},
		"Peers": func(s *spec, n int) {
			s.Network = &v1alpha1.Connections{AllowTo: each(n, func(i int) v1alpha1.Peer { return v1alpha1.Peer{Service: fmt.Sprintf("s%d", i)} })}
		},
		"Extras": func(s *spec, n int) {
			s.Extras = each(n, func(i int) v1alpha1.ExtraRequest { return v1alpha1.ExtraRequest{Name: fmt.Sprintf("e%d", i)} })
		},
		"Quota": func(s *spec, n int) {
			s.Overrides = &v1alpha1.Overrides{Quota: map[string]v1alpha1.Quantity{}}
			for i := range n {
				s.Overrides.Quota[fmt.Sprintf("q%d", i)] = "1"
			}
		},
		"Users": func(s *spec, n int) {
			s.Access = &v1alpha1.Access{Roles: []v1alpha1.RoleGrant{{Role: "Viewer", Users: each(n, func(i int) v1alpha1.Subject { return v1alpha1.Subject(fmt.Sprint(i)) })}}}
		},
	}
}

// each makes n items.
func each[T any](n int, item func(int) T) []T {
	items := make([]T, n)
	for i := range items {
		items[i] = item(i)
	}
	return items
}

func swollen(tb testing.TB, swell func(*v1alpha1.ServiceEnvironmentSpec, int), n int) (*v1alpha1.ServiceEnvironment, map[string]any) {
	tb.Helper()
	claim, blueprint := example(tb, "minimal")
	claim.Spec.Service, claim.Spec.Environment = "checkout", "prod"
	swell(&claim.Spec, n)
	return claim, blueprint
}

// TestHostile holds that a claim of a megabyte is refused, by words that fit into a
// status and say what is too much, and that twice as much costs about twice the work.
// The work is counted in allocations: a clock would measure the machine.
func TestHostile(t *testing.T) {
	const (
		n       = 10_000   // A megabyte of texts, or as many items.
		words   = 64 << 10 // Of a status that has room for all else.
		twofold = 2.5
	)
	for name, swell := range hostile() {
		t.Run(name, func(t *testing.T) {
			claim, blueprint := swollen(t, swell, n)
			_, err := Run(claim, blueprint, today)
			refused := &RefusedError{}
			if !errors.As(err, &refused) {
				t.Fatalf("it is refused, got %v", err)
			}
			said := strings.Join(refused.Mistakes, "; ")
			if !strings.Contains(said, "Too") && !strings.Contains(said, "at most") {
				t.Errorf("it says that it is too much, got %.300s", said)
			}
			if len(said) > words {
				t.Errorf("a refusal has at most %d letters, got %d", words, len(said))
			}
			if ratio := allocations(t, swell, n/5) / allocations(t, swell, n/10); ratio > twofold {
				t.Errorf("twice as much takes at most %.1f times the work, got %.1f", twofold, ratio)
			}
		})
	}
}

// allocations of a rehearsal.
func allocations(t *testing.T, swell func(*v1alpha1.ServiceEnvironmentSpec, int), n int) float64 {
	t.Helper()
	claim, blueprint := swollen(t, swell, n)
	return testing.AllocsPerRun(1, func() { _, _ = Run(claim, blueprint, today) })
}

// largest is the most that a claim may ask for, or a part of it.
func largest(s *v1alpha1.ServiceEnvironmentSpec, percent int) {
	of := func(most int) int { return most * percent / 100 }
	for what, most := range map[string]int{"Members": 500, "Routes": 50, "Tags": 20, "Indices": 20, "Peers": 50} {
		hostile()[what](s, of(most))
	}
	for i := range s.Routes {
		s.Routes = append(s.Routes, s.Routes[i])
		s.Routes[len(s.Routes)-1].Path = "/second"
	}
}

// TestLargest holds that the most that a claim may ask for becomes an environment, and
// that its work grows with it, and no faster.
func TestLargest(t *testing.T) {
	claim, blueprint := swollen(t, largest, 100)
	r, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	if routes, members := len(claim.Spec.Routes), len(claim.Spec.Access.Members); routes != 100 || members != 500 || len(r.Resources) < 250 {
		t.Errorf("100 routes and 500 members become all their resources, got %d, %d and %d resources", routes, members, len(r.Resources))
	}
	if ratio := allocations(t, largest, 100) / allocations(t, largest, 50); ratio > 2.5 {
		t.Errorf("twice as much takes at most 2.5 times the work, got %.1f", ratio)
	}
}

// TestNoLabelByTag holds that no tag becomes another label than one of its own.
func TestNoLabelByTag(t *testing.T) {
	claim, blueprint := example(t, "minimal")
	plain, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	claim.Spec.Tags = map[string]v1alpha1.TagValue{"team": "other", "plumbline.dev_team": "other", "app.kubernetes.io": "other", "plumbline.dev": "x"}
	tagged, err := Run(claim, blueprint, today)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range tagged.Resources {
		labels, _ := r.Object["metadata"].(map[string]any)["labels"].(map[string]any)
		before, _ := plain.Resources[i].Object["metadata"].(map[string]any)["labels"].(map[string]any)
		for key, value := range labels {
			if before[key] != value && !strings.HasPrefix(key, "tags.plumbline.dev/") {
				t.Errorf("%s: a tag set label %s=%v", r.Part, key, value)
			}
		}
	}
}
