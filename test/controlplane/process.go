package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
)

// A Program is a child process of the control plane.
type Program struct {
	// Name as shown to people, and the name of its log file.
	Name string
	Path string
	Args []string
	// Dir is the folder that it runs in; left out, it is the supervisor's.
	Dir string
	// Env is added to the supervisor's own environment, as KEY=value.
	Env []string
	// Ready returns nil once the program serves. It is polled, and may be nil.
	Ready func(ctx context.Context) error
}

const (
	// stopGrace is how long a program may take to stop before it is killed.
	stopGrace = 10 * time.Second
	// readyTimeout is generous: a loaded machine may need a minute to start
	// kube-apiserver, and a program that dies is noticed at once anyway.
	readyTimeout = 3 * time.Minute
	pollInterval = 50 * time.Millisecond
	// lastLogLines are shown of a program that died.
	lastLogLines = 20
)

// A supervisor starts programs, notices when one dies, and stops them in the
// reverse order of their start.
type supervisor struct {
	logs string
	died chan error

	mu      sync.Mutex
	running []*process
}

type process struct {
	Program

	cmd    *exec.Cmd
	done   chan struct{} // Closed once the process has ended.
	wanted bool          // Whether the supervisor ended it.
}

func newSupervisor(logs string) *supervisor {
	return &supervisor{logs: logs, died: make(chan error, 1)}
}

// start starts a program and waits until it is ready.
func (s *supervisor) start(ctx context.Context, p Program) error {
	proc, err := s.launch(p)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.running = append(s.running, proc)
	s.mu.Unlock()
	go s.watch(proc)
	return s.waitReady(ctx, proc)
}

// launch starts a program that nobody watches yet.
func (s *supervisor) launch(p Program) (*process, error) {
	log, err := os.OpenFile(s.log(p.Name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, errors.Wrapf(err, "cannot open log of %s", p.Name)
	}
	defer log.Close()                      //nolint:errcheck // The child holds its own descriptor.
	cmd := exec.Command(p.Path, p.Args...) //nolint:gosec,noctx // Its arguments are ours; stop, not a context, ends it.
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = childAttributes()
	if err := spawn(cmd); err != nil {
		return nil, errors.Wrapf(err, "cannot start %s", p.Name)
	}
	return &process{Program: p, cmd: cmd, done: make(chan struct{})}, nil
}

// watch reports a process that ends before the supervisor ends it.
func (s *supervisor) watch(p *process) {
	err := p.cmd.Wait()
	close(p.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.wanted {
		return
	}
	select {
	case s.died <- errors.Errorf("%s died (%s); the end of its log:\n%s", p.Name, exitOf(err), s.tail(p.Name)):
	default: // Another program died first, and its death is the cause to show.
	}
}

func exitOf(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func (s *supervisor) waitReady(ctx context.Context, p *process) error {
	if p.Ready == nil {
		return nil
	}
	return errors.Wrapf(s.poll(ctx, p.Ready), "%s is not ready", p.Name)
}

// poll calls check until it succeeds, a program dies, or time is up. The error
// holds the last answer of check.
func (s *supervisor) poll(ctx context.Context, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	var missing error
	for {
		err := check(ctx)
		var final permanentError
		if err == nil || errors.As(err, &final) {
			return final.cause
		}
		if ctx.Err() == nil || missing == nil {
			missing = err // And not that the time for asking was up.
		}
		select {
		case died := <-s.died:
			s.died <- died // Others wait for this news as well.
			return died
		case <-ctx.Done():
			return errors.Wrapf(missing, "%s", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// A permanentError ends a poll: trying again would not help.
type permanentError struct{ cause error }

func (e permanentError) Error() string { return e.cause.Error() }

func permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{cause: err}
}

// kill ends a program as a power failure would, and waits until it is gone.
func (s *supervisor) kill(name string) error {
	p := s.take(name)
	if p == nil {
		return errors.Errorf("cannot kill %s: it is not running", name)
	}
	_ = p.cmd.Process.Kill()
	<-p.done
	return nil
}

// restart ends a program as a power failure would, and starts it again in its place, so
// that what depends on it is still stopped before it.
func (s *supervisor) restart(ctx context.Context, name string) error {
	s.mu.Lock()
	i := slices.IndexFunc(s.running, func(p *process) bool { return p.Name == name })
	if i < 0 {
		s.mu.Unlock()
		return errors.Errorf("cannot restart %s: it is not running", name)
	}
	old := s.running[i]
	old.wanted = true
	s.mu.Unlock()
	_ = old.cmd.Process.Kill()
	<-old.done
	proc, err := s.launch(old.Program)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.running[slices.Index(s.running, old)] = proc
	s.mu.Unlock()
	go s.watch(proc)
	return s.waitReady(ctx, proc)
}

// take removes a process from those that are meant to run.
func (s *supervisor) take(name string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, p := range s.running {
		if p.Name == name {
			p.wanted = true
			s.running = append(s.running[:i], s.running[i+1:]...)
			return p
		}
	}
	return nil
}

// stopAll stops the programs in the reverse order of their start, so that none
// outlives what it depends on.
func (s *supervisor) stopAll() {
	for {
		s.mu.Lock()
		var p *process
		if n := len(s.running); n > 0 {
			p = s.running[n-1]
			p.wanted = true
			s.running = s.running[:n-1]
		}
		s.mu.Unlock()
		if p == nil {
			return
		}
		stop(p)
	}
}

func stop(p *process) {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(stopGrace):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// pids returns the process id of each running program by its name.
func (s *supervisor) pids() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[string]int, len(s.running))
	for _, p := range s.running {
		out[p.Name] = p.cmd.Process.Pid
	}
	return out
}

func (s *supervisor) log(name string) string { return filepath.Join(s.logs, name+".log") }

func (s *supervisor) tail(name string) string {
	b, err := os.ReadFile(s.log(name))
	if err != nil {
		return fmt.Sprintf("  (cannot read its log: %s)", err)
	}
	lines := strings.Split(string(bytes.TrimSpace(b)), "\n")
	lines = lines[max(0, len(lines)-lastLogLines):]
	return "  " + strings.Join(lines, "\n  ")
}

// spawn starts a command from a thread that lives as long as this process:
// Linux signals a child when the thread that started it ends, not the process.
func spawn(cmd *exec.Cmd) error {
	spawner.Do(func() {
		go func() {
			runtime.LockOSThread()
			for start := range spawns {
				start()
			}
		}()
	})
	result := make(chan error)
	spawns <- func() { result <- cmd.Start() }
	return <-result
}

//nolint:gochecknoglobals // One thread starts the children of all control planes.
var (
	spawner sync.Once
	spawns  = make(chan func())
)
