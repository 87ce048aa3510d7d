package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"

	"github.com/plumbline-dev/plumbline/test/controlplane"
)

const (
	followInterval = 100 * time.Millisecond
	// stopDeadline allows for a dozen programs that each take their grace.
	stopDeadline = 2 * time.Minute
)

// up builds the programs and starts a control plane that outlives this process.
// Interrupting it stops the control plane again.
func up(ctx context.Context, p place, a around, report controlplane.Reporter) error {
	running, err := p.process()
	if err != nil {
		return err
	}
	if running != nil {
		return errors.Errorf("control plane %q runs already; stop it with %s, or choose another --name", p.name, p.stop())
	}
	if err := controlplane.Build(ctx, p.root, report); err != nil {
		return err
	}
	cmd, log, err := detach(p, a)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // It is only read.
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return follow(ctx, p, cmd.Process, log, ended)
}

// detach starts this program anew in a session of its own, so that neither the
// terminal's Ctrl-C nor the end of this process reaches it.
func detach(p place, a around) (*exec.Cmd, *os.File, error) {
	if err := os.MkdirAll(filepath.Dir(p.log()), 0o755); err != nil { //nolint:gosec // Nothing in it is secret.
		return nil, nil, errors.Wrap(err, "cannot make folder")
	}
	_ = os.Remove(p.ready())
	log, err := os.Create(p.log())
	if err != nil {
		return nil, nil, errors.Wrap(err, "cannot create log")
	}
	defer log.Close() //nolint:errcheck // The child holds its own descriptor.
	self, err := os.Executable()
	if err != nil {
		return nil, nil, errors.Wrap(err, "cannot find this program")
	}
	args := []string{"serve", "--root", p.root, "--name", p.name, fmt.Sprintf("--backstage=%t", a.Backstage), fmt.Sprintf("--as-shipped=%t", a.AsShipped)}
	for _, neighbour := range a.Without {
		args = append(args, "--without", neighbour)
	}
	cmd := exec.Command(self, args...) //nolint:gosec,noctx // It outlives this process.
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Wrap(err, "cannot start control plane")
	}
	if err := os.WriteFile(p.pid(), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600); err != nil {
		return nil, nil, errors.Wrap(err, "cannot record process id")
	}
	reader, err := os.Open(p.log())
	return cmd, reader, errors.Wrap(err, "cannot read log")
}

// follow shows what the control plane reports until it is up.
func follow(ctx context.Context, p place, process *os.Process, log io.Reader, ended <-chan error) error {
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for {
		if _, err := io.Copy(os.Stdout, log); err != nil {
			return errors.Wrap(err, "cannot follow log")
		}
		select {
		case <-ctx.Done():
			fmt.Println("Stopping the control plane.")
			_ = process.Signal(syscall.SIGTERM)
			<-ended
			return errors.New("interrupted; nothing is left running")
		case err := <-ended:
			_, _ = io.Copy(os.Stdout, log)
			return errors.Wrap(err, "the control plane did not start")
		case <-tick.C:
		}
		if _, err := os.Stat(p.ready()); err == nil {
			_, _ = io.Copy(os.Stdout, log)
			return nil
		}
	}
}

// down stops a control plane and waits until its last program has ended.
func down(p place) error {
	process, err := p.process()
	if err != nil {
		return err
	}
	if process == nil {
		fmt.Printf("No control plane %q is running.\n", p.name)
		return nil
	}
	if err := process.Signal(syscall.SIGTERM); err != nil {
		return errors.Wrap(err, "cannot stop control plane")
	}
	deadline := time.After(stopDeadline)
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for process.Signal(syscall.Signal(0)) == nil {
		select {
		case <-deadline:
			return errors.Errorf("process %d did not stop; its log is %s", process.Pid, p.log())
		case <-tick.C:
		}
	}
	fmt.Printf("Control plane %q has stopped.\n", p.name)
	return errors.Wrap(os.Remove(p.pid()), "cannot remove record of process id")
}
