package main

import (
	"encoding/json"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/test/company"
)

// facts are what a running control plane tells other processes of itself.
type facts struct {
	PIDs     map[string]int    `json:"pids"`
	Metrics  map[string]string `json:"metrics"`
	AuditLog string            `json:"auditLog"`

	Without []string           `json:"without,omitempty"` // Neighbours that were left out.
	Company *company.Addresses `json:"company,omitempty"` // Nil: nothing runs around it.
}

// writeFacts says that the control plane is up: the file exists while it is.
func writeFacts(p place, f facts) error {
	b, err := json.Marshal(f)
	if err != nil {
		return errors.Wrap(err, "cannot encode facts")
	}
	// Renamed into place, so that nobody reads half of it.
	partial := p.ready() + ".partial"
	if err := os.WriteFile(partial, b, 0o600); err != nil {
		return errors.Wrap(err, "cannot write facts")
	}
	return errors.Wrap(os.Rename(partial, p.ready()), "cannot say that the control plane is ready")
}

func readFacts(p place) (facts, error) {
	f := facts{}
	b, err := os.ReadFile(p.ready())
	if err != nil {
		return f, errors.Wrapf(err, "control plane %q is not running", p.name)
	}
	return f, errors.Wrap(json.Unmarshal(b, &f), "cannot decode facts")
}
