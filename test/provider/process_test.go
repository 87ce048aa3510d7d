package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// A process of the provider.
type process struct {
	cmd *exec.Cmd
	log string
}

// startProvider starts the provider and waits until it serves. It ends with the
// test, and shows the end of its log if the test failed.
func startProvider(t *testing.T, args ...string) *process {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // It returns at once.
	if err != nil {
		t.Fatal(err)
	}
	health := l.Addr().String()
	_ = l.Close()

	p := &process{log: filepath.Join(t.TempDir(), "provider.log")}
	log, err := os.Create(p.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()             //nolint:errcheck // The child holds its own descriptor.
	p.cmd = exec.Command(program, //nolint:gosec,noctx // Its arguments are ours; kill, not a context, ends it.
		append([]string{"--debug", "--poll-interval=1s", "--metrics-address=", "--health-address=" + health}, args...)...)
	p.cmd.Env = append(os.Environ(), "KUBECONFIG="+plane.Kubeconfig())
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.kill()
		b, err := os.ReadFile(p.log)
		for where, told := range map[string]string{"the log": string(b), "an event": allEvents(t)} {
			for _, s := range []string{clientSecret, clusterPassword} {
				if err != nil || strings.Contains(told, s) {
					t.Errorf("\nNo secret is in %s.\n%v", where, err)
				}
			}
		}
		if t.Failed() {
			t.Logf("the end of the provider's log:\n%s", p.tail())
		}
	})
	eventually(t, "The provider serves its health.", func() error {
		rsp, err := http.Get("http://" + health + "/readyz") //nolint:noctx // It is a probe.
		if err != nil {
			return err
		}
		defer rsp.Body.Close() //nolint:errcheck // Nothing is read.
		if rsp.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", rsp.StatusCode)
		}
		return nil
	})
	return p
}

// allEvents returns what was sent to anybody.
func allEvents(t *testing.T) string {
	t.Helper()
	list := &corev1.EventList{}
	if err := kube.List(context.Background(), list); err != nil {
		t.Error(err)
	}
	b, err := json.Marshal(list)
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// kill ends the provider as a power failure would. Killing twice is once.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

func (p *process) tail() []byte {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.Split(b, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-40):], []byte("\n"))
}

// patience is longer than anything takes that succeeds.
const patience = 40 * time.Second

// eventually fails the test unless check succeeds in time.
func eventually(t *testing.T, reason string, check func() error) {
	t.Helper()
	within(t, patience, reason, check)
}

// within is eventually, for what takes its own time.
func within(t *testing.T, patience time.Duration, reason string, check func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("\n%s\nNot after %s: %v", reason, patience, err)
		}
		time.Sleep(50 * time.Millisecond) //nolint:forbidigo // That nothing happens has no event to wait for.
	}
}
