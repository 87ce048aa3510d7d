package scale

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// Results are what a run has found out so far. They are kept in a file, so that a run
// that was interrupted goes on where it stopped.
type Results struct {
	Claims      int                 `json:"claims"`
	Began       time.Time           `json:"began"`
	Planes      map[string]string   `json:"planes"` // The identity of each control plane.
	Floor       Crowd               `json:"floor"`
	Crowd       Crowd               `json:"crowd"`
	Singles     map[string][]Wave   `json:"singles,omitempty"` // By example.
	Heals       []Heal              `json:"heals,omitempty"`
	Change      *Change             `json:"change,omitempty"`
	Steady      *Steady             `json:"steady,omitempty"`
	Simulations []Simulation        `json:"simulations,omitempty"`
	Done        map[string]bool     `json:"done"`
	Errors      map[string]string   `json:"errors"` // By stage.
	Load        map[string][]string `json:"load"`   // The machine's load average before and after each stage.

	file string
}

// A Crowd is many claims.
type Crowd struct {
	Waves  []Wave            `json:"waves"`
	Memory map[string]Memory `json:"memory"` // After the last.
	Stored int               `json:"stored"` // What etcd holds then, in bytes.
}

// claims that were committed in waves that are over.
func (c Crowd) claims() int {
	n := 0
	for _, w := range c.Waves {
		n += w.Claims
	}
	return n
}

// first are its first waves.
func (c Crowd) first(n int) Crowd { return Crowd{Waves: c.Waves[:min(n, len(c.Waves))]} }

func (c Crowd) took() time.Duration {
	var d time.Duration
	for _, w := range c.Waves {
		d += w.Took
	}
	return d
}

func (c Crowd) counts() Counts {
	all := Counts{}
	for _, w := range c.Waves {
		all = all.plus(w.Counts)
	}
	return all
}

// Open reads the results of a file, or begins new ones where there are none, or those
// of another number of claims.
func Open(file string, claims int) (*Results, error) {
	fresh := &Results{
		Claims: claims, Began: time.Now().UTC(), Planes: map[string]string{}, Singles: map[string][]Wave{},
		Done: map[string]bool{}, Errors: map[string]string{}, Load: map[string][]string{}, file: file,
	}
	b, err := os.ReadFile(file) //nolint:gosec // Named by whoever measures.
	if os.IsNotExist(err) {
		return fresh, nil
	}
	if err != nil {
		return nil, errors.Wrap(err, "cannot read results")
	}
	r := &Results{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, errors.Wrapf(err, "cannot parse results in %q; remove it to begin anew", file)
	}
	if r.Claims != claims {
		return fresh, nil
	}
	r.file = file
	return r, nil
}

// save keeps the results. They are renamed into place, so that no interruption leaves
// half of them.
func (r *Results) save() error {
	b, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return errors.Wrap(err, "cannot encode results")
	}
	if err := os.MkdirAll(filepath.Dir(r.file), 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return errors.Wrap(err, "cannot make folder")
	}
	partial := r.file + ".partial"
	if err := os.WriteFile(partial, b, 0o600); err != nil {
		return errors.Wrap(err, "cannot write results")
	}
	return errors.Wrap(os.Rename(partial, r.file), "cannot keep results")
}

// forget drops what was measured on a control plane that is there no more, and reports
// whether there was anything.
func (r *Results) forget(stages []stage, plane string) bool {
	forgot := false
	for _, s := range stages {
		if s.plane == plane {
			forgot = forgot || r.Done[s.name]
			delete(r.Done, s.name)
			s.clear(r)
		}
	}
	return forgot
}
