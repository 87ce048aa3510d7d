package scale

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// A Simulation is what a program costs that reads the claims of a folder.
type Simulation struct {
	Command string        `json:"command"`
	Claims  int           `json:"claims"`
	Took    time.Duration `json:"took"`
	CPU     time.Duration `json:"cpu"`
	Peak    int           `json:"peak"` // Of resident memory, in kB.
	Says    string        `json:"says"`
}

// simulate runs what needs no control plane over folders of more claims than one
// control plane holds: those who look after names do so over all of them.
func (r *run) simulate(ctx context.Context) error {
	program := filepath.Join(r.Dir, "plumbline")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/plumbline") //nolint:gosec // Our own program.
	build.Dir = r.Root
	if out, err := build.CombinedOutput(); err != nil {
		return errors.Wrapf(err, "cannot build plumbline: %s", out)
	}
	r.Results.Simulations = nil
	for _, claims := range r.Folders {
		if err := r.simulateFolder(ctx, program, claims); err != nil {
			return errors.Wrapf(err, "cannot simulate %d claims", claims)
		}
	}
	return nil
}

func (r *run) simulateFolder(ctx context.Context, program string, claims int) error {
	dir := filepath.Join(r.Dir, fmt.Sprintf("claims-%d", claims))
	defer os.RemoveAll(dir) //nolint:errcheck // A folder that stays does no harm.
	if err := r.writeFolder(dir, claims); err != nil {
		return err
	}
	blueprint := filepath.Join(r.Root, "examples", "blueprint.yaml")
	for _, command := range [][]string{
		{"validate", dir, "--blueprint", blueprint},
		{"catalog", dir, "--blueprint", blueprint, "-o", "json"},
	} {
		s, err := cost(exec.CommandContext(ctx, program, command...)) //nolint:gosec // Our own program.
		if err != nil {
			return errors.Wrapf(err, "cannot %s", command[0])
		}
		s.Command, s.Claims = "plumbline "+command[0], claims
		r.Results.Simulations = append(r.Results.Simulations, s)
		r.say("plumbline %s of %d claims: %v, %v of CPU, %d MB at most: %s", command[0], claims,
			s.Took.Round(time.Millisecond), s.CPU.Round(time.Millisecond), s.Peak>>10, s.Says)
	}
	return nil
}

// writeFolder writes each claim as a file in the folder of its team, and beside them one
// that wants what another has, which validate must find.
func (r *run) writeFolder(dir string, claims int) error {
	for number := range claims {
		file := filepath.Join(dir, fmt.Sprintf("team-%02d", number%teams), fmt.Sprintf("%06d.yaml", number))
		if err := write(file, r.mix.Text(number)); err != nil {
			return err
		}
	}
	clash := strings.NewReplacer("team-00", "team-clash", "name: svc", "name: also-svc").Replace(r.mix.Text(0))
	return write(filepath.Join(dir, "team-clash", "clash.yaml"), clash)
}

func write(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return errors.Wrap(err, "cannot make folder")
	}
	return errors.Wrap(os.WriteFile(file, []byte(text), 0o600), "cannot write claim")
}

// cost runs a program and returns what it took. That it finds mistakes is what it is
// for.
func cost(cmd *exec.Cmd) (Simulation, error) {
	out, complaints := &bytes.Buffer{}, &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, complaints
	began := time.Now()
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		return Simulation{}, err
	}
	s := Simulation{Took: time.Since(began), CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.Peak = int(usage.Maxrss)
	}
	s.Says = strings.TrimSpace(complaints.String())
	if s.Says == "" {
		s.Says = fmt.Sprintf("%d kB", out.Len()>>10)
	}
	return s, nil
}
