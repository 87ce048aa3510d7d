package controlplane

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/crossplane/crossplane-runtime/v2/pkg/errors"
	"github.com/google/go-cmp/cmp"
)

// TestMain lets this test binary play the programs that the tests supervise.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY") {
	case "steady":
		fmt.Println("serving")
		select {}
	case "dying":
		fmt.Println("listen tcp: address already in use")
		os.Exit(3)
	default:
		os.Exit(m.Run())
	}
}

func play(name, part string) Program {
	return Program{Name: name, Path: os.Args[0], Env: []string{"PLAY=" + part}}
}

func TestSupervisor(t *testing.T) {
	t.Run("SaysWhichProgramDiedAndWhy", func(t *testing.T) {
		s := newSupervisor(t.TempDir())
		defer s.stopAll()
		if err := s.start(t.Context(), play("steady", "steady")); err != nil {
			t.Fatal(err)
		}
		dying := play("dying", "dying")
		dying.Ready = func(context.Context) error { return errors.New("not yet") }
		err := s.start(t.Context(), dying)
		if err == nil {
			t.Fatal("the death of a program ends the wait for its readiness")
		}
		for _, want := range []string{"dying died", "exit status 3", "address already in use"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error of a program that died contains %q, got: %v", want, err)
			}
		}
	})

	t.Run("StopsEveryProgram", func(t *testing.T) {
		s := newSupervisor(t.TempDir())
		for _, name := range []string{"one", "two"} {
			if err := s.start(t.Context(), play(name, "steady")); err != nil {
				t.Fatal(err)
			}
		}
		pids := s.pids()
		s.stopAll()
		for name, pid := range pids {
			if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
				t.Errorf("%s runs on after stopAll: %v", name, err)
			}
		}
		select {
		case err := <-s.died:
			t.Errorf("a program that was stopped has not died, got: %v", err)
		default:
		}
	})

	t.Run("KillsOneAndGoesOn", func(t *testing.T) {
		s := newSupervisor(t.TempDir())
		defer s.stopAll()
		for _, name := range []string{"one", "two"} {
			if err := s.start(t.Context(), play(name, "steady")); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.kill("one"); err != nil {
			t.Fatal(err)
		}
		if _, running := s.pids()["two"]; !running {
			t.Error("killing one program leaves the others running")
		}
		if err := s.kill("one"); err == nil {
			t.Error("a program that does not run cannot be killed")
		}
	})

	t.Run("RestartsOneInItsPlace", func(t *testing.T) {
		s := newSupervisor(t.TempDir())
		defer s.stopAll()
		names := []string{"one", "two"}
		for _, name := range names {
			if err := s.start(t.Context(), play(name, "steady")); err != nil {
				t.Fatal(err)
			}
		}
		before := s.pids()
		if err := s.restart(t.Context(), "one"); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range s.running {
			got = append(got, p.Name)
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("what depends on a program that was restarted still stops before it: -want, +got:\n%s", diff)
		}
		if after := s.pids(); after["one"] == before["one"] || after["two"] != before["two"] {
			t.Errorf("one is another process, and two is not: %v became %v", before, after)
		}
		if err := syscall.Kill(before["one"], 0); !errors.Is(err, syscall.ESRCH) {
			t.Errorf("the process of before is gone: %v", err)
		}
		if err := s.restart(t.Context(), "three"); err == nil {
			t.Error("a program that does not run cannot be restarted")
		}
	})

	t.Run("EndsWaitingWithTheLastAnswer", func(t *testing.T) {
		s := newSupervisor(t.TempDir())
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		err := s.poll(ctx, func(context.Context) error { return errors.New("still closed") })
		if err == nil || !strings.Contains(err.Error(), "still closed") {
			t.Errorf("a wait that times out says what it last heard, got: %v", err)
		}
	})
}

func TestAuthority(t *testing.T) {
	ca, err := newAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.server("server")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := writeTLS(dir, pair, ca.pem); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("nobody else may read a private key, its mode is %v", info.Mode())
	}
}
