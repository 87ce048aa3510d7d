package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// demoName is the name of a control plane to which nobody gave one.
const demoName = "demo"

// A place is where a control plane of some name keeps its files.
type place struct{ root, name string }

// dir holds the data of the control plane itself, which it makes anew.
func (p place) dir() string { return filepath.Join(p.root, ".cache", "controlplane", p.name) }

// stop is the command that stops the control plane.
func (p place) stop() string {
	if p.name == demoName {
		return "make demo-down"
	}
	return "make demo-down NAME=" + p.name
}

// ready exists while the control plane is up.
func (p place) ready() string { return filepath.Join(p.dir(), "ready") }

func (p place) kubeconfig() string { return filepath.Join(p.dir(), "kubeconfig") }

// log and pid are of the process that runs the control plane.
func (p place) log() string { return p.dir() + ".log" }
func (p place) pid() string { return p.dir() + ".pid" }

// process returns the process that runs the control plane, or nil.
func (p place) process() (*os.Process, error) {
	b, err := os.ReadFile(p.pid())
	if os.IsNotExist(err) {
		return nil, nil //nolint:nilnil // That none runs is no error.
	}
	if err != nil {
		return nil, errors.Wrap(err, "cannot read process id")
	}
	id, err := strconv.Atoi(string(bytes.TrimSpace(b)))
	if err != nil {
		return nil, errors.Wrapf(err, "cannot parse %q", p.pid())
	}
	process, err := os.FindProcess(id)
	if err != nil || process.Signal(syscall.Signal(0)) != nil {
		return nil, nil //nolint:nilerr,nilnil // It ended without removing its file.
	}
	return process, nil
}
